"""What goes into a build context."""

from pathlib import Path

from tests.containers.conftest import COMPONENT, SERVER
from tests.containers.ignored import context_files
from tests.serving import ROOT


def test_the_server_is_built_of_its_sources_and_nothing_else() -> None:
    files = context_files(ROOT, SERVER)
    assert Path("src/infergraph/cli/main.py") in files
    assert {path.parts[0] for path in files} == {"src", "pyproject.toml", "README.md", "LICENSE", "docker"}
    assert [path for path in files if path.parts[0] == "docker"] == [Path("docker/component/start")]
    assert not [path for path in files if "__pycache__" in path.parts or path.suffix == ".pyc"]


def test_a_component_brings_its_folder_without_what_only_its_author_needs(tmp_path: Path) -> None:
    kept = ["Spam.py", ".s2i/environment", "lib/words.txt"]
    left = [".git/HEAD", ".venv/bin/python", "lib/.venv/x", "lib/__pycache__/a.pyc", ".pytest_cache/v"]
    for name in kept + left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(map(str, context_files(tmp_path, COMPONENT))) == sorted(kept)


def test_the_last_rule_that_fits_decides(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("# all but one\n\n*.txt\n!a?.txt\na2.txt\n/sub/*\n!sub/in\n")
    for name in ("a1.txt", "a2.txt", "b.txt", "c.py", "sub/out", "sub/in/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = context_files(tmp_path, tmp_path / "Dockerfile")
    assert sorted(map(str, files)) == [".dockerignore", "a1.txt", "c.py", "sub/in/x.txt"]
