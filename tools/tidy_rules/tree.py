"""What every rule looks at: the files of the repository, read once, and the modules that CMake declares."""

from __future__ import annotations

import itertools
import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tidy_rules import cpp

CPP = (".cc", ".h")
KEYWORDS = ("NAME", "FLOOR", "DEPS", "LIBS", "TEST_DEPS", "TEST_LIBS")
KINDS_OF_TEST = ("_test", "_bench", "_fuzz")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    what: str
    limit: str = ""

    def __str__(self) -> str:
        return f"tidy: {self.path}:{self.line}: {self.what}" + (f" ({self.limit})" if self.limit else "")


@dataclass
class Module:
    name: str
    folder: str  # "catalog/sqlite"
    floor: int
    deps: list[str] = field(default_factory=list)
    test_deps: list[str] = field(default_factory=list)
    declared_in: str = ""  # the path of its CMakeLists.txt


def words(call: str, keyword: str) -> list[str]:
    """The words after one keyword of a CMake call, up to the next keyword."""
    all_words = call.split()
    if keyword not in all_words:
        return []
    after = all_words[all_words.index(keyword) + 1:]
    return list(itertools.takewhile(lambda word: word not in KEYWORDS, after))


class Tree:
    """The files under a root. Texts are read when they are asked for, and kept."""

    def __init__(self, root: Path, paths: list[str] | None = None):
        self.root = root
        self.paths = sorted(paths if paths is not None else listed(root))
        self._texts: dict[str, str] = {}
        self._code: dict[str, str] = {}

    def text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def code(self, path: str) -> str:
        """A C++ file with comments and literals blanked out; places and lines stay."""
        if path not in self._code:
            self._code[path] = cpp.blank(self.text(path))
        return self._code[path]

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()

    @cached_property
    def cpp(self) -> list[str]:
        return [p for p in self.paths if p.startswith("src/") and p.endswith(CPP)]

    @cached_property
    def python(self) -> list[str]:
        return [p for p in self.paths if p.endswith(".py")]

    @cached_property
    def documents(self) -> list[str]:
        return [p for p in self.paths if p.endswith(".md")]

    @cached_property
    def functions(self) -> dict[str, list[cpp.Function]]:
        return {path: cpp.functions(self.code(path)) for path in self.cpp}

    @cached_property
    def modules(self) -> dict[str, Module]:
        """By folder."""
        found = {}
        for path in self.paths:
            if not (path.startswith("src/") and path.endswith("/CMakeLists.txt")):
                continue
            text = re.sub(r"#.*", "", self.text(path))
            for call in re.findall(r"cairn_module\(([^)]*)\)", text):
                folder = path.removeprefix("src/").removesuffix("/CMakeLists.txt")
                floor = int((words(call, "FLOOR") or ["-1"])[0])
                name = (words(call, "NAME") or [""])[0]
                found[folder] = Module(name, folder, floor, words(call, "DEPS"), words(call, "TEST_DEPS"), path)
        return found

    def module_of(self, path: str) -> Module | None:
        folder = path.removeprefix("src/").rpartition("/")[0]
        return self.modules.get(folder) if path.startswith("src/") else None


def stem_kind(path: str) -> str:
    """_test, _bench, _fuzz; testing for what only tests include; empty for what ships."""
    stem = Path(path).stem
    for kind in KINDS_OF_TEST:
        if stem.endswith(kind):
            return kind
    return "testing" if "testing" in stem or stem.endswith("_conformance") else ""


def listed(root: Path) -> list[str]:
    """What git knows or would take; so a new file is checked before its first commit."""
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True)
    return [path for path in done.stdout.splitlines() if (root / path).is_file()]
