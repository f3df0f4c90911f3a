"""docs/operate/configuration.md is true: its defaults are the program's, and its example is one that the program takes."""

import re
import subprocess

from cairn import ROOT

PAGE = (ROOT / "docs/operate/configuration.md").read_text()


def check_config(binary, *flags: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([binary, "check-config", *flags], capture_output=True, text=True, env=environment or {})


def effective(printed: str) -> dict[str, str]:
    """The scalars of what check-config prints, by dotted name."""
    found, section = {}, ""
    for line in printed.splitlines():
        name, mark, value = line.partition(": ")
        if not mark:
            section = line.rstrip(":")
        else:
            found[f"{section}.{name.strip()}" if line.startswith("  ") else name] = value
    return found


def test_defaults(binary):
    shown = effective(check_config(binary).stdout)
    rows = re.findall(r"^\| `([a-z_.]+)` \| (?:`([^`]*)`|empty)", PAGE, re.MULTILINE)
    assert dict(rows) == {key: shown.get(key, "not shown").strip("[]") for key, _ in rows}


def test_the_example_is_taken(binary, tmp_path):
    example = tmp_path / "cairn.yaml"
    example.write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL).group(1))
    done = check_config(binary, "--config", str(example))
    assert done.returncode == 0, done.stderr
    assert effective(done.stdout)["history.retention"] == "365d"
    assert "change-me" not in done.stdout


def test_flags_win_over_the_environment_and_it_over_the_file(binary, tmp_path):
    file = tmp_path / "cairn.yaml"
    file.write_text("delivery: {interval: 3s}\nhistory: {retention: 10d}\ndata: /file\n")
    environment = {"CAIRN_DATA": "/variable", "CAIRN_HISTORY_RETENTION": "20d"}
    done = check_config(binary, "--config", str(file), "--data", "/flag", environment=environment)
    shown = effective(done.stdout)
    assert (shown["delivery.interval"], shown["history.retention"], shown["data"]) == ("3s", "20d", "/flag")


def test_errors_name_key_and_place(binary, tmp_path):
    file = tmp_path / "cairn.yaml"
    file.write_text("listen: 127.0.0.1:0\n\ndelivery:\n  intervall: 3s\n")
    done = check_config(binary, "--config", str(file))
    assert done.returncode == 1 and f"{file}:4: delivery.intervall: unknown key" in done.stderr
    done = check_config(binary, environment={"CAIRN_DELIVERY_INTERVAL": "soon"})
    assert done.returncode == 1 and "CAIRN_DELIVERY_INTERVAL: delivery.interval" in done.stderr
