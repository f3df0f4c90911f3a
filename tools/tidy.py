#!/usr/bin/env python3
"""The house rules, as tests over the source tree.

    tools/tidy.py [--junit FILE]

Prints a line for every finding, `tidy: path:line: what (limit)`, then how long functions and files are and what compiled slowest.
Exit status 1 if there was a finding. A rule is a function in tools/tidy_rules/, its first line says why it is there, and
tools/tidy_test.py has a case that breaks it. Needs Python alone.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tidy_rules import coroutines, documents, figures, floors, includes, lifetimes, shape
from tidy_rules.tree import Finding, Tree

RULES = [
    shape.function_length,
    shape.file_length,
    shape.line_length,
    shape.leftovers,
    shape.pragma_once,
    shape.tests_check,
    includes.undeclared_includes,
    includes.banned_includes,
    includes.owned_files,
    floors.floors_agree,
    floors.edges_go_down,
    coroutines.named_before_await,
    coroutines.capturing_coroutines,
    lifetimes.loops_over_what_lasts,
    documents.links_resolve,
    documents.paths_exist,
    documents.promised_tests,
    documents.commands_exist,
    documents.configuration_is_complete,
    documents.folder_readmes,
    documents.one_title,
]


def junit(results: dict[str, list[Finding]]) -> ElementTree.ElementTree:
    """A test case for each rule; for each file of a rule that fails."""
    suite = ElementTree.Element("testsuite", name="tidy")
    for rule, findings in results.items():
        if not findings:
            ElementTree.SubElement(suite, "testcase", classname="tidy", name=rule)
        for path in sorted({finding.path for finding in findings}):
            case = ElementTree.SubElement(suite, "testcase", classname=f"tidy.{rule}", name=path)
            text = "\n".join(str(finding) for finding in findings if finding.path == path)
            ElementTree.SubElement(case, "failure", message=text.splitlines()[0]).text = text
    return ElementTree.ElementTree(suite)


def print_figures(tree: Tree) -> None:
    print("\n".join(figures.lengths_table(tree)))
    slow = figures.slowest_compiles(tree)
    if slow:
        print("slowest compiles of the last dev build:")
        print("\n".join(slow))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--junit", type=Path, help="write the results to FILE as JUnit XML")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    tree = Tree(arguments.root)
    results = {rule.__name__: list(rule(tree)) for rule in RULES}
    for findings in results.values():
        for finding in findings:
            print(finding)
    print_figures(tree)
    if arguments.junit:
        junit(results).write(arguments.junit, encoding="unicode")
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
