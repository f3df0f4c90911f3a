#!/usr/bin/env python3
"""Makes a module: folder, CMakeLists.txt, header, source, test and README, so that the right thing is the quick thing.

    tools/new_module.py journal/kafka 4 base async journal

The folder below src/, its floor, and the modules it stands on. Afterwards say what it is: in the header, in the README, and in
ARCHITECTURE.md's table of floors (tools/tidy.py asks for it).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CMAKE = "cairn_module(NAME {name} FLOOR {floor} DEPS {deps})\n"
HEADER = """// {stem}: what it is, in a sentence. Which thread may call it, what it promises, its errors.
#pragma once

#include "base/result.h"

namespace cairn::{namespace} {{

}}  // namespace cairn::{namespace}
"""
SOURCE = """// Tested by {stem}_test.cc.
#include "{folder}/{stem}.h"

namespace cairn::{namespace} {{

}}  // namespace cairn::{namespace}
"""
TEST = """#include "{folder}/{stem}.h"

#include <gtest/gtest.h>

namespace cairn::{namespace} {{
namespace {{

TEST({case}, is_written_first) {{
  FAIL() << "say what {stem} promises";
}}

}}  // namespace
}}  // namespace cairn::{namespace}
"""
README = """# {folder}

**What.**

**Promise.**

**Life of an event here.**

**Not here.**

**How to test.** `ninja cairn_{name}_test`
"""


def files(folder: str, floor: int, deps: list[str]) -> dict[str, str]:
    """Path below src/ -> text."""
    stem = folder.rpartition("/")[2]
    words = {
        "name": folder.replace("/", "_"),
        "folder": folder,
        "stem": stem,
        "namespace": folder.replace("/", "::"),
        "case": "".join(word.capitalize() for word in stem.split("_")),
        "floor": floor,
        "deps": " ".join(deps),
    }
    templates = {"CMakeLists.txt": CMAKE, f"{stem}.h": HEADER, f"{stem}.cc": SOURCE, f"{stem}_test.cc": TEST, "README.md": README}
    return {f"{folder}/{name}": text.format(**words) for name, text in templates.items()}


def make(root: Path, folder: str, floor: int, deps: list[str]) -> list[Path]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?", folder):
        raise SystemExit(f"new_module: '{folder}' is no folder's name: snake_case, at most one slash")
    if (root / "src" / folder / "CMakeLists.txt").exists():
        raise SystemExit(f"new_module: src/{folder} is there already")
    made = []
    for path, text in files(folder, floor, deps).items():
        target = root / "src" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        made.append(target)
    with open(root / "src/CMakeLists.txt", "a") as listing:
        listing.write(f"add_subdirectory({folder})\n")
    return made


def main() -> int:
    if len(sys.argv) < 3 or not sys.argv[2].isdigit():
        print(__doc__, file=sys.stderr)
        return 2
    for path in make(ROOT, sys.argv[1], int(sys.argv[2]), sys.argv[3:]):
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
