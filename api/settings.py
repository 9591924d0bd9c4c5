"""Settings from the environment, prefix SIJILL_."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Refused
from store.embedded import default_data_dir


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the data is and where to serve. `database_url` None means the embedded server."""

    database_url: str | None
    data: Path
    host: str
    port: int

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings of an environment. Refused(BAD_SETTING) for a port that is none."""
        port = environ.get("SIJILL_PORT") or "8000"
        if not (port.isascii() and port.isdecimal() and 0 <= int(port) <= 65_535):
            raise Refused(
                "BAD_SETTING", f"SIJILL_PORT is {port!a}: set it to a number up to 65535."
            )
        data = environ.get("SIJILL_DATA")
        return cls(
            database_url=environ.get("SIJILL_DATABASE_URL") or None,
            data=Path(data).absolute() if data else default_data_dir(),
            host=environ.get("SIJILL_HOST") or "127.0.0.1",
            port=int(port),
        )
