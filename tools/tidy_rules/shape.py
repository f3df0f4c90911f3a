"""How long things are, and what every file must have or must not have.

Functions and files have limits. Those in tools/tidy_ratchet.txt were longer when the rule came: they may shrink, never grow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tidy_rules.tree import Finding, Tree, stem_kind

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 450
LINE_CHARACTERS_MAX = 140
RATCHET = "tools/tidy_ratchet.txt"


def python_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, first line and length of every function."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def all_functions(tree: Tree) -> Iterator[tuple[str, str, int, int]]:
    """Path, name, line, length."""
    for path, functions in tree.functions.items():
        for function in functions:
            yield path, function.name, function.line, function.lines
    for path in tree.python:
        for name, line, lines in python_functions(tree.text(path)):
            yield path, name, line, lines


def ratchet(tree: Tree) -> dict[tuple[str, str], int]:
    """Its lines are `function 81 src/a.cc:name` and `file 500 src/a.cc`."""
    allowed = {}
    if RATCHET in tree.paths:
        for line in tree.text(RATCHET).splitlines():
            if line.strip() and not line.startswith("#"):
                kind, lines, what = line.split(None, 2)
                allowed[kind, what] = int(lines)
    return allowed


def against_ratchet(tree: Tree, kind: str, limit: int, found: list[tuple[str, str, int, int]]) -> Iterator[Finding]:
    """`found`: what it is called in the list, its path, line and length."""
    allowed = {what: lines for (of, what), lines in ratchet(tree).items() if of == kind}
    for what, path, line, lines in found:
        if lines > allowed.get(what, limit):
            yield Finding(path, line, f"{kind} is {lines} lines: {what}", f"limit {allowed.get(what, limit)}")
    longest = {what: max(lines for other, _, _, lines in found if other == what) for what, _, _, _ in found}
    for what, lines in allowed.items():
        now = longest.get(what, 0)
        if now < lines:
            yield Finding(RATCHET, 1, f"{what} has {now} lines now, not {lines}: " + ("say so" if now > limit else "take it out"), "it may only shrink")


def function_length(tree: Tree) -> Iterator[Finding]:
    """A function fits on a screen."""
    found = [(f"{path}:{name}", path, line, lines) for path, name, line, lines in all_functions(tree)]
    yield from against_ratchet(tree, "function", FUNCTION_LINES_MAX, found)


def file_length(tree: Tree) -> Iterator[Finding]:
    """A file is one idea."""
    files = tree.cpp + tree.python + [p for p in tree.paths if p == "dev" or p.endswith(".sh")]
    found = [(path, path, 1, tree.text(path).count("\n")) for path in files]
    yield from against_ratchet(tree, "file", FILE_LINES_MAX, found)


LITERAL = re.compile(r'''R"\(.*?\)"|"(?:\\.|[^"\\])*"|(?<!\w)\'(?:\\.|[^\'\\])*\'''')


def line_length(tree: Tree) -> Iterator[Finding]:
    """clang-format decides where it can; literals do not count, since samples of real bytes are not broken."""
    for path in tree.cpp + tree.python:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            characters = len(LITERAL.sub("", line))
            if characters > LINE_CHARACTERS_MAX:
                yield Finding(path, number, f"line is {characters} characters, literals aside", f"limit {LINE_CHARACTERS_MAX}")


# Spelt in halves, so that this file does not find itself.
LEFTOVERS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK", "place" "holder", "dum" "my", "st" "ub")) + r")s?\b", re.IGNORECASE)


def leftovers(tree: Tree) -> Iterator[Finding]:
    """Work is done or written down as an issue; nothing is hollow."""
    suffixes = (".cc", ".h", ".py", ".md", ".cmake", ".sh", "CMakeLists.txt", "/dev", ".S")
    for path in tree.paths:
        if ("/" + path).endswith(suffixes) and not path.startswith("src/aws/models/"):
            for number, line in enumerate(tree.text(path).splitlines(), 1):
                if found := LEFTOVERS.search(line):
                    yield Finding(path, number, f"'{found.group()}'", "do it, or write an issue")


def pragma_once(tree: Tree) -> Iterator[Finding]:
    """Every header is included once."""
    for path in tree.cpp:
        if path.endswith(".h") and not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            yield Finding(path, 1, "header without #pragma once")


CHECKS = re.compile(r"\b(?:EXPECT|ASSERT)_\w+\s*\(|\b(?:ADD_)?FAILURE(?:_AT)?\s*\(|\bFAIL\s*\(|\bstatic_assert\s*\(")
TEST_HEAD = re.compile(r"(?:TYPED_)?TEST(?:_F|_P)?\(")


def checking_names(tree: Tree, paths: list[str]) -> set[str]:
    """Functions of those files that check something, themselves or through another of them."""
    bodies: dict[str, str] = {}
    for path in paths:
        for function in tree.functions[path]:
            if not TEST_HEAD.match(function.name):
                body = tree.code(path)[slice(*function.body)]
                name = function.name.split("::")[-1]
                bodies[name] = bodies.get(name, "") + body
    checking = {name for name, body in bodies.items() if CHECKS.search(body)}
    while True:
        more = {name for name, body in bodies.items() if name not in checking and calls_any(body, checking)}
        if not more:
            return checking
        checking |= more


def calls_any(body: str, names: set[str]) -> bool:
    return any(word in names for word in re.findall(r"[~\w]+(?=\s*(?:<[^;(){}]*>)?\()", body))


def tests_check(tree: Tree) -> Iterator[Finding]:
    """A test that cannot fail is a defect."""
    helpers = [p for p in tree.cpp if stem_kind(p) == "testing"]
    for path in tree.cpp:
        tests = [f for f in tree.functions[path] if TEST_HEAD.match(f.name)]
        names = checking_names(tree, [path, *helpers]) if tests else set()
        for test in tests:
            body = tree.code(path)[slice(*test.body)]
            if not CHECKS.search(body) and not calls_any(body, names):
                yield Finding(path, test.line, f"{test.name} checks nothing", "EXPECT or ASSERT something")
    for path in tree.python:
        yield from python_tests_check(tree, path)


def python_tests_check(tree: Tree, path: str) -> Iterator[Finding]:
    functions = {node.name: node for node in ast.walk(ast.parse(tree.text(path))) if isinstance(node, ast.FunctionDef)}

    def checks(node: ast.AST, seen: frozenset[str]) -> bool:
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Assert, ast.Raise)):
                return True
            if isinstance(inner, ast.Call):
                called = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
                if called == "raises" or called.startswith("assert") or called == "fail":
                    return True
                if called in functions and called not in seen and checks(functions[called], seen | {called}):
                    return True
        return False

    for name, node in functions.items():
        if name.startswith("test_") and not checks(node, frozenset({name})):
            yield Finding(path, node.lineno, f"{name} checks nothing", "assert something")
