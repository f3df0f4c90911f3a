"""The page of limits names every limit and every watermark that the code has, and no other."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import limits  # noqa: E402

SOURCES = [path for path in (limits.ROOT / "src").rglob("*.cc") if not limits.NOT_SHIPPED.search(path.as_posix())]
HEADERS = [path for path in (limits.ROOT / "src").rglob("*.h") if not limits.NOT_SHIPPED.search(path.as_posix())]


def code():
    return "\n".join(path.read_text() for path in SOURCES + HEADERS)


class Page(unittest.TestCase):
    def setUp(self):
        self.page = limits.PAGE.read_text()
        self.by_hand = self.page.split(limits.BEGIN)[0]

    def test_has_every_limit_of_the_code(self):
        self.assertEqual(self.page, limits.page(self.page), "run tools/limits.py")

    def test_names_every_watermark(self):
        """A gauge with a limit is in the hand-written table, and what that names is a gauge of the code."""
        limited = set(re.findall(r'\blimit\("(cairn_\w+)"', code()))
        limited |= set(re.findall(r'"(cairn_(?:calls_body|records_in_flight|answers)_bytes)"', code()))
        named = set(re.findall(r"`(cairn_\w+)`", self.by_hand))
        self.assertLessEqual(limited, named)
        for name in named:
            self.assertIn(f'"{name}"', code(), "the page names a metric that is none")

    def test_names_limits_that_exist(self):
        """`…_max` in the hand-written tables is a limit of the code or a key of the configuration."""
        known = set(re.findall(r"\b(\w+_max|k\w+Max)\b", code())) | set(re.findall(r'"([a-z_]+\.[a-z_]+)"', code()))
        for name in re.findall(r"`([\w.]+_max)`", self.by_hand):
            self.assertIn(name, known)


class Reading(unittest.TestCase):
    def test_rows(self):
        for text, want in (
            ("  std::size_t body_bytes_max = 4U << 20;  // of a body\n", ("body_bytes_max", "4 MiB", "of a body")),
            ("  static constexpr std::size_t users_max = 5'000;\n", ("users_max", "5,000", "")),
            ("constexpr int kTriesMax =\n    1000;  // a try\n             // goes on\n\n// Something else.\n", ("kTriesMax", "1,000", "a try goes on")),
            ("  Millis idle_max{60'000};\n", ("idle_max", "60,000", "")),
            ("  std::size_t rows_max = other + 1;\n", ("rows_max", "`other + 1`", "")),
        ):
            self.assertEqual(limits.limits(text), [want])

    def test_what_is_no_limit(self):
        self.assertEqual(limits.limits("  std::uint64_t size = 5;\n  return page_max;\n  f(bytes_max);\n"), [])

    def test_a_limit_of_the_code_is_in_the_table(self):
        self.assertIn("| `delivery/delivery.h` | `spool_bytes_max` | 4 GiB | per trail and bucket |", limits.table())


if __name__ == "__main__":
    unittest.main()
