"""Our answers have the shape of those that AWS gave once: what docs/reference/recorded.md says, and no less than 95 % of the operations."""

import re
import sys

import pytest
from cairn import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import recorded_answers  # noqa: E402
from recorded_calls import REASONS, answers  # noqa: E402

PAGE = ROOT / "docs/reference/recorded.md"
LEAST = 0.95


@pytest.fixture(scope="module")
def rows(binary, data):
    return recorded_answers.rows_of(data, answers(binary), REASONS)[0]


def test_operations_answer_in_the_shape_that_was_recorded(rows):
    wrong = [f"{row.service} {row.operation}: {sorted(row.unexplained)}" for row in rows if not row.holds]
    assert len(rows) > 100
    assert 1 - len(wrong) / len(rows) >= LEAST, "\n".join(wrong)


def test_no_operation_is_worse_than_the_page_says(rows):
    unexplained = {}
    for title, section in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        for name, why in re.findall(r"^\| (\w+) \| \d+ \| \d+ \| (.*) \|$", section, re.MULTILINE):
            unexplained[title.lower(), name] = set(re.findall(r"\*\*(.*?)\*\*", why))
    assert len(unexplained) > 100
    worse = {f"{row.service} {row.operation}": row.unexplained - unexplained[row.service, row.operation]
             for row in rows if (row.service, row.operation) in unexplained}
    assert not {name: new for name, new in worse.items() if new}


def test_a_shape_that_is_another_is_seen():
    ours = recorded_answers.Seen()
    ours.add({"Name": "a", "Tags": [{"Key": "k"}], "Size": 1})
    ours.add({"Name": "a", "Size": 2})
    for theirs, found in [
        ({"Name": "b", "Size": 3}, []),
        ({"Name": "b", "Size": 3, "Tags": [{"Key": "x"}, {"Key": "y", "Value": "z"}]}, ["-Tags[].Value"]),
        ({"Name": "b", "Size": "3"}, ["Size: string, ours number"]),
        ({"Name": "b"}, ["+Size"]),
        ({"Name": "b", "Size": 3, "Arn": "c"}, ["-Arn"]),
    ]:
        assert recorded_answers.differences(theirs, ours) == found
