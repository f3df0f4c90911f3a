"""What new_module.py writes breaks no house rule but the ones that ask for words."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import new_module  # noqa: E402
import tidy  # noqa: E402
from tidy_rules.tree import Tree  # noqa: E402


class NewModule(unittest.TestCase):
    def test_is_tidy(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "src").mkdir()
            (root / "src/CMakeLists.txt").write_text("")
            new_module.make(root, "base", 0, [])
            made = new_module.make(root, "journal/kafka", 4, ["base"])
            self.assertEqual(len(made), 5)
            tree = Tree(root, [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()])
            self.assertEqual(tree.modules["journal/kafka"].deps, ["base"])
            asked = {"floors_agree", "configuration_is_complete"}
            found = [str(finding) for rule in tidy.RULES if rule.__name__ not in asked for finding in rule(tree)]
            self.assertEqual(found, [])

    def test_refuses_what_is_there_and_what_is_no_name(self):
        with tempfile.TemporaryDirectory() as folder:
            there = Path(folder) / "src/oak"
            there.mkdir(parents=True)
            (there / "CMakeLists.txt").write_text("")
            for name in ("oak", "Oak", "../oak", "a/b/c", ""):
                with self.assertRaises(SystemExit):
                    new_module.make(Path(folder), name, 1, [])


if __name__ == "__main__":
    unittest.main()
