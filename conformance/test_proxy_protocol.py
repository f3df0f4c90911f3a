"""Behind a proxy that speaks the PROXY protocol: events have the caller's own address; nobody else may say whose he is."""

import contextlib
import socket
import threading
import urllib.error
import urllib.request

import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError
from cairn import Cairn, eventually

CALLER = "192.0.2.7"
LINE = f"PROXY TCP4 {CALLER} 198.51.100.1 56324 443\r\n".encode()
BINARY = (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton(CALLER) + socket.inet_aton("198.51.100.1") + b"\xdc\x04\x01\xbb")


def pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Passes connections on from an address of its own, each behind a header."""

    def __init__(self, endpoint: str, header: bytes, address: str = "127.0.0.2"):
        host, port = endpoint.removeprefix("http://").split(":")
        self.to, self.header, self.address = (host, int(port)), header, address
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.to, source_address=(self.address, 0))
                far.sendall(self.header)
            except OSError:
                return
            for ends in ((near, far), (far, near)):
                threading.Thread(target=pipe, args=ends, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_) -> None:
        self.listener.close()


def source_of(cairn: Cairn, iam, name: str) -> str:
    """Where the call came from, as its record has it."""
    iam.create_user(UserName=name)
    return next(entry["record"]["sourceIPAddress"] for entry in eventually(
        lambda: [e for e in cairn.journal() if name in str(e.get("record", {}).get("requestParameters"))]))


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("behind-a-proxy"), "proxy_protocol: [127.0.0.2]\n") as running:
        yield running


def through(cairn: Cairn, proxy: Proxy):
    return cairn.session().client("iam", endpoint_url=proxy.url, config=Config(retries={"total_max_attempts": 1}))


@pytest.mark.parametrize("header", [LINE, BINARY], ids=["1", "2"])
def test_records_have_the_callers_own_address(cairn, header):
    with Proxy(cairn.endpoint, header) as proxy:
        assert source_of(cairn, through(cairn, proxy), f"wren-{len(header)}") == CALLER


def test_a_proxy_that_says_nothing_is_not_served(cairn):
    with Proxy(cairn.endpoint, b"") as proxy, pytest.raises(HTTPClientError):
        through(cairn, proxy).list_users()
    assert source_of(cairn, cairn.client("iam"), "robin") == "127.0.0.1"


def test_nobody_else_is_believed(cairn):
    with Proxy(cairn.endpoint, LINE, "127.0.0.1") as proxy:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(proxy.url + "/_cairn/livez", timeout=10)
        assert refused.value.code == 400
