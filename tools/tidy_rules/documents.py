"""Documents that can be checked are checked: links, paths, commands, configuration keys, promised tests, lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidy_rules.tree import Finding, Tree

FOLDER_README_LINES_MAX = 60
CONFIGURATION = "docs/operate/configuration.md"
SETTINGS = "src/node/config.cc"
MORE_SETTINGS = ("src/node/config_outlets.cc",)
# A path of the repository in a sentence: `src/event/resources.cc`, docs/formats/journal.md.
PATH = re.compile(r"(?<![\w/.$-])((?:src|docs|tools|conformance|cmake)/[\w./-]*\w\.(?:cc|h|md|py|sh|json|txt|cmake|sql|inc))\b")

# The same below src/: `event/entry.h`.
CODE = re.compile(r"(?<![\w/.$<-])((?:[a-z0-9_]+/)+[a-z0-9_]+\.(?:cc|h))\b")


def numbered(text: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text.splitlines(), 1)


def without_fences(text: str) -> str:
    """The text with fenced blocks emptied; lines stay."""
    return re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Headings as GitHub links them."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*)$", without_fences(text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def without_code(text: str) -> str:
    """Without fenced blocks and `code`."""
    return re.sub(r"`[^`\n]*`", "", without_fences(text))


def links_resolve(tree: Tree) -> Iterator[Finding]:
    """Links between documents, with their anchors."""
    for path in tree.documents:
        folder = path.rpartition("/")[0]
        for number, line in numbered(without_code(tree.text(path))):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                where = (tree.root / folder / file).resolve() if file else (tree.root / path).resolve()
                if not where.exists():
                    yield Finding(path, number, f"link to {target}, which is not there")
                elif anchor and where.suffix == ".md" and anchor not in anchors(where.read_text()):
                    yield Finding(path, number, f"link to {target}: there is no such heading")


def paths_exist(tree: Tree) -> Iterator[Finding]:
    """Paths of this repository, named in a document or a comment."""
    for path in tree.documents + tree.cpp + tree.python:
        for number, line in numbered(tree.text(path)):
            if path in tree.cpp and "//" not in line:
                continue
            below_src = ["src/" + named for named in CODE.findall(line) if named.partition("/")[0] in tree.modules]
            for named in PATH.findall(line) + below_src:
                if not tree.exists(named) and not path.startswith("tools/tidy"):
                    yield Finding(path, number, f"names {named}, which is not there")


def promised_tests(tree: Tree) -> Iterator[Finding]:
    """`Tested by x_test.cc` must be true."""
    for path in tree.cpp:
        folder = path.rpartition("/")[0]
        for match in re.finditer(r"Tested by((?:[^\n.]|\.(?=cc\b|py\b)|\n//)*)", tree.text(path)):
            for named in re.findall(r"\b[\w/]+_(?:test|fuzz)\.cc\b", match.group(1)):
                if not tree.exists(f"{folder}/{named}") and not tree.exists(f"src/{named}"):
                    yield Finding(path, tree.text(path).count("\n", 0, match.start()) + 1, f"is tested by {named}, which is not there")


def commands_exist(tree: Tree) -> Iterator[Finding]:
    """`./dev x` in a document or a comment is a command of dev, and dev's help names every command."""
    if "dev" not in tree.paths:
        return
    script = tree.text("dev")
    known = set(re.findall(r"^cmd_(\w+)\(\)", script, re.MULTILINE))
    speaking = tree.documents + tree.cpp + tree.python + [p for p in tree.paths if p.endswith((".cmake", "CMakeLists.txt", ".sh"))]
    for path in speaking:
        for number, line in numbered(tree.text(path)) if not path.startswith("tools/tidy") else ():
            for command in re.findall(r"\./dev (\w+)", line):
                if command not in known:
                    yield Finding(path, number, f"./dev {command}: dev has no such command")
    helped = set(re.findall(r"^\./dev (\w+)", script, re.MULTILINE))
    for command in sorted(known - helped - {"help"}):
        yield Finding("dev", 1, f"./dev help does not name {command}")


def settings_of(code: str) -> set[str]:
    return set(re.findall(r'_setting(?:<[^;()]*?>)?\(\s*"([a-z_.]+)"', code)) | ({"regions"} if "regions_setting(" in code else set())


def configuration_is_complete(tree: Tree) -> Iterator[Finding]:
    """The page's tables have a row `| `key` |` for every setting, and no other."""
    if CONFIGURATION not in tree.paths or SETTINGS not in tree.paths:
        yield Finding(CONFIGURATION, 1, f"{CONFIGURATION} or {SETTINGS} is not there")
        return
    wanted = settings_of("\n".join(tree.text(path) for path in (SETTINGS, *MORE_SETTINGS) if path in tree.paths))
    written = {}
    for number, line in numbered(tree.text(CONFIGURATION)):
        if row := re.match(r"^\|\s*`([a-z_.]+)`\s*\|", line):
            written[row.group(1)] = number
    for key in sorted(wanted - written.keys()):
        yield Finding(CONFIGURATION, 1, f"does not describe {key}", SETTINGS)
    for key in sorted(written.keys() - wanted):
        yield Finding(CONFIGURATION, written[key], f"describes {key}, which is no setting", SETTINGS)


def folder_readmes(tree: Tree) -> Iterator[Finding]:
    """A README for each folder right below src/, of one screen or two; services' folders have their own."""
    for folder in sorted(tree.modules):
        path = f"src/{folder}/README.md"
        if path in tree.paths:
            lines = tree.text(path).count("\n")
            if lines > FOLDER_README_LINES_MAX:
                yield Finding(path, 1, f"README is {lines} lines", f"limit {FOLDER_README_LINES_MAX}")
        elif "/" not in folder or folder.startswith("services/"):
            yield Finding(path, 1, "is not there", "what, promise, life of an event here, not here, how to test")


def one_title(tree: Tree) -> Iterator[Finding]:
    """A document begins with its one title."""
    for path in tree.documents:
        titles = [n for n, line in numbered(without_fences(tree.text(path))) if re.match(r"^# ", line)]
        if titles[:1] != [1] or len(titles) > 1:
            yield Finding(path, titles[1] if len(titles) > 1 else 1, f"{len(titles)} titles", "one, on the first line")
