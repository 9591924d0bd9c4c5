"""What the first view of a page would otherwise pay for: done once, beside the start of serving."""

from __future__ import annotations

import gc

from api.addresses import LANGUAGES
from api.export.formats.text import LOCALES, style
from api.graphql.execution import operation_type
from api.web.atlas import outlines
from api.web.maps import OUTLINES
from api.web.page_queries import DOCUMENTS, document
from api.web.render import environment
from api.web.static import files
from domain.dates import parse


def warm() -> None:
    """Compile the templates, check the questions, read the styles, the outlines, the files and the
    grammar of dates."""
    files()
    for lang in LANGUAGES:
        templates = environment(lang)
        for name in templates.list_templates():
            templates.get_template(name)
    for path in DOCUMENTS.glob("*.graphql"):
        if path.stem != "fragments":
            operation_type(document(path.stem), None)
    if OUTLINES.is_file():
        outlines(OUTLINES)
    for lang in LOCALES:
        style(lang)
    parse("2014-21")  # a season, by the grammar of the dates that are not plain


def settle() -> None:
    """Warm up, then keep what is there out of garbage collection: to look through all of it takes
    longer than to write a page. For a process that serves and does nothing else."""
    warm()
    gc.freeze()
