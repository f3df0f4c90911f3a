"""Name it, then await it; and a coroutine's state is in its parameters, not in a lambda's captures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidy_rules import cpp
from tidy_rules.tree import Finding, Tree


# `Millis{100}`, `Partition{0}`: a number with a type, nothing that could be destroyed twice.
NUMBER = re.compile(r"\b\w+\{[\d'.]*\}")


def named_before_await(tree: Tree) -> Iterator[Finding]:
    """No braces and no capturing lambda in a statement that contains co_await."""
    for path in tree.cpp:
        code = tree.code(path)
        for match in re.finditer(r"\bco_await\b", code):
            begin, end = cpp.statement_around(code, match.start())
            statement = code[begin:end]
            line = cpp.line_of(code, match.start())
            if any(found.group("captures").strip() for found in cpp.LAMBDA.finditer(statement)):
                yield Finding(path, line, "a capturing lambda in a statement with co_await", "name it, then await it")
            elif "{" in NUMBER.sub("", statement):
                yield Finding(path, line, "braces in a statement with co_await", "name it, then await it")


def capturing_coroutines(tree: Tree) -> Iterator[Finding]:
    """A lambda that captures and is a coroutine dies before its frame."""
    for path in tree.cpp:
        code = tree.code(path)
        found = cpp.lambdas(code)
        for one in found:
            own = body_without(code, one, found)
            if one.captures and re.search(r"\bco_(?:await|return|yield)\b", own):
                yield Finding(path, cpp.line_of(code, one.place), f"a lambda that captures [{one.captures}] is a coroutine",
                              "pass what it needs as parameters")


def body_without(code: str, one: cpp.Lambda, others: list[cpp.Lambda]) -> str:
    """A lambda's body without the lambdas in it."""
    body = code[slice(*one.body)]
    for inner in others:
        if one.body[0] < inner.body[0] and inner.body[1] < one.body[1]:
            begin, end = inner.body[0] - one.body[0], inner.body[1] - one.body[0]
            body = body[:begin] + " " * (end - begin) + body[end:]
    return body
