"""What the doctor found in an artifact."""

import re
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """Whether it will load here."""

    LOADS = "loads"
    """Nothing speaks against it."""
    MAY_FAIL = "may-fail"
    """It was made with another version than the one here, and nobody promises that this works."""
    FAILS = "fails"
    """It cannot load here."""


class Severity(StrEnum):
    """How bad a danger is."""

    CODE = "code"
    """It does what no model has to do, such as starting a program."""
    FOREIGN = "foreign"
    """It runs code that is not the framework's own: trust whoever wrote that."""
    UNSEEN = "unseen"
    """Part of it could not be looked at."""


class Danger(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the artifact that loading it would run or reach: what, where, and why that matters."""

    what: str
    where: str
    why: str
    severity: Severity


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the artifact needs, by its name for pip; None where a version is not known, or not installed."""

    name: str
    made_with: str | None = None
    installed: str | None = None


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One input or output; -1 is a dimension of any size."""

    name: str = ""
    dtype: str | None = None
    shape: tuple[int, ...] | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why it does not load, or may not: one sentence, and the packages whose installation would mend it."""

    text: str
    install: tuple[str, ...] = ()
    verdict: Verdict = Verdict.FAILS


class Report(msgspec.Struct, kw_only=True):
    """What an artifact is and needs, what is here, and what speaks against loading it.

    ``format`` follows "it is" in a sentence. ``server`` is the implementation that serves it, empty when none does.
    ``python`` is the newest Python that has what it needs, None when any does.
    """

    path: str
    format: str
    framework: str = ""
    server: str = ""
    model: str = ""
    packages: list[Package] = []
    inputs: list[Field] = []
    outputs: list[Field] = []
    details: dict[str, str] = {}
    problems: list[Problem] = []
    dangers: list[Danger] = []
    python: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst that a problem says."""
        said = {problem.verdict for problem in self.problems}
        return next((one for one in (Verdict.FAILS, Verdict.MAY_FAIL) if one in said), Verdict.LOADS)

    @property
    def requirements(self) -> tuple[str, ...]:
        """What pip has to install so that it loads, each once."""
        return tuple(dict.fromkeys(one for problem in self.problems for one in problem.install))

    @property
    def is_dangerous(self) -> bool:
        """Whether it does what no model has to do."""
        return any(danger.severity is Severity.CODE for danger in self.dangers)

    def add(self, other: "Report") -> None:
        """Take over what was found in a file of this artifact."""
        self.packages += [one for one in other.packages if one.name not in {mine.name for mine in self.packages}]
        self.problems += other.problems
        self.dangers += other.dangers
        self.inputs = self.inputs or other.inputs
        self.outputs = self.outputs or other.outputs
        self.model = self.model or other.model
        self.python = self.python or other.python


def pip_install(requirements: tuple[str, ...]) -> str:
    """Return the command that installs them, to be copied into a shell."""
    return " ".join(["pip install", *(_quoted(one) for one in requirements)])


def _quoted(requirement: str) -> str:
    return requirement if re.fullmatch(r"[\w.-]+", requirement) else f'"{requirement}"'
