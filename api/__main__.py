"""`sijill`, or python -m api. Apart from cli.py: the processes of a rebuild load it again."""

from __future__ import annotations

import sys


def main() -> int:
    """Run a command of `sys.argv`; the exit status."""
    from api.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
