"""An S3 that is not Cairn's: moto's, and a wire to one that can be cut."""

from __future__ import annotations

import gzip
import json
import logging
import select
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from cairn import REGION


class OtherS3:
    url: str
    access_key, secret = "AKIATEST", "secret"

    def endpoint(self, folder: Path, url: str = "") -> str:
        """What Cairn's configuration says of it."""
        secret = folder / "secret"
        secret.write_text(self.secret + "\n")
        what = f"url: '{url or self.url}', access_key: {self.access_key}, secret_file: '{secret}', region: {REGION}"
        return f"endpoints: {{s3: {{{what}}}}}\n"

    def s3(self, access_key: str = "", secret: str = ""):
        return boto3.client("s3", endpoint_url=self.url, region_name=REGION,
                            aws_access_key_id=access_key or self.access_key, aws_secret_access_key=secret or self.secret,
                            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))

    def keys(self, bucket: str) -> list[str]:
        pages = self.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", []) if item["Key"].endswith(".json.gz")]

    def records(self, bucket: str, key: str) -> list[dict]:
        return json.loads(gzip.decompress(self.s3().get_object(Bucket=bucket, Key=key)["Body"].read()))["Records"]

    def delivered(self, bucket: str = "logs") -> list[str]:
        """Event ids of every log file, in the order of their keys."""
        return [record["eventID"] for key in self.keys(bucket) for record in self.records(bucket, key)]


class Moto(OtherS3):
    """moto's server on a port that stays its own while it is away. What is in its buckets outlives it."""

    def __init__(self):
        server = pytest.importorskip("moto.server", reason="no moto: pip install 'moto[s3,server]'")
        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.make = lambda: server.ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = None

    def start(self):
        self.server = self.make()
        self.server.start()

    def stop(self):
        if self.server:
            self.server.stop()
        self.server = None

    def in_order_of_arrival(self, bucket: str) -> list[str]:
        """Keys of log files in the order in which they were first put; moto runs in this process."""
        from moto.s3.models import s3_backends
        found = [one.buckets[bucket] for regions in s3_backends.values() for one in regions.values() if bucket in one.buckets]
        return [key for key in found[0].keys if key.endswith(".json.gz")]


class Wire:
    """A port of 127.0.0.1 that leads to another one, until it is cut: then it refuses, or takes connections and says nothing."""

    def __init__(self, port: int):
        self.target, self.lock = ("127.0.0.1", port), threading.Lock()
        self.open: set[socket.socket] = set()
        self.listener: socket.socket | None = None
        self.port = 0
        self.mend()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        self._end()
        self._listen(silent=False)

    def cut(self, silent: bool) -> None:
        """Whatever is under way breaks off where it is."""
        self._end()
        if silent:
            self._listen(silent=True)

    def _listen(self, silent: bool) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listener, silent), daemon=True).start()

    def _end(self) -> None:
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        with self.lock:
            for one in self.open:  # whoever reads from it closes it
                with suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no farewell
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket, silent: bool) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._swallow if silent else self._lead, args=(near,), daemon=True).start()

    def _swallow(self, near: socket.socket) -> None:
        with self._held(near), suppress(OSError):
            while near.recv(65536):
                pass

    def _lead(self, near: socket.socket) -> None:
        with suppress(OSError):
            far = socket.create_connection(self.target)
            other = {near: far, far: near}
            with self._held(near), self._held(far):
                while True:
                    for source in select.select(list(other), [], [])[0]:
                        piece = source.recv(65536)
                        if not piece:
                            return
                        other[source].sendall(piece)

    @contextmanager
    def _held(self, one: socket.socket):
        with self.lock:
            self.open.add(one)
        try:
            yield
        finally:
            with self.lock:
                self.open.discard(one)
                one.close()
