"""Who may include what: modules by their declared dependencies, heavy or banned headers by folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidy_rules.tree import Finding, Module, Tree, stem_kind

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# Never in src/, and what to take instead.
NEVER = {
    "regex": "RE2, by aws/pattern.h",
    "iostream": "base/log.h, or fmt::print",
    "boost/asio.hpp": "the header of the one thing that is used: boost/asio/steady_timer.hpp",
    "boost/beast.hpp": "the header of the one thing that is used",
}
# Header (or the folder of headers) -> the folders that may have it, and what others take instead.
ONLY_IN = {
    "boost/beast/": (["http"], "http/http.h"),
    "simdjson": (["json", "match"], "json/scan.h"),
    "duckdb": (["store", "parquet"], "store/store.h"),  # parquet's tests compare with it
    "zstd": (["parquet"], "parquet/parquet.h"),
    "sqlite3": (["catalog/sqlite"], "catalog/catalog.h"),
    "spdlog/": (["base"], "base/log.h"),
    "prometheus/": (["base"], "base/metrics.h"),
    "pugixml": (["aws"], "aws/xml.h"),
    "re2/": (["aws"], "aws/pattern.h"),
    "yaml-cpp/": (["node"], "node/config.h"),
    "CLI/": (["node"], "node/commands.h"),
    "libdeflate": (["codec"], "codec/gzip.h"),
    "openssl/": (["crypto", "http"], "crypto/hash.h, crypto/random.h, crypto/sealer.h"),
    "boost/asio/detached.hpp": (["async"], "async::Gate"),
}
# Too heavy for a header, wherever it is.
NOT_IN_HEADERS = ("boost/beast/", "simdjson", "duckdb", "pugixml", "yaml-cpp/", "CLI/", "spdlog/")


def includes(text: str) -> Iterator[tuple[int, bool, str]]:
    """Line, whether in quotes, and the header."""
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1) == '"', match.group(2)


def undeclared_includes(tree: Tree) -> Iterator[Finding]:
    """A module includes itself and what its CMakeLists.txt declares."""
    for path in tree.cpp:
        module = tree.module_of(path)
        if module is None:
            continue  # owned_files says so
        allowed = [module.name, *module.deps] + (module.test_deps if stem_kind(path) else [])
        for line, quoted, header in includes(tree.text(path)):
            other = owner(tree, header)
            if quoted and other is None:
                yield Finding(path, line, f"includes {header}, which is in no module", "write the path below src/")
            elif quoted and other.name not in allowed:
                yield Finding(path, line, f"includes {header}, but {other.name} is not among the DEPS of {module.name}", module.declared_in)


def owner(tree: Tree, header: str) -> Module | None:
    """The module whose folder, or a folder of whose, the header is in."""
    folder = header.rpartition("/")[0]
    while folder and folder not in tree.modules:
        folder = folder.rpartition("/")[0]
    return tree.modules.get(folder)


def banned_includes(tree: Tree) -> Iterator[Finding]:
    """Slow or private headers."""
    for path in tree.cpp:
        folder = path.removeprefix("src/").rpartition("/")[0]
        for line, _, header in includes(tree.text(path)):
            if header in NEVER:
                yield Finding(path, line, f"includes <{header}>", f"take {NEVER[header]}")
            for start, (folders, instead) in ONLY_IN.items():
                if header.startswith(start) and folder not in folders:
                    yield Finding(path, line, f"includes <{header}> outside {', '.join(folders)}", f"take {instead}")
            if path.endswith(".h") and header.startswith(NOT_IN_HEADERS):
                yield Finding(path, line, f"includes <{header}> in a header", "only in .cc files")


def owned_files(tree: Tree) -> Iterator[Finding]:
    """CMake takes what lies in a module's folder; what lies elsewhere is built by nobody."""
    for path in tree.cpp:
        if tree.module_of(path) is None:
            yield Finding(path, 1, "no module owns it", "its folder's CMakeLists.txt has no cairn_module")
    included = reachable(tree)
    for module in tree.modules.values():
        if module.folder not in included:
            yield Finding(module.declared_in, 1, f"no add_subdirectory leads to {module.folder}/", "src/CMakeLists.txt")
    for path in tree.paths:
        if path.startswith("src/") and not expected(tree, path):
            yield Finding(path, 1, "a file that no rule knows", "C++, README.md, CMakeLists.txt, compat/, models/, decisions/")


def expected(tree: Tree, path: str) -> bool:
    folder, _, name = path.removeprefix("src/").rpartition("/")
    if path in tree.cpp or name in ("README.md", "CMakeLists.txt") or name.endswith((".S", ".supp")):
        return True
    return any(part in ("compat", "models", "corpus", "decisions") for part in folder.split("/"))


def reachable(tree: Tree) -> set[str]:
    """The folders below src/ that add_subdirectory leads to."""
    seen: set[str] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        path = f"src/{folder}/CMakeLists.txt".replace("//", "/")
        text = tree.text(path) if path in tree.paths else ""
        for below in re.findall(r"^\s*add_subdirectory\(([^\s)]+)", text, re.MULTILINE):
            child = f"{folder}/{below}".lstrip("/")
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return seen
