"""What a range-for walks over is there until its end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidy_rules import cpp
from tidy_rules.tree import Finding, Tree

# `*f()` and `f().value()` are a part of a result that is gone when the walk begins (until C++23). What is named find_… is a pointer.
PART_OF_A_RESULT = re.compile(r":\s*\*\s*(?![\w.>:-]*\bfind_)[\w.>:-]+\(|(?<!:):(?!:)[^:].*\)\s*\.\s*value\(\)\s*$", re.DOTALL)


def loops_over_what_lasts(tree: Tree) -> Iterator[Finding]:
    """No range-for over a part of what a call returned."""
    for path in tree.cpp:
        code = tree.code(path)
        for match in re.finditer(r"\bfor \(", code):
            head = code[match.end():cpp.closing(code, match.end() - 1)]
            if ";" not in head and PART_OF_A_RESULT.search(head):
                yield Finding(path, cpp.line_of(code, match.start()), "a range-for over a part of what a call returned", "name it first")
