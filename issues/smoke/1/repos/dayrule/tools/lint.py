"""Check the Python files of this repository: layout and unused imports.

Usage: python3 tools/lint.py

Prints one line per finding and exits with 1 if there are any.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED_FOLDERS = ("dayrule", "tests", "tools")
MAX_LINE_LENGTH = 88


def check_layout(text: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_LENGTH:
            yield number, f"line has {len(line)} characters, at most {MAX_LINE_LENGTH}"
        if line != line.rstrip():
            yield number, "trailing whitespace"
        if "\t" in line:
            yield number, "tab character"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end of the file"


def check_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    imported: dict[str, int] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                # "import a.b" binds only "a".
                name = alias.asname or alias.name.partition(".")[0]
                imported.setdefault(name, node.lineno)
        elif isinstance(node, ast.Name):
            used.add(node.id)
    used |= exported_names(tree)
    for name, line in imported.items():
        if name not in used:
            yield line, f"{name} is imported but not used"


def exported_names(tree: ast.Module) -> set[str]:
    """The names in __all__: a package's __init__ imports them only to export them."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__"
            for target in node.targets
        ):
            return set(ast.literal_eval(node.value))
    return set()


def check_file(path: Path) -> list[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [(error.lineno or 1, f"syntax error: {error.msg}")]
    return sorted([*check_layout(text), *check_imports(tree)])


def main() -> int:
    findings = 0
    for folder in CHECKED_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, message in check_file(path):
                print(f"{path.relative_to(ROOT)}:{line}: {message}")
                findings += 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
