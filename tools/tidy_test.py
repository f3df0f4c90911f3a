"""Each house rule is seen to fail on what breaks it, and to leave alone what does not."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tidy  # noqa: E402
from tidy_rules import cpp, figures  # noqa: E402
from tidy_rules.tree import Tree  # noqa: E402

# A repository that breaks no rule; cases lay their files over it.
BASE = {
    "dev": "cmd_run() { true; }\ncmd_help() {\n  cat <<'HELP'\n./dev run   runs\nHELP\n}\n",
    "README.md": "# Small\n\n[floors](ARCHITECTURE.md#floors), ./dev run\n",
    "ARCHITECTURE.md": "# House\n\n## Floors\n\n| 1 | `wood/` |\n| 0 | `base/` |\n",
    "docs/operate/configuration.md": "# Keys\n\n| `listen` | where |\n",
    "src/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(wood)\nadd_subdirectory(node)\n",
    "src/base/CMakeLists.txt": "cairn_module(NAME base FLOOR 0 DEPS LIBS fmt::fmt)\n",
    "src/base/README.md": "# base\n",
    "src/base/base.h": "#pragma once\nint base();\n",
    "src/wood/CMakeLists.txt": "cairn_module(NAME wood FLOOR 1 DEPS base TEST_DEPS oak)\n",
    "src/wood/README.md": "# wood\n",
    "src/wood/wood.h": '#pragma once\n#include "base/base.h"\nint wood();\n',
    "src/node/config.cc": 'auto s = text_setting("listen", c.listen);\n',
    "src/node/CMakeLists.txt": "cairn_module(NAME node FLOOR 7 DEPS base)\n",
    "src/node/README.md": "# node\n",
}
BASE["ARCHITECTURE.md"] += "| 7 | `node/` |\n"


def lines(count: int) -> str:
    return "  work();\n" * count


def wood_test(body: str, more: str = "") -> dict[str, str]:
    return {"src/wood/wood_test.cc": f"{more}TEST(Wood, grows) {{\n{body}}}\n"}


def code(text: str) -> dict[str, str]:
    return {"src/wood/wood.cc": text}


# rule -> [(files, words of the finding; none: it must stay silent)]
CASES = {
    "function_length": [
        (code("int f() {\n" + lines(69) + "}\n"), "function is 71 lines: src/wood/wood.cc:f (limit 70)"),
        (code("int f() {\n" + lines(68) + "}\n"), None),
        (code("X::X(int a)\n    : a_{a},\n      b_(a) {\n" + lines(70) + "}\n"), "wood.cc:X::X"),
        (code("class A {\n public:\n  void f() const {\n" + lines(70) + "  }\n};\n"), "wood.cc:f"),
        (code("// {\nconst char* kBrace = \"{\";\nint f() {\n" + lines(70) + "}\n"), "wood.cc:3: function is 72"),
        (code("const int kTable[] = {\n" + "  1,\n" * 90 + "};\n"), None),
        (wood_test(lines(70)), "TEST(Wood, grows)"),
        ({"tools/a.py": "def f():\n" + "    work()\n" * 70}, "function is 71 lines: tools/a.py:f"),
        (code("int f() {\n" + lines(72) + "}\n") | {"tools/tidy_ratchet.txt": "function 73 src/wood/wood.cc:f\n"}, "limit 73"),
        (code("int f() {\n" + lines(70) + "}\n") | {"tools/tidy_ratchet.txt": "function 72 src/wood/wood.cc:f\n"}, None),
        (code("int f() {\n" + lines(70) + "}\n") | {"tools/tidy_ratchet.txt": "function 80 src/wood/wood.cc:f\n"}, "not 80: say so"),
        (code("int f() {\n" + lines(10) + "}\n") | {"tools/tidy_ratchet.txt": "function 80 src/wood/wood.cc:f\n"}, "take it out"),
    ],
    "file_length": [
        (code("int a;\n" * 451), "file is 451 lines: src/wood/wood.cc (limit 450)"),
        (code("int a;\n" * 450), None),
        (code("int a;\n" * 460) | {"tools/tidy_ratchet.txt": "file 460 src/wood/wood.cc\n"}, None),
    ],
    "line_length": [
        (code("// " + "a" * 140 + "\n"), "line is 143 characters"),
        (code('auto a = "' + "a" * 200 + '";\n'), None),
    ],
    "leftovers": [
        (code("// TO" "DO: more\n"), "do it, or write an issue"),
        (code("int dum" "my = 1;\n"), "dum" "my"),
        (code("// st" "ubborn\n"), None),
    ],
    "pragma_once": [({"src/wood/tree.h": "int a;\n"}, "header without #pragma once")],
    "tests_check": [
        (wood_test("  grow();\n"), "checks nothing"),
        (wood_test("  EXPECT_EQ(grow(), 1);\n"), None),
        (wood_test("  // EXPECT_EQ(grow(), 1);\n"), "checks nothing"),
        (wood_test("  must_grow();\n", "void must_grow() {\n  ASSERT_TRUE(grow());\n}\n"), None),
        (wood_test("  all();\n", "void one() {\n  ASSERT_TRUE(grow());\n}\nvoid all() {\n  one();\n}\n"), None),
        ({"conformance/test_a.py": "def test_a():\n    print(1)\n"}, "test_a checks nothing"),
        ({"conformance/test_a.py": "def look():\n    assert 1\n\ndef test_a():\n    look()\n"}, None),
    ],
    "undeclared_includes": [
        ({"src/base/base.cc": '#include "wood/wood.h"\n'}, "wood is not among the DEPS of base"),
        (code('#include "stone/stone.h"\n'), "in no module"),
        ({"src/wood/wood_test.cc": '#include "oak/oak.h"\n', "src/oak/CMakeLists.txt": "cairn_module(NAME oak FLOOR 1)\n"}, None),
        (code('#include "oak/oak.h"\n') | {"src/oak/CMakeLists.txt": "cairn_module(NAME oak FLOOR 1)\n"}, "oak is not among"),
        (code('#include "base/base.h"\n#include "wood/wood.h"\n'), None),
    ],
    "banned_includes": [
        (code("#include <regex>\n"), "take RE2"),
        (code("#include <boost/asio.hpp>\n"), "the one thing that is used"),
        (code("#include <boost/beast/core.hpp>\n"), "outside http"),
        ({"src/http/a.h": "#include <boost/beast/core.hpp>\n"}, "in a header"),
        ({"src/http/a.cc": "#include <boost/beast/core.hpp>\n"}, None),
        (code("#include <sqlite3.h>\n"), "outside catalog/sqlite"),
    ],
    "owned_files": [
        ({"src/loose/a.cc": ""}, "no module owns it"),
        ({"src/far/CMakeLists.txt": "cairn_module(NAME far FLOOR 1)\n"}, "no add_subdirectory leads to far/"),
        ({"src/wood/notes.txt": "", "src/wood/tsan.supp": ""}, "src/wood/notes.txt:1: a file that no rule knows"),
        ({"src/wood/compat/v1.bin": ""}, None),
    ],
    "floors_agree": [
        ({"ARCHITECTURE.md": "# A\n\n| 2 | `wood/` |\n| 0 | `base/` |\n| 7 | `node/` |\n"}, '"wood/" is on floor 2 here (floor 1'),
        ({"ARCHITECTURE.md": "# A\n\n| 1 | `wood/`, `archive/` |\n| 0 | `base/` |\n"}, 'lists "archive/", which is no module'),
        ({"ARCHITECTURE.md": "# A\n\n| 0 | `base/` |\n| 7 | `node/` |\n"}, 'does not list "wood/"'),
    ],
    "edges_go_down": [
        ({"src/base/CMakeLists.txt": "cairn_module(NAME base FLOOR 1 DEPS\n  wood)\n"}, "base (floor 1) may not stand on wood (floor 1)"),
        ({"src/wood/CMakeLists.txt": "cairn_module(NAME wood FLOOR 1 DEPS bark)\n"}, "bark, which is no module"),
    ],
    "named_before_await": [
        (code("Task<void> f() {\n  co_await g(Opts{a});\n}\n"), "braces in a statement"),
        (code("Task<void> f() {\n  co_await g({.a = 1});\n}\n"), "braces in a statement"),
        (code("Task<void> f() {\n  CAIRN_CO_TRY(auto x, co_await g([a] { return a; }));\n}\n"), "a capturing lambda"),
        (code("Task<void> f() {\n  auto x = Opts{co_await g()};\n}\n"), "braces in a statement"),
        (code("Task<void> f() {\n  const auto o = Opts{a};\n  if (co_await g(o)) {\n    h({1});\n  }\n}\n"), None),
        (code("Task<void> f() {\n  auto job = [a] { return a; };\n  while (true) {\n    co_await g(job);\n  }\n}\n"), None),
        (code("Task<void> f() {\n  co_await sleep(Millis{100});\n}\n"), None),
        (code("auto f = [](int a) -> Task<int> {\n  co_return co_await g(a);\n};\n"), None),
        (code("Task<void> f() {\n  switch (a) {\n    case 1: {\n      co_await g();\n    }\n  }\n}\n"), None),
    ],
    "capturing_coroutines": [
        (code("auto f = [a](int b) -> Task<int> { co_return a + b; };\n"), "captures [a] is a coroutine"),
        (code("auto f = [this] { co_await g(); };\n"), "captures [this]"),
        (code("auto f = [](int b) -> Task<int> { co_return b; };\n"), None),
        (code("auto f = [a] { return spawn([](int b) -> Task<int> { co_return b; }(a)); };\n"), None),
    ],
    "loops_over_what_lasts": [
        (code("void f() {\n  for (auto x : *g(1)) {\n  }\n}\n"), "a part of what a call returned"),
        (code("void f() {\n  for (auto x :\n       a::g(h(1)).value()) {\n  }\n}\n"), "a part of what a call returned"),
        (code("void f() {\n  for (auto x : *a.b->g()) {\n  }\n}\n"), "a part of what a call returned"),
        (code("void f() {\n  for (auto x : g(1)) {\n  }\n  for (auto x : *held) {\n  }\n  for (int i = *g(); i < 2; ++i) {\n  }\n}\n"), None),
    ],
    "links_resolve": [
        ({"docs/a.md": "# A\n\n[b](b.md)\n"}, "link to b.md, which is not there"),
        ({"docs/a.md": "# A\n\n[b](../README.md#no-such)\n"}, "no such heading"),
        ({"docs/a.md": "# A\n\n[b](../README.md#small) [c](https://example.com) `[d](e)`\n"}, None),
    ],
    "paths_exist": [
        ({"docs/a.md": "# A\n\nSee `src/wood/bark.cc`.\n"}, "names src/wood/bark.cc"),
        (code("// docs/formats/wood.md\n"), "names docs/formats/wood.md"),
        (code("// How: wood/bark.h.\n"), "names src/wood/bark.h"),
        (code("// How: wood/wood.h, not elsewhere/bark.h.\n"), None),
        ({"docs/a.md": "# A\n\nSee `src/wood/wood.h`.\n"}, None),
    ],
    "promised_tests": [
        (code("// Grows. Tested by bark_test.cc.\n"), "is tested by bark_test.cc"),
        (code("// Grows. Tested by wood_test.cc\n// and wood_fuzz.cc.\n") | wood_test(""), "is tested by wood_fuzz.cc"),
        (code("// Grows. Tested by wood_test.cc.\n") | wood_test(""), None),
    ],
    "commands_exist": [
        ({"docs/a.md": "# A\n\n./dev fly\n"}, "dev has no such command"),
        ({"cmake/a.cmake": "# by ./dev fly\n"}, "dev has no such command"),
        ({"dev": "cmd_run() { true; }\ncmd_fly() { true; }\n./dev run   runs\n"}, "./dev help does not name fly"),
    ],
    "configuration_is_complete": [
        ({"docs/operate/configuration.md": "# Keys\n"}, "does not describe listen"),
        ({"docs/operate/configuration.md": "# Keys\n\n| `listen` | a |\n| `speak` | b |\n"}, "describes speak, which is no setting"),
        ({"src/node/config.cc": 'choice_setting<log::Level>("log.level", x), text_setting("listen", y)'}, "does not describe log.level"),
    ],
    "folder_readmes": [
        ({"src/wood/README.md": "# wood\n" + "a\n" * 60}, "README is 61 lines (limit 60)"),
        ({"src/oak/CMakeLists.txt": "cairn_module(NAME oak FLOOR 1)\n"}, "src/oak/README.md:1: is not there"),
    ],
    "one_title": [
        ({"docs/a.md": "A\n"}, "0 titles"),
        ({"docs/a.md": "# A\n\n# B\n"}, "2 titles"),
        ({"docs/a.md": "# A\n\n```\n# B\n```\n"}, None),
    ],
}


class Repository:
    """A small tree on the disk for as long as it is needed."""

    def __init__(self, files: dict[str, str]):
        self.files = BASE | files

    def __enter__(self) -> Tree:
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return Tree(root, list(self.files))

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


class Rules(unittest.TestCase):
    def test_every_rule_has_a_case_that_breaks_it(self):
        breaking = {rule for rule, cases in CASES.items() if any(words for _, words in cases)}
        self.assertEqual({rule.__name__ for rule in tidy.RULES}, breaking)

    def test_nothing_is_wrong_with_the_base(self):
        with Repository({}) as tree:
            self.assertEqual([str(finding) for rule in tidy.RULES for finding in rule(tree)], [])

    def test_cases(self):
        rules = {rule.__name__: rule for rule in tidy.RULES}
        for name, cases in CASES.items():
            for number, (files, words) in enumerate(cases):
                with self.subTest(rule=name, case=number), Repository(files) as tree:
                    found = [str(finding) for finding in rules[name](tree)]
                    if words is None:
                        self.assertEqual(found, [])
                    else:
                        self.assertTrue(any(words in one for one in found), f"{words!r} in {found}")


class Reading(unittest.TestCase):
    def test_blanking_keeps_places(self):
        text = "int a = 1'000; // {\nauto b = R\"x({\n)x\"; char c = '{'; /* {\n */ #define\n#define D {\n"
        blanked = cpp.blank(text)
        self.assertEqual(len(blanked), len(text))
        self.assertEqual(blanked.count("\n"), text.count("\n"))
        self.assertNotIn("{", blanked)
        self.assertIn("1'000", blanked)

    def test_spread(self):
        self.assertEqual(figures.spread(list(range(1, 101))), (51, 91, 100))
        self.assertEqual(figures.spread([7]), (7, 7, 7))


class Command(unittest.TestCase):
    """tools/tidy.py as `./dev test` calls it."""

    def run_on(self, files: dict[str, str]) -> tuple[int, str, str]:
        with Repository(files) as tree:
            subprocess.run(["git", "init", "-q", "."], cwd=tree.root, check=True)
            command = [sys.executable, str(Path(tidy.__file__)), "--root", str(tree.root), "--junit", str(tree.root / "out.xml")]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.returncode, done.stdout, (tree.root / "out.xml").read_text()

    def test_clean(self):
        status, printed, junit = self.run_on({})
        self.assertEqual(status, 0, printed)
        self.assertEqual(junit.count("<testcase"), len(tidy.RULES))
        self.assertNotIn("<failure", junit)

    def test_a_finding_fails_and_is_in_the_results(self):
        status, printed, junit = self.run_on({"src/wood/tree.h": "int a;\n"})
        self.assertEqual(status, 1)
        self.assertIn("tidy: src/wood/tree.h:1: header without #pragma once", printed)
        self.assertIn('classname="tidy.pragma_once" name="src/wood/tree.h"', junit)


if __name__ == "__main__":
    unittest.main()
