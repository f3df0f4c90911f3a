"""What is printed and fails nothing: how long functions and files are, and what compiles slowest."""

from __future__ import annotations

from tidy_rules.shape import all_functions
from tidy_rules.tree import Tree, stem_kind

SLOWEST = 10


def spread(lengths: list[int]) -> tuple[int, int, int]:
    """Median, the length that nine in ten do not exceed, the longest."""
    ordered = sorted(lengths)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)], ordered[-1]


def lengths(tree: Tree) -> list[tuple[str, list[int], list[int]]]:
    """What, the lengths of its files, the lengths of its functions."""
    groups = {
        "src, what ships": [p for p in tree.cpp if not stem_kind(p)],
        "src, tests, benchmarks and fuzzers": [p for p in tree.cpp if stem_kind(p)],
        "Python": tree.python,
    }
    functions: dict[str, list[int]] = {}
    for path, _, _, lines in all_functions(tree):
        functions.setdefault(path, []).append(lines)
    return [
        (what, [tree.text(p).count("\n") for p in paths], [n for p in paths for n in functions.get(p, [])])
        for what, paths in groups.items()
        if paths
    ]


def lengths_table(tree: Tree) -> list[str]:
    out = ["| lines: median / nine in ten / longest | files | functions |", "|---|---|---|"]
    for what, files, functions in lengths(tree):
        both = [" / ".join(map(str, spread(values))) if values else "–" for values in (files, functions)]
        out.append(f"| {what} ({len(files)} files, {len(functions)} functions) | {both[0]} | {both[1]} |")
    return out


def slowest_compiles(tree: Tree, log: str = "build/dev/.ninja_log") -> list[str]:
    """From Ninja's log: begin, end, mtime, output, hash. A time of next to nothing is ccache's."""
    path = tree.root / log
    if not path.exists():
        return []
    took: dict[str, int] = {}
    for line in path.read_text(errors="replace").splitlines()[1:]:
        fields = line.split("\t")
        if len(fields) >= 4 and fields[3].endswith(".o"):
            took[fields[3]] = int(fields[1]) - int(fields[0])
    ordered = sorted(took.items(), key=lambda item: -item[1])[:SLOWEST]
    return [f"{milliseconds / 1000:6.1f} s  {output}" for output, milliseconds in ordered]
