"""ARCHITECTURE.md's table of floors is CMake's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidy_rules.tree import Finding, Tree

PAGE = "ARCHITECTURE.md"


def floors_in(page: str) -> dict[str, tuple[int, int]]:
    """Folder -> (floor, line): rows `| 4 | `access/` … |`, folders in backticks with a slash at the end."""
    found = {}
    for number, line in enumerate(page.splitlines(), 1):
        row = re.match(r"^\|\s*(\d+)\s*\|(.*)\|\s*$", line)
        if row:
            for folder in re.findall(r"`([a-z0-9_/]+)/`", row.group(2)):
                found[folder] = (int(row.group(1)), number)
    return found


def floors_agree(tree: Tree) -> Iterator[Finding]:
    """Every folder of the table is a module on that floor, and every module is in the table."""
    if PAGE not in tree.paths:
        yield Finding(PAGE, 1, "is not there", "the table of floors")
        return
    written = floors_in(tree.text(PAGE))
    for folder, (floor, line) in written.items():
        if folder not in tree.modules:
            yield Finding(PAGE, line, f'lists "{folder}/", which is no module in src/', "src/*/CMakeLists.txt")
        elif tree.modules[folder].floor != floor:
            yield Finding(PAGE, line, f'"{folder}/" is on floor {floor} here', f"floor {tree.modules[folder].floor} in {tree.modules[folder].declared_in}")
    for folder, module in tree.modules.items():
        if folder not in written:
            yield Finding(PAGE, 1, f'does not list "{folder}/"', f"floor {module.floor} in {module.declared_in}")


def edges_go_down(tree: Tree) -> Iterator[Finding]:
    """CMake refuses the same; here it is said without a configured build."""
    by_name = {module.name: module for module in tree.modules.values()}
    for module in tree.modules.values():
        for dep in module.deps:
            if dep not in by_name:
                yield Finding(module.declared_in, 1, f"{module.name} depends on {dep}, which is no module")
            elif by_name[dep].floor >= module.floor:
                yield Finding(module.declared_in, 1, f"{module.name} (floor {module.floor}) may not stand on {dep} (floor {by_name[dep].floor})")
