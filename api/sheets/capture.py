"""The sheet as the document of its source: its bytes, and a line of text for each of its rows."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import msgspec

from api.sheets.sheet import Layout, Sheet
from store.capture import Captured
from store.documents import Document
from store.fetcher import LARGEST

EXTRACTED_BY = "sheet/2"
"""The rules by which the text of a sheet is made. Other rules have another number."""
WITHOUT_ERRORS = "sheet/1"
"""By these a cell with an error, or a formula that was not worked out, was empty."""
RULES = (EXTRACTED_BY, WITHOUT_ERRORS)
_KEYS = ("encoding", "delimiter", "format", "rows", "sheet")


def captured_sheet(sheet: Sheet) -> Captured | None:
    """A sheet as a document to be kept; None where it is larger than documents may be."""
    if len(sheet.content) > LARGEST:
        return None
    layout = msgspec.to_builtins(sheet.layout)
    how = urlencode({key: layout[key] for key in _KEYS if key in layout})
    return Captured(
        sheet.content,
        sheet.sha256,
        sheet.media_type,
        sheet.text,
        None,
        f"{sheet.media_type};{how}",
        EXTRACTED_BY,
        None,
    )


def text_again(document: Document) -> str | None:
    """The text of a kept sheet by the rules that made it, None where it was made by others."""
    if document.extracted_by not in RULES:
        return None
    how = dict(parse_qsl(document.content_type.partition(";")[2], keep_blank_values=True))
    layout = msgspec.convert(how, Layout)
    sheet = Sheet(document.sha256, document.content, layout)
    if document.extracted_by == WITHOUT_ERRORS:
        sheet.unreadable = {}
    return sheet.text
