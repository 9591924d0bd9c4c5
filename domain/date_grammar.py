"""The edtf package's grammar of a single date: apart, since it takes long to load."""

from __future__ import annotations

import warnings
from threading import Lock
from typing import Any

from pyparsing import ParseException

with warnings.catch_warnings():  # under `python -W error` pyparsing's advice would stop the import
    warnings.simplefilter("ignore")
    from edtf.parser import grammar

__all__ = ["ParseException", "single_date"]

_SINGLE_DATE = grammar.date ^ grammar.season ^ grammar.unspecified ^ grammar.dateAndTime
_reading = Lock()  # its first reading rewrites a grammar in place


def single_date(text: str) -> Any:
    """The package's Date, Season or DateAndTime. Raises ParseException where not all is one."""
    with _reading:
        return _SINGLE_DATE.parse_string(text, parse_all=True)[0]
