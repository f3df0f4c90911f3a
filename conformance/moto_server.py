"""moto's server in a process of its own (other_s3.Moto has one within the test's): what thousands of calls leave behind is nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from cairn import eventually

# Answers that it has listens on a port that it picked itself.
PROGRAM = """
import sys
from werkzeug.serving import make_server
from moto.server import DomainDispatcherApplication, create_backend_app
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


class MotoServer:
    def __init__(self, folder: Path):
        self.log = folder / "moto.log"

    def __enter__(self) -> "MotoServer":
        # It keeps to itself: nothing of the caller's AWS settings is for it.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"MOTO_ENABLE_ISO_REGIONS": "false"}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        port = self.process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"moto did not start:\n{self.log.read_text()[-2000:]}")
        self.url = f"http://127.0.0.1:{port}"
        eventually(self._answers)
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/moto-api/", timeout=5):
                return True
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)
