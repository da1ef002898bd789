"""What a .dockerignore keeps out of the build context."""

import re
from pathlib import Path


def context_files(context: Path, dockerfile: Path) -> list[Path]:
    """Every file that a build may see, relative to its context.

    The Dockerfile's own list, beside it, goes before the one of the context.
    """
    own = dockerfile.with_name(dockerfile.name + ".dockerignore")
    listed = own if own.exists() else context / ".dockerignore"
    rules = _rules(listed.read_text()) if listed.exists() else []
    found = (path.relative_to(context) for path in context.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path for path in found if not is_ignored(path, rules))


def is_ignored(path: Path, rules: list[tuple[bool, re.Pattern[str]]]) -> bool:
    """Whether the last rule that says something about a path, or about a folder above it, leaves it out."""
    ignored = False
    above = [path, *path.parents][:-1]
    for leaves_out, pattern in rules:
        if any(pattern.fullmatch(part.as_posix()) for part in above):
            ignored = leaves_out
    return ignored


def _rules(text: str) -> list[tuple[bool, re.Pattern[str]]]:
    lines = [line.strip() for line in text.splitlines()]
    return [
        (not line.startswith("!"), re.compile(_expression(line.lstrip("!").strip("/"))))
        for line in lines
        if line and not line.startswith("#")
    ]


def _expression(pattern: str) -> str:
    """A pattern of Go's filepath.Match, with ** for any number of folders."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meant = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meant.get(part, re.escape(part)) for part in parts)
