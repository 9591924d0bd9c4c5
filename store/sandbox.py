"""Work on what others wrote, in a process apart: no secrets about it, little memory, little time.

The process gets an empty environment, and so no database's address nor password, and no open file
of ours but its input and output, which are files, so that neither side waits for the other. A
message is a JSON object on a line, then bytes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from domain.errors import Refused, Unreachable

if sys.platform != "win32":
    import resource

MEMORY = 1 << 30
"""Bytes of address space."""
OUTPUT = 160 * 1024 * 1024
"""Bytes of the answer: a document, or its text."""
FILES = 64
GRACE = 5
"""Seconds past its own time until a process is killed."""
_KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT")
"""What a process may know of our environment: where the certificates of authorities are."""

Header = Mapping[str, str]


def program(module: str) -> tuple[str, ...]:
    """The command that runs a module of ours, blind to the environment and the current folder."""
    return sys.executable, "-I", "-X", "utf8", "-m", module


def ask(
    command: Sequence[str], header: Header, content: bytes = b"", *, seconds: float
) -> tuple[dict[str, str], bytes]:
    """What the process answers. Raises Refused and Unreachable as it does there.

    Refused as TOO_HARD when it runs out of its time or memory, or dies of what it was given;
    RuntimeError when it ends by a mistake of ours.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as taken,
        tempfile.TemporaryFile() as said,
    ):
        _write(given, header, content)
        given.seek(0)
        process = subprocess.Popen(
            [*command, str(seconds)],
            stdin=given,
            stdout=taken,
            stderr=said,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        try:
            process.wait(seconds + GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode < 0:
            raise _too_hard(seconds)
        if process.returncode > 0:
            said.seek(0)
            raise RuntimeError(said.read(10_000).decode(errors="replace"))
        taken.seek(0)
        reply, found = _read(taken)
    if "unreachable" in reply:
        raise Unreachable(reply["unreachable"])
    if "code" in reply:
        raise Refused(reply["code"], reply["message"], **json.loads(reply["data"]))
    return reply, found


def answer(
    serve: Callable[[dict[str, str], bytes], tuple[Header, bytes]],
    given: BinaryIO,
    taken: BinaryIO,
) -> None:
    """In the process: bound it, then do what it is asked."""
    _bound(float(sys.argv[-1]))
    header, content = _read(given)
    try:
        reply, found = serve(header, content)
    except Refused as refused:
        reply, found = _refusal(refused), b""
    except Unreachable as unreachable:
        reply, found = {"unreachable": str(unreachable)}, b""
    except (MemoryError, RecursionError):
        reply, found = _refusal(_too_hard(float(sys.argv[-1]))), b""
    _write(taken, reply, found)
    taken.flush()


def _refusal(refused: Refused) -> dict[str, str]:
    data = json.dumps(refused.data)
    return {"code": refused.code, "message": refused.message, "data": data}


def _too_hard(seconds: float) -> Refused:
    return Refused(
        "TOO_HARD",
        f"The document could not be read within {seconds:.0f} seconds and {MEMORY >> 20} MiB, or "
        "broke what reads it: save it in another form.",
    )


def _bound(seconds: float) -> None:
    if sys.platform == "win32":
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    # Python ignores it, and an answer that is too large would be a mistake of ours.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def _write(stream: BinaryIO, header: Header, content: bytes) -> None:
    stream.write(json.dumps(dict(header)).encode() + b"\n")
    stream.write(content)


def _read(stream: BinaryIO) -> tuple[dict[str, str], bytes]:
    header: dict[str, str] = json.loads(stream.readline())
    return header, stream.read()
