"""An nginx of one's own, to compare with or to stand behind something: a folder, a free port, a location and what is done there."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from pathlib import Path

import corpus  # noqa: F401  (finds conformance/)

from cairn import eventually  # isort: skip
from ceph import free_port  # isort: skip

CONFIG = """
user {user}; daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {log}; sendfile on; client_max_body_size 0; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  upstream far {{ server {target}; keepalive 128; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{port}; root {folder}/root; location / {{ {does} }} }}
}}
"""
STORES = "dav_methods PUT DELETE; create_full_put_path on;"  # what is put, in <folder>/root
PROXY = "proxy_pass http://far; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host;"
PROXY_AS_IT_COMES = PROXY + " proxy_request_buffering off; proxy_max_temp_file_size 0;"


class Nginx:
    """Runs from its making to close(). `target` is the URL that PROXY passes on to; `log`: is each request written down?"""

    def __init__(self, folder: Path, does: str, target: str = "", workers: int = 1, log: bool = True):
        (folder / "root").mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        text = CONFIG.format(folder=folder, port=self.url.rpartition(":")[2], user=getpass.getuser(), does=does, workers=workers,
                             target=target.removeprefix("http://") or "127.0.0.1:1", log=f"{folder}/access.log" if log else "off")
        (folder / "conf").write_text(text)
        self.process = subprocess.Popen(["nginx", "-c", folder / "conf", "-e", folder / "error.log"])
        eventually(lambda: (folder / "pid").exists() or None)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def require() -> None:
    if shutil.which("nginx") is None:
        raise SystemExit("nginx is missing: apt-get install nginx-light")
