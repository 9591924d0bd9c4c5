"""A proxy before PostgreSQL that cuts a connection at a chosen moment of a chosen statement.

It reads of the protocol just what tells these moments: the statements' texts as they are prepared,
their executions, and the server's word that it is ready again, by which a commit has taken place.
"""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from store.database import Database

APPEND, LOOK = b"append_commands", b"request.position AS answered"
"""What is in the text of the recorder's two statements, and of no other."""


class Moment(Enum):
    """When a connection is cut."""

    BEFORE = auto()
    """The statement never reaches the server."""
    UNDER_WAY = auto()
    """The statement is sent; it commits or not."""
    AFTER = auto()
    """The server has committed; its reply never reaches the client."""


class Cutting:
    """A proxy; `database` goes through it. Raises nothing of its own: what was cut is counted."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._given = conninfo_to_dict(database.url)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        through = {"host": str(folder), "port": "5432", "hostaddr": "", "sslmode": "disable"}
        self.database = Database(make_conninfo(database.url, **through))
        self._lock = threading.Lock()
        self._armed: deque[tuple[Moment, bytes]] = deque()
        self.cuts = dict.fromkeys(Moment, 0)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *moments: tuple[Moment, bytes]) -> None:
        """Cut at these moments, each of the next statement that has such a text, in their order."""
        with self._lock:
            self._armed.extend(moments)

    @property
    def is_armed(self) -> bool:
        return bool(self._armed)

    def take(self, text: bytes) -> Moment | None:
        """The moment at which a statement about to be executed is to be cut."""
        with self._lock:
            if self._armed and self._armed[0][1] in text:
                return self._armed.popleft()[0]
            return None

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                _Connection(self, client, self._server())

    def _server(self) -> socket.socket:
        host, port = str(self._given.get("host") or "localhost"), self._given.get("port") or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server


class _Connection:
    """One client's connection, and the one to the server that stands for it."""

    def __init__(self, proxy: Cutting, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._texts: dict[bytes, bytes] = {}
        self._swallows = threading.Event()
        for pump in (self._to_server, self._to_client):
            threading.Thread(target=pump, daemon=True).start()

    def _to_server(self) -> None:
        moment = None
        with suppress(OSError, EOFError):
            length = self._client.recv(4, socket.MSG_WAITALL)
            rest = _exactly(self._client, struct.unpack("!I", length)[0] - 4)
            self._server.sendall(length + rest)
            while True:
                kind, message = _message(self._client)
                body = message[5:]
                if kind == b"P":
                    name, text, _ = body.split(b"\0", 2)
                    self._texts[name] = text
                elif kind == b"B":
                    _, name, _ = body.split(b"\0", 2)
                    moment = self._proxy.take(self._texts[name])
                    if moment is Moment.BEFORE:
                        break
                    if moment is Moment.AFTER:
                        self._swallows.set()
                self._server.sendall(message)
                if kind == b"S" and moment is Moment.UNDER_WAY:
                    break
        self._end(moment if moment is not Moment.AFTER else None)

    def _to_client(self) -> None:
        is_done = False
        with suppress(OSError, EOFError):
            while True:
                kind, message = _message(self._server)
                if not self._swallows.is_set():
                    self._client.sendall(message)
                    continue
                is_done = is_done or kind == b"C"
                if kind == b"Z":
                    self._end(Moment.AFTER if is_done else None)
                    return
        self._end(None)

    def _end(self, moment: Moment | None) -> None:
        if moment is not None:
            self._proxy.cuts[moment] += 1
        for side in (self._client, self._server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    """A message's kind, and all of it."""
    head = _exactly(source, 5)
    return head[:1], head + _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(source: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        some = source.recv(size - len(found))
        if not some:
            raise EOFError
        found += some
    return found


@contextmanager
def cutting(database: Database) -> Iterator[Cutting]:
    """A proxy before a database."""
    with tempfile.TemporaryDirectory(prefix="sijill-cut-", dir="/tmp") as folder:
        proxy = Cutting(database, Path(folder))
        try:
            yield proxy
        finally:
            proxy.close()
