"""A PostgreSQL of one's own: in a folder, on a socket there, as an unprivileged user; asked through libpq with prepared statements."""

from __future__ import annotations

import ctypes
import ctypes.util
import glob
import os
import pwd
import shutil
import subprocess
from pathlib import Path

SETTINGS = {"shared_buffers": "1GB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB", "listen_addresses": "''", "jit": "off",
            "wal_level": "minimal", "max_wal_senders": "0", "effective_cache_size": "8GB", "random_page_cost": "1.1"}


def programs() -> Path | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return Path(found[-1]).parent if found else None


class Postgresql:
    def __init__(self, folder: Path):
        self.programs, self.folder, self.data = programs(), folder, folder / "data"
        folder.mkdir()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:  # it refuses to run as root
            self.user = "postgres"
            shutil.chown(folder, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "bench", "--no-locale", "-E", "UTF8", "--auth", "trust")
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in (SETTINGS | {"unix_socket_directories": f"'{folder}'"}).items())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", self.user, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=self.folder)

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "120", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-m", "fast", "stop")

    def connect(self) -> "Connection":
        return Connection(f"host={self.folder} dbname=postgres user=bench")


class Connection:
    """libpq, as far as a benchmark needs it."""

    def __init__(self, target: str):
        self.pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
        for name in ("PQconnectdb", "PQexec", "PQprepare", "PQexecPrepared", "PQgetResult"):
            getattr(self.pq, name).restype = ctypes.c_void_p
        for name in ("PQerrorMessage", "PQgetvalue", "PQresultErrorMessage"):
            getattr(self.pq, name).restype = ctypes.c_char_p
        self.connection = ctypes.c_void_p(self.pq.PQconnectdb(target.encode()))
        if self.pq.PQstatus(self.connection) != 0:
            raise RuntimeError(self.pq.PQerrorMessage(self.connection).decode())

    def _rows(self, result: int) -> list[list[bytes]]:
        result = ctypes.c_void_p(result)
        try:
            if self.pq.PQresultStatus(result) not in (1, 2, 4):  # done, rows, ready for COPY
                raise RuntimeError(self.pq.PQresultErrorMessage(result).decode())
            columns = range(self.pq.PQnfields(result))
            return [[self.pq.PQgetvalue(result, row, column) for column in columns] for row in range(self.pq.PQntuples(result))]
        finally:
            self.pq.PQclear(result)

    def run(self, sql: str) -> list[list[bytes]]:
        return self._rows(self.pq.PQexec(self.connection, sql.encode()))

    def prepare(self, name: str, sql: str) -> None:
        self._rows(self.pq.PQprepare(self.connection, name.encode(), sql.encode(), 0, None))

    def execute(self, name: str, *values: str) -> list[list[bytes]]:
        texts = (ctypes.c_char_p * len(values))(*(value.encode() for value in values))
        return self._rows(self.pq.PQexecPrepared(self.connection, name.encode(), len(values), texts, None, None, 0))

    def copy(self, table: str, rows: bytes) -> None:
        self.run(f"COPY {table} FROM STDIN")
        if self.pq.PQputCopyData(self.connection, rows, len(rows)) != 1 or self.pq.PQputCopyEnd(self.connection, None) != 1:
            raise RuntimeError(self.pq.PQerrorMessage(self.connection).decode())
        self._rows(self.pq.PQgetResult(self.connection))
        while left := self.pq.PQgetResult(self.connection):
            self.pq.PQclear(ctypes.c_void_p(left))

    def close(self) -> None:
        self.pq.PQfinish(self.connection)
