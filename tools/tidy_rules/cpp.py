"""As much C++ as the rules need: comments and literals blanked out, functions with their lengths, statements, lambdas.

No parser: braces are told apart by the text in front of them. What this cannot tell apart it calls an initializer, which no rule counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<character>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


def spaces(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def blank(text: str) -> str:
    """Comments become spaces, literals keep their quotes, preprocessor lines go. Every remaining character keeps its place."""

    def replace(match: re.Match) -> str:
        found = match.group()
        if match.lastgroup == "comment":
            return spaces(found)
        return found[0] + spaces(found[1:-1]) + found[-1] if match.lastgroup != "raw" else '"' + spaces(found[1:-1]) + '"'

    text = TOKEN.sub(replace, text)
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: spaces(m.group()), text, flags=re.MULTILINE)


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


PAIRS = {"(": ")", "[": "]", "{": "}"}


def closing(code: str, place: int) -> int:
    """The place of the bracket that closes the one at `place`; the end of the text if there is none."""
    depth = 0
    for i in range(place, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    return len(code) - 1


# --- functions -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    name: str
    line: int  # of its first word
    lines: int
    body: tuple[int, int]  # places of its braces


TYPE_HEAD = re.compile(r"^(?:export\s+)?(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b", re.DOTALL)
ACCESS = re.compile(r"\b(?:public|private|protected)\s*:(?!:)")


def outside_brackets(head: str) -> str:
    """The head with everything inside parentheses and template brackets taken out."""
    out, depth = [], 0
    for character in re.sub(r"operator\s*[<>=()\[\]]+", "operator", head):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0:
            out.append(character)
    return "".join(out)


def kind_of(head: str) -> str:
    """What a brace opens at namespace or class level, by the text in front of it."""
    if re.match(r"^(?:inline\s+)?namespace\b", head) or re.match(r'^extern\s*"', head):
        return "scope"
    if TYPE_HEAD.match(head) and not re.search(r"\)\s*(?:const|noexcept|override|final|\s)*$", head):
        return "scope"
    bare = outside_brackets(head)
    if "=" in bare and not re.search(r"[\])]\s*(?:mutable\s*)?(?:->[^=]*)?$", head):
        return "initializer"
    if "(" not in head:
        return "initializer"
    # A constructor's members: `X(int a) : a_{a}, b_(b) {`. A name before the brace is a member being made.
    if re.search(r"(?<!:):(?!:)", bare) and re.search(r"[\w>]\s*$", head) and not re.search(r"\)\s*(?:const|noexcept|override|final|\s)*$", head):
        return "member"
    return "function"


def name_of(head: str) -> str:
    found = re.search(r"([~\w:]+|operator\s*\S+?)\s*\(", head)
    name = found.group(1) if found else "?"
    if re.fullmatch(r"TEST(_F|_P)?|TYPED_TEST(_P)?|BENCHMARK\w*", name):
        arguments = re.search(r"\(([^)]*)\)", head)
        return f"{name}({' '.join(arguments.group(1).split())})" if arguments else name
    return name


def functions(code: str) -> list[Function]:
    found: list[Function] = []
    place = start = 0
    while place < len(code):
        character = code[place]
        if character in "([":
            place = closing(code, place)
        elif character in ";}":
            start = place + 1
        elif character == "{":
            label = list(ACCESS.finditer(code, start, place))
            begin = label[-1].end() if label else start
            head = code[begin:place]
            kind = kind_of(head.strip())
            end = place if kind == "scope" else closing(code, place)
            if kind == "function":
                first = begin + len(head) - len(head.lstrip())
                line = line_of(code, first)
                found.append(Function(name_of(head.strip()), line, line_of(code, end) - line + 1, (place, end)))
            place = end
            if kind in ("scope", "function"):
                start = end + 1
        place += 1
    return found


# --- statements and lambdas ------------------------------------------------------------------------------------------------

BLOCK_BEFORE = re.compile(
    r"(?:[;{})]|^|\b(?:else|do|try|const|noexcept|override|final|mutable)|->\s*[\w:<>,\s*&]+|\bcase\b[^;{}?]*:|\bdefault\s*:)\s*$"
)
LAMBDA = re.compile(r"(?<![\w\])])\[(?!\[)(?P<captures>[^\[\]]*)\]\s*(?=[({<]|mutable\b|->)")


def opens_block(code: str, place: int) -> bool:
    """Whether the brace at `place` opens a block of statements; else it is an initializer."""
    before = code[max(0, place - 200):place]
    if re.search(r"\]\s*$", before):  # a lambda without parameters
        return True
    return BLOCK_BEFORE.search(before) is not None


def statement_around(code: str, place: int) -> tuple[int, int]:
    """The statement that the place is in, from its first character to its semicolon (or its block's brace)."""
    depth, begin = 0, place
    while begin > 0:
        character = code[begin - 1]
        if character in ")]}":
            if character == "}" and depth == 0 and opens_block(code, opening(code, begin - 1)):
                break
            depth += 1
        elif character in "([":
            depth -= 1
        elif character == "{":
            if depth <= 0 and opens_block(code, begin - 1):
                break
            depth -= 1
        elif character == ";" and depth <= 0:
            break
        begin -= 1
    depth, end = 0, begin
    while end < len(code):
        character = code[end]
        if character == "{" and depth <= 0 and opens_block(code, end):
            break
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                break
        elif character == ";" and depth <= 0:
            break
        end += 1
    return begin, end


def opening(code: str, place: int) -> int:
    depth = 0
    for i in range(place, -1, -1):
        if code[i] in ")]}":
            depth += 1
        elif code[i] in "([{":
            depth -= 1
            if depth == 0:
                return i
    return 0


@dataclass(frozen=True)
class Lambda:
    place: int
    captures: str
    returns: str  # between its parameters and its body
    body: tuple[int, int]


def lambdas(code: str) -> list[Lambda]:
    found = []
    for match in LAMBDA.finditer(code):
        place = match.end()
        while place < len(code) and code[place].isspace():
            place += 1
        if code[place] == "<":  # template parameters
            place = code.find("(", place)
        if place >= 0 and code[place] == "(":
            place = closing(code, place) + 1
        brace = code.find("{", place)
        if brace < 0 or ";" in code[place:brace] or "(" in code[place:brace].replace("noexcept(", ""):
            continue
        found.append(Lambda(match.start(), match.group("captures").strip(), code[place:brace].strip(), (brace, closing(code, brace))))
    return found
