"""An upstream that a test plays: it remembers what reached it, byte for byte, and answers as it is told."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Upstream:
    """A server on a port of its own. `answer(request)` writes what it likes; by default 200, and {} to a GET or POST."""

    def __init__(self, answer=None):
        self.answer = answer or ok
        self.lock = threading.Lock()
        self.seen: list[dict] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_expect_100(self):
                self.expected = True
                return outer.wants_body(self) and super().handle_expect_100()

            def run(self):
                entry = {"method": self.command, "target": self.path, "headers": list(self.headers.items())}
                with outer.lock:
                    outer.seen.append(entry)
                outer.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = run

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):  # who goes away is no news
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wants_body(self, _request) -> bool:
        return True

    def targets(self, *methods: str) -> list[str]:
        with self.lock:
            return [entry["target"] for entry in self.seen if not methods or entry["method"] in methods]

    def __enter__(self) -> "Upstream":
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def read_body(request) -> int:
    """How many bytes of body came."""
    left, count = int(request.headers.get("Content-Length", 0)), 0
    while count < left:
        piece = request.rfile.read(min(1 << 20, left - count))
        if not piece:
            raise ConnectionError
        count += len(piece)
    return count


def ok(request) -> None:
    read_body(request)
    body = b"{}" if request.command in ("GET", "POST") else b""
    request.send_response(200)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("x-amzn-RequestId", "of-the-upstream")
    request.end_headers()
    request.wfile.write(body)


def dead_port() -> int:
    """Of 127.0.0.1, where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
