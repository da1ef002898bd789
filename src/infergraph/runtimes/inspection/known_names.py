"""The modules and names that pickles have, sorted by what they are there for."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BY_REASON = {
    "it can start programs": "os posix nt subprocess pty _posixsubprocess platform commands popen2",
    "it can read, write or remove files": "shutil tempfile glob io _io fileinput zipfile tarfile mmap linecache",
    "it can reach the network": """
        socket _socket ssl http urllib requests httpx aiohttp ftplib smtplib telnetlib webbrowser xmlrpc urllib3
    """,
    "it can run any code": """
        sys importlib imp runpy code codeop pkgutil marshal pickle _pickle shelve dill ctypes _ctypes cffi bdb pdb
        cProfile profile timeit pydoc pip setuptools builtins __builtin__ asyncio multiprocessing
    """,
}
NEEDLESS: dict[str, str] = {module: reason for reason, names in _BY_REASON.items() for module in names.split()}
"""Modules that no model needs, and what they would be there for."""

_BUILTINS = _words("""
    set frozenset slice complex bytearray object dict list tuple int float str bytes bool range xrange long unicode
    print len sum min max abs round sorted reversed Ellipsis NotImplemented type super property zip enumerate any all
    Exception ValueError TypeError KeyError IndexError RuntimeError
""")
HARMLESS = frozenset(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in _BUILTINS) | _words("""
    io.BytesIO _io.BytesIO io.StringIO _io.StringIO threading.RLock threading.Lock _thread.RLock _thread.lock
    inspect.Signature inspect.Parameter inspect._ParameterKind
""")
"""What models do take from modules like these."""

_ANY_ATTRIBUTE, _ANY_METHOD = "it can reach any attribute", "it can call any method"
_FUNCTION = "a function of somebody's own travels inside"
SELDOM: dict[str, str] = {
    "builtins.getattr": _ANY_ATTRIBUTE,
    "__builtin__.getattr": _ANY_ATTRIBUTE,
    "operator.attrgetter": _ANY_ATTRIBUTE,
    "_operator.attrgetter": _ANY_ATTRIBUTE,
    "operator.methodcaller": _ANY_METHOD,
    "_operator.methodcaller": _ANY_METHOD,
    "types.FunctionType": _FUNCTION,
    "types.CodeType": _FUNCTION,
    "types.LambdaType": _FUNCTION,
}
"""Names that some models have, and that make others dangerous."""

LOADERS = _words("""
    load loads read_pickle eval exec execfile runstring system popen open compile run import_module __import__ fromfile
    save savetxt loadtxt genfromtxt query to_pickle load_workspace call check_output
""")
"""Functions of frameworks that read files or run texts."""

LOADER_MODULES = _words("f2py distutils hub")

PLAIN = _words("""
    copyreg copy_reg _codecs collections datetime decimal fractions functools _functools itertools math re _sre enum
    uuid pathlib types operator _operator random _random string typing abc _abc numbers zoneinfo dataclasses weakref
    ipaddress statistics time array logging copy hashlib _hashlib struct _struct textwrap calendar heapq bisect cmath
    _weakrefset
""")
"""Parts of Python that hold values, or only compute."""

FRAMEWORKS = _words("""
    sklearn numpy scipy joblib pandas xgboost lightgbm catboost torch torchvision tensorflow keras transformers
    tokenizers onnxruntime skops threadpoolctl _catboost pyarrow mlflow polars imblearn sentence_transformers pytz
    dateutil
""")

CYTHON = _words("_loss")
"""scikit-learn's compiled modules that name their classes by the module's last part only."""
