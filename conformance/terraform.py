"""Terraform with the aws provider from a mirror on this machine: CAIRN_TERRAFORM_PLUGINS, or a place that Terraform itself looks into."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from glob import glob
from pathlib import Path

import pytest

PLACES = ["~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*"]
PROVIDER = "registry.terraform.io/hashicorp/aws"
SECONDS_MAX = 300


def mirror() -> Path | None:
    named = os.environ.get("CAIRN_TERRAFORM_PLUGINS")
    found = [named] if named else [path for place in PLACES for path in sorted(glob(os.path.expanduser(place)))]
    return next((Path(path) for path in found if (Path(path) / PROVIDER).is_dir()), None)


class Terraform:
    """A folder with a configuration and its states; one process a step."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.program, plugins = shutil.which("terraform"), mirror()
        if not self.program:
            pytest.skip("no terraform on the PATH")
        if not plugins:
            pytest.skip(f"no {PROVIDER} below CAIRN_TERRAFORM_PLUGINS, nor where Terraform looks for mirrors")
        self.folder, self.state, self.variables = folder, "terraform.tfstate", {}
        folder.mkdir()
        settings = folder / "settings"
        settings.write_text(f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{plugins}"\n  }}\n}}\n')
        self.environment = {name: value for name, value in environment.items() if not name.startswith("TF_")}
        self.environment.update(TF_CLI_CONFIG_FILE=str(settings), TF_IN_AUTOMATION="1")

    def add(self, *files: Path) -> None:
        for file in files:
            shutil.copy(file, self.folder)

    def run(self, command: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess:
        ran = subprocess.run([self.program, command, "-no-color", "-input=false", *arguments], cwd=self.folder, env=self.environment,
                             capture_output=True, text=True, timeout=SECONDS_MAX)
        assert ran.returncode in accepted, f"terraform {command}: {ran.returncode}\n{ran.stdout[-20000:]}\n{ran.stderr[-20000:]}"
        return ran

    def _about(self) -> list[str]:
        return [f"-state={self.state}", *(f"-var={name}={value}" for name, value in self.variables.items())]

    def apply(self) -> str:
        return self.run("apply", "-auto-approve", *self._about()).stdout

    def destroy(self) -> None:
        self.run("destroy", "-auto-approve", *self._about())

    def drift(self) -> str:
        """What a plan would change, as it prints it; empty when the state is what is there."""
        ran = self.run("plan", "-detailed-exitcode", *self._about(), accepted=(0, 2))
        return ran.stdout if ran.returncode else ""

    def resources(self) -> dict[str, dict]:
        """Address -> attributes, of what the state manages."""
        state = json.loads((self.folder / self.state).read_text())
        return {f"{held['type']}.{held['name']}": held["instances"][0]["attributes"] for held in state["resources"] if held["mode"] == "managed"}
