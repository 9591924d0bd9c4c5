"""`sijill` in a process that is forked from one with all of its imports: a fifth of a start's time.

`sijill_program()` is an executable for tests that run commands by the dozen. Each run is a process
of its own, with the caller's arguments, environment, folder and open files. Signals do not reach
it, and it writes UTF-8: tests of those start `running.SIJILL`, as do those of a server.
"""

from __future__ import annotations

import array
import atexit
import functools
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORTED = (
    "api.cli",
    "api.commands.query",
    "api.graphql.execution",
    "api.graphql.question_document",
    "api.instance",
)
"""What most commands import."""
CALLER = """#!{python} -IS
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
    called = sys.argv[1:], os.getcwd(), dict(os.environ)
    server.sendmsg([b"x"], files)
    server.sendall(json.dumps(called).encode())
    server.shutdown(socket.SHUT_WR)
    status = server.recv(1)
os._exit(status[0] if status else 1)
"""


@functools.cache
def sijill_program() -> Path:
    """The executable, called `sijill`, alone in its folder, as long as this process is there."""
    folder = Path(tempfile.mkdtemp(prefix="sijill-forked-"))
    folder.chmod(0o711)
    program, address = folder / "sijill", folder / "socket"
    program.write_text(CALLER.format(python=sys.executable, address=str(address)))
    program.chmod(0o755)
    command = [sys.executable, __file__, str(address)]
    server = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE
    )

    @atexit.register
    def _end() -> None:
        assert server.stdin is not None
        server.stdin.close()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)

    while not address.exists():
        assert server.poll() is None, "no commands can be forked"
        time.sleep(0.01)
    return program


def serve(address: str) -> None:
    """Fork a process for each caller, until the input of this one ends."""
    for module in IMPORTED:
        importlib.import_module(module)
    from api.graphql.schema import schema_of
    from domain.vocabulary import CORE

    schema_of(CORE)
    gc.collect()
    gc.freeze()
    _end_with_the_input()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen(16)
        os.rename(f"{address}.new", address)
        while True:
            caller = listener.accept()[0]
            if os.fork() == 0:
                listener.close()
                _answer(caller)
            caller.close()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass  # of those that have ended


def _end_with_the_input() -> None:
    """Have a process of its own wait for the end, so that this one has no threads to fork with."""
    server = os.getpid()
    if os.fork() == 0:
        os.read(0, 1)
        os.kill(server, signal.SIGKILL)
        os._exit(0)


def _answer(caller: socket.socket) -> None:
    """Run the command that was called, and send its exit status."""
    status = 1
    try:
        _, ancillary, _, _ = caller.recvmsg(1, socket.CMSG_SPACE(3 * array.array("i").itemsize))
        files = array.array("i", ancillary[0][2])
        with caller.makefile("rb") as called:
            arguments, folder, environment = json.load(called)
        _become(files, folder, environment)
        from api.cli import main

        status = main(arguments)
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        caller.sendall(bytes([status]))
        os._exit(status)


def _become(files: array.array[int], folder: str, environment: Mapping[str, str]) -> None:
    """Take on the caller's open files, folder and environment."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, "r", -1, "utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", -1, "utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()


if __name__ == "__main__":
    serve(sys.argv[1])
