"""Text: a citation a line, in the Harvard style and the language asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from api.export.bibliography import Item, digits, item, line, plain_words
from api.export.format import ANY, Format
from api.export.formats.csl_json import csl
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader
from api.language.titles import spoken

if TYPE_CHECKING:
    from citeproc import CitationStylesStyle

STYLE: Final = "harvard-cite-them-right"
"""The one that comes with the processor."""
LOCALES: Final = {"en": "en-GB", "ar": "ar"}


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    lang = spoken(pinned.lang).lang
    for batch in rows:
        for row in batch:
            yield f"{styled(item(pinned, row, base), lang)}\n".encode()


def styled(found: Item, lang: str) -> str:
    """A citation in words. Who has no author has its publisher for one, else its title."""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    told = dict(found)
    if "author" not in told:
        told["author"] = [{"literal": told.pop("publisher", None) or told.pop("title")}]
    if "note" in told:
        told["container-title"] = f"{told['version']}. {told.pop('note')}"
    for name in ("issued", "accessed"):
        if words := plain_words(told.get(name)):
            told[name] = {"literal": words}
    if lang != "en" and (accessed := digits(told.get("accessed"), "-")):
        told["accessed"] = {"literal": spoken(lang).edtf(accessed)}  # by the months of our pages
    told["id"] = "it"
    source = CiteProcJSON([csl(told)])
    bibliography = CitationStylesBibliography(style(lang), source, formatter.plain)
    bibliography.register(Citation([CitationItem("it")]))
    return line(str(bibliography.bibliography()[0]))


@cache
def style(lang: str) -> CitationStylesStyle:
    """The style in a language, read once."""
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(STYLE, locale=LOCALES[lang], validate=False)


FORMAT: Final = Format(
    extension="txt",
    name="TXT",
    media_type="text/plain",
    kinds=ANY,
    write=write,
    opens_in="a text: citations in the Harvard style, in English or Arabic by `lang`",
    cites=True,
)
