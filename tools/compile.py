"""Compiles what the fold spends its time on to C: python tools/compile.py. mypyc does it.

Nothing depends on it but speed. Where there is no C compiler, or no headers of Python, it says so
and leaves the source to Python.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mypyc.build import mypycify
from setuptools import Distribution
from setuptools.errors import BaseError, CCompilerError

from domain.compilation import HOT, ROOT, folder


def compile_to(target: Path) -> None:
    """Compile into a folder, which is whole or not there. Raises setuptools' errors, OSError."""
    with TemporaryDirectory(dir=target.parent, prefix="making-") as made:
        extensions = mypycify(
            [*HOT],
            target_dir=f"{made}/source",
            group_name="domain.fold",
            debug_level="0",
            opt_level="1",
        )
        build = Distribution({"name": "sijill-fold", "ext_modules": extensions})
        command = build.get_command_obj("build_ext")
        command.build_lib, command.build_temp = f"{made}/target", f"{made}/objects"
        command.ensure_finalized()
        command.run()
        os.rename(f"{made}/target", target)


def main() -> None:
    os.chdir(ROOT)
    target = folder()
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for old in target.parent.iterdir():
        shutil.rmtree(old)
    try:
        compile_to(target)
    except (BaseError, CCompilerError, OSError) as error:
        print(f"Not compiled, and slower for it: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
