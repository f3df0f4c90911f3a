"""How soon after kill -9 the newest event is in LookupEvents again, with heads as full as they get.

    .deps/venv/bin/python bench/restart.py [--rounds 5] [--records 24000] [--binary build/release/cairn]

Each round hands in as many records as fit into a head before it is sealed, waits until the newest is found, kills, and counts from
the start of the process until LookupEvents answers with the newest event's id.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import corpus
from corpus import ROOT
from ingest import Sender, configuration

from cairn import Cairn, eventually  # isort: skip  (corpus finds it)

BATCH = 1000


def is_found(cairn: Cairn, body: corpus.Body) -> bool:
    wanted = [{"AttributeKey": "EventId", "AttributeValue": body.last_id}]
    return bool(cairn.lookup_all(body.last_account, body.last_region, LookupAttributes=wanted))


def once(cairn: Cairn, bodies: list[corpus.Body]) -> tuple[float, float]:
    """Seconds until the server is ready and until the newest event is found."""
    sender = Sender(cairn, bodies)
    sender.run()
    assert not sender.error, sender.error
    assert eventually(lambda: is_found(cairn, bodies[-1]), 60), "the newest event is not found before the kill"
    cairn.kill()
    began = time.monotonic()
    cairn.start()
    ready = time.monotonic() - began
    assert eventually(lambda: is_found(cairn, bodies[-1]), 60, 0.01), "the newest event is lost"
    return ready, time.monotonic() - began


def run(options: argparse.Namespace, folder: Path) -> None:
    pool = corpus.pool()
    each = options.records // BATCH
    (folder / "bodies").mkdir()
    size = sum(len(r) + 1 for r in pool[:BATCH]) * each * options.rounds
    bodies = corpus.write_bodies(folder / "bodies", pool, size, BATCH)
    home = folder / "cairn"
    home.mkdir()
    with Cairn(options.binary, home, configuration(corpus.accounts(pool))) as cairn:
        for number in range(options.rounds):
            ready, found = once(cairn, bodies[number * each:(number + 1) * each])
            print(f"{each * BATCH} records, killed: ready after {ready:.2f} s, the newest event found after {found:.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=24_000)
    parser.add_argument("--binary", default=str(ROOT / "build" / "release" / "cairn"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cairn-restart-"))
    try:
        run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
