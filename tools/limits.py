#!/usr/bin/env python3
"""The table of every named limit, for docs/operate/limits.md: read from the code, so that it cannot rot.

    tools/limits.py            writes the table into the page

A limit is a member or constant called `…_max` or `k…Max` in what ships. The page's other tables are written by hand; tools/limits_test.py
looks that they name what the code has.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/operate/limits.md"
BEGIN = "<!-- from here on written by tools/limits.py -->\n"

NOT_SHIPPED = re.compile(r"_(test|bench|fuzz|testing|fixture|conformance)\.|testing|/memory/|/bench_|real_records|faulty_|_bench|journal_testing")
NUMBER = r"(?:std::)?(?:size_t|u?int\d+_t|ptrdiff_t|streamoff)|int|long|double|Millis|auto|(?:std::chrono::)\w+"
LIMIT = re.compile(
    rf"^\s*(?:inline )?(?:static )?(?:constexpr |const )?(?:{NUMBER})\s+(?P<name>\w+_max|k\w+Max)\s*(?:=\s*(?P<value>[^;]*?)|\{{(?P<braced>[^;]*?)\}});"
    r"(?P<comment>[ \t]*//[^\n]*(?:\n {8,}//[^\n]*)*)?",
    re.MULTILINE,
)
UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def limits(text: str) -> list[tuple[str, str, str]]:
    """(name, value, comment) of every limit in a source file."""
    found = []
    for match in LIMIT.finditer(text):
        value = match["value"] if match["value"] is not None else match["braced"]
        comment = " ".join(line.strip().removeprefix("//").strip() for line in (match["comment"] or "").splitlines())
        found.append((match["name"], shown(match["name"], value), comment.strip()))
    return found


def shown(name: str, value: str) -> str:
    """The value as people read it; an expression that is no number as it stands."""
    plain = re.sub(r"\b(\d[\d']*)[uUlL]*\b", lambda m: m[1].replace("'", ""), " ".join(value.split()))
    if not re.fullmatch(r"[\d\s<*+()./-]+", plain):
        return f"`{plain}`"
    number = eval(plain)  # digits and operators, nothing else
    if isinstance(number, float) and not number.is_integer():
        return f"{number:g}"
    for unit, word in UNITS:
        if "ytes" in name and number and number % unit == 0:
            return f"{number // unit} {word}"
    return f"{int(number):,}"


def table(root: Path = ROOT) -> str:
    rows = []
    for path in sorted((root / "src").rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.suffix not in (".h", ".cc") or NOT_SHIPPED.search(relative):
            continue
        for name, value, comment in limits(path.read_text()):
            where = relative.removeprefix("src/")
            rows.append(f"| `{where}` | `{name}` | {value} | {comment.replace('|', '/')} |\n")
    return "| where | limit | value | of what |\n|---|---|---|---|\n" + "".join(rows)


def page(text: str) -> str:
    """The page with a fresh table."""
    return text.split(BEGIN)[0] + BEGIN + "\n" + table()


def main() -> int:
    PAGE.write_text(page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
