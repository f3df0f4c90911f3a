#!/usr/bin/env python3
"""Writes docs/reference/coverage.md: which operations of the services we answer for are answered, and what stands behind them.

    tools/coverage.py [--check]

From src/aws/models/ (what there is), the tables in src/services/ (what is answered) and tools/coverage_phrases.txt (what it means). With
--check nothing is written; exit status 1 if the page is another. conformance/test_coverage.py compares the page with the running program.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/coverage.md"
PHRASES = ROOT / "tools/coverage_phrases.txt"
# Model, title, what an operation that is not answered gets.
SERVICES = [
    ("cloudtrail", "CloudTrail", "UnsupportedOperationException"),
    ("cloudtrail-data", "CloudTrail Data", "UnsupportedOperationException"),
    ("iam", "IAM", "UnsupportedOperation"),
    ("sts", "STS", "UnsupportedOperation"),
    ("kms", "KMS", "UnsupportedOperationException"),
    ("sns", "SNS", "UnsupportedOperation"),
    ("organizations", "Organizations", "UnsupportedOperationException"),
    ("sqs", "SQS", "UnsupportedOperation"),
    ("s3", "S3", "NotImplemented"),
]
HEAD = """# What is answered

Written by `tools/coverage.py`; do not edit. `conformance/test_coverage.py` calls every operation of this page.

Each operation of these services is recognised, its caller authenticated and the call recorded, whether it is answered or not. One that
is not answered gets the error named below and has no effect. An argument whose feature is not there is refused by name, never ignored.

| service | operations | answered | others get |
|---|---|---|---|
"""
OTHERS = "Others"
REASONED = {"cloudtrail", "cloudtrail-data"}  # each operation that is not answered is in a group, whose name says why


class Problem(Exception):
    pass


def operations(service: str) -> list[str]:
    return sorted(json.loads((ROOT / f"src/aws/models/{service}.json").read_text())["operations"])


def answered(service: str) -> list[str]:
    """The rows of the service's tables, in SERVICE.cc and in files *_operations.cc: {"AddTags", add_tags, …}."""
    folder = ROOT / f"src/services/{service}"
    found: set[str] = set()
    for table in [folder / f"{service}.cc", *sorted(folder.glob("*_operations.cc"))]:
        rows = set(re.findall(r'\{"([A-Z]\w+)",\s*[a-z]\w*', table.read_text())) if table.exists() else set()
        if unknown := rows - set(operations(service)):
            raise Problem(f"{table}: not in the model: {', '.join(sorted(unknown))}")
        found |= rows
    return sorted(found)


def read_phrases() -> tuple[dict[tuple[str, str], str], dict[str, list[tuple[str, re.Pattern]]]]:
    """{(service, operation): phrase} and {service: [(group, names)]}."""
    phrases, groups = {}, {}
    for line in PHRASES.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        what, _, text = line.partition(": ")
        service, _, rest = what.partition(" ")
        if rest.startswith("~ "):
            groups.setdefault(service, []).append((rest[2:], re.compile(text)))
        else:
            phrases[service, rest] = text
    return phrases, groups


def grouped(names: list[str], groups: list[tuple[str, re.Pattern]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name, _ in groups} | {OTHERS: []}
    for name in names:
        found[next((group for group, fits in groups if fits.search(name)), OTHERS)].append(name)
    return {group: members for group, members in found.items() if members}


def section(service: str, title: str, error: str, phrases: dict, groups: dict) -> str:
    does = answered(service)
    does_not = [name for name in operations(service) if name not in does]
    missing = [name for name in does if (service, name) not in phrases]
    if missing:
        raise Problem(f"{PHRASES.name} has no phrase for {service} {', '.join(missing)}")
    out = [f"## {title}", ""]
    if does:
        out += ["| answered | what stands behind it |", "|---|---|"]
        out += [f"| {name} | {phrases[service, name]} |" for name in does] + [""]
    if does_not:
        out += [f"Not answered: `{error}`.", ""]
        by_group = grouped(does_not, groups.get(service, []))
        if service in REASONED and OTHERS in by_group:
            raise Problem(f"{PHRASES.name} says of no group why it is not there: {service} {', '.join(by_group[OTHERS])}")
        for group, members in by_group.items():
            label = f"{group} ({len(members)}): " if service in groups else ""
            out.append(f"- {label}{', '.join(members)}")
        out.append("")
    return "\n".join(out)


def page() -> str:
    phrases, groups = read_phrases()
    stray = [f"{service} {name}" for service, name in phrases if name not in answered(service)]
    if stray:
        raise Problem(f"{PHRASES.name} has phrases for what is not answered: {', '.join(stray)}")
    summary = "".join(f"| {title} | {len(operations(s))} | {len(answered(s))} | `{error}` |\n" for s, title, error in SERVICES)
    return HEAD + summary + "\n" + "\n".join(section(*service, phrases, groups) for service in SERVICES)


def main() -> int:
    try:
        text = page()
    except Problem as problem:
        print(f"coverage: {problem}", file=sys.stderr)
        return 1
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print(f"coverage: {PAGE.relative_to(ROOT)} is not what tools/coverage.py writes: run it", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
