"""What README and docs/ say one can type, the program takes. (Links, paths, what dev is asked for and the configuration's keys: tools/tidy.py.)"""

import re
import subprocess
from functools import cache

import pytest
from cairn import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# `cairn doctor --data DIR [--json]`: in a code span, or a line of a block.
SPAN = re.compile(r"`cairn ([^`\n]*)`")
LINE = re.compile(r"^(?:    |\$ )?(?:\S*/)?cairn (.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```\w*\n(.*?)^```|((?:^    .*\n)+)", re.DOTALL | re.MULTILINE)


def typed(text: str) -> list[str]:
    blocks = "\n".join(a or b for a, b in BLOCK.findall(text))
    return SPAN.findall(text) + LINE.findall(blocks)


@cache
def help_of(binary, *command: str) -> str:
    done = subprocess.run([binary, *command, "--help"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def commands(binary, *above: str) -> list[str]:
    return re.findall(r"^  ([a-z][a-z-]+)  ", help_of(binary, *above).partition("Subcommands:")[2], re.MULTILINE)


def faults(binary, line: str) -> list[str]:
    words = re.sub(r"[\[\]()]|#.*", " ", line).split()
    if not words or not re.fullmatch(r"[a-z][a-z-]+", words[0]):
        return []
    command = [words[0]]
    if len(words) > 1 and words[0] == "journal":
        command.append(words[1])
    page = help_of(binary, *command)
    if command[-1] not in commands(binary, *command[:-1]):
        return [f"cairn {' '.join(command)}: there is no such command"]
    flags = [w.partition("=")[0] for w in words if w.startswith("--")]
    return [f"cairn {' '.join(command)} {flag}: there is no such flag" for flag in flags if not re.search(rf"{re.escape(flag)}(?![\w.-])", page)]


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_flags_are_there(binary, page):
    assert [fault for line in typed(page.read_text()) for fault in faults(str(binary), line)] == []


def test_the_check_finds_what_is_wrong(binary):
    text = "`cairn docter --data X`, `cairn backup --too Y`\n\n    cairn restore --from A --data B\n    bin/cairn journal chek\n"
    found = [fault for line in typed(text) for fault in faults(str(binary), line)]
    assert len(found) == 3 and "docter" in found[0] and "--too" in found[1] and "chek" in found[2], found


def test_every_command_is_described(binary):
    """In README or docs/; the worker's is not for people."""
    names = commands(str(binary))
    said = "\n".join(page.read_text() for page in DOCUMENTS)
    assert names and [name for name in names if not re.search(rf"cairn {name}\b", said)] == []
