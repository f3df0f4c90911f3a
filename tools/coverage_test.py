"""The page of what is answered is up to date, and its generator notices what is missing."""

import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import coverage  # noqa: E402


class Page(unittest.TestCase):
    def test_is_what_the_generator_writes(self):
        self.assertEqual(coverage.PAGE.read_text(), coverage.page(), "run tools/coverage.py")

    def test_every_operation_is_on_it_once(self):
        for service, title, _ in coverage.SERVICES:
            section = coverage.page().split(f"## {title}\n")[1].split("\n## ")[0]
            words = section.replace(",", " ").replace("|", " ").split()
            for operation in coverage.operations(service):
                self.assertIn(operation, words)

    def test_an_answer_without_a_phrase_is_noticed(self):
        with mock.patch.object(coverage, "answered", lambda service: ["CreateRole"] if service == "iam" else []):
            with self.assertRaisesRegex(coverage.Problem, "phrase"):
                coverage.page()

    def test_what_is_missing_without_a_reason_is_noticed(self):
        phrases, _ = coverage.read_phrases()
        with mock.patch.object(coverage, "read_phrases", lambda: (phrases, {})):
            with self.assertRaisesRegex(coverage.Problem, "why it is not there"):
                coverage.page()

    def test_a_table_with_an_operation_that_is_none_is_noticed(self):
        with mock.patch.object(coverage, "operations", lambda service: []):
            with self.assertRaisesRegex(coverage.Problem, "not in the model"):
                coverage.answered("sts")


if __name__ == "__main__":
    unittest.main()
