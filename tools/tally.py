"""Adds up JUnit files (GoogleTest's and pytest's) and ends with the one line that CI reads: N passed, M failed, K skipped."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
        return "skipped"
    return "passed"


def main(folder: Path) -> int:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for file in sorted(folder.rglob("*.xml")):
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            if (case.get("name") or "").startswith("DISABLED_"):
                continue  # no test: it writes a sample when asked to
            result = outcome(case)
            counts[result] += 1
            if result != "passed":
                reason = next((e.get("message") or e.text or "" for e in case if e.tag in ("failure", "error", "skipped")), "")
                name = f"{case.get('classname')}.{case.get('name')}"
                print(f"{result}: {file.parent.name}/{name}: {' '.join(reason.split())[:200]}")
    # A program that crashed wrote no file: ctest's log names it.
    for log in folder.rglob("ctest.log"):
        for line in log.read_text(errors="replace").splitlines():
            if "***Failed" in line or "***Exception" in line or "***Timeout" in line or "***Not Run" in line:
                program = line.split(":")[1].split()[0] if ":" in line else line
                if not (log.parent / f"cairn_{program}_test.xml").exists():
                    counts["failed"] += 1
                    print(f"failed: {log.parent.name}/{program}: {line.strip()}")
    print(f"{counts['passed']} passed, {counts['failed']} failed" + (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
