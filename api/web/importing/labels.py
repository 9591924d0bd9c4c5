"""What the columns' uses, the choices and the refusals of an import are called on its page."""

from __future__ import annotations

from typing import Any, Final

from api.language.words import marked as _
from api.language.words import words
from api.web.editing import labels
from domain.vocabulary import Vocabulary

READ_AS: Final = {
    "file.encoding": _("Encoding"),
    "file.delimiter": _("Between cells stands"),
    "file.sheet": _("Sheet of the workbook"),
    "file.header": _("Row of the headers"),
    "file.missing": _("Cells that say nothing"),
}
"""How the table is read."""
PARTS: Final = {
    "name.en": _("%(key)s: name in English"),
    "name.ar": _("%(key)s: name in Arabic"),
    "id": _("%(key)s: id"),
    "wikidata": _("%(key)s: Wikidata id"),
    "iso3166": _("%(key)s: ISO 3166 code"),
    "title": _("Source: title"),
    "publisher": _("Source: publisher"),
    "url": _("Source: address"),
    "published": _("Source: day of publication"),
}
DATES: Final = {
    "since": _("Since when"),
    "until": _("Until when"),
    "when": _("When"),
    "period": _("A period: in or not"),
}
DELIMITERS: Final = {
    "": _("guess it"),
    ",": _("comma"),
    ";": _("semicolon"),
    "\t": _("tab"),
    "|": _("vertical bar"),
}
ORDERS: Final = {
    "": _("refuse such dates"),
    "DMY": _("day, month, year"),
    "MDY": _("month, day, year"),
    "YMD": _("year, month, day"),
}
UNKNOWN: Final = {
    "refuse": _("refuse the row"),
    "list": _("leave the row out"),
    "create": _("register it"),
}
EMPTY: Final = {
    "": _("refuse the row"),
    "open": _("it still holds"),
    "unknown": _("nobody knows the day"),
}
ENDS: Final = {
    "last-held": _("the last day on which it held"),
    "first-not": _("the first day on which it did not"),
}
HOLDS: Final = {
    "whole": _("all of the period"),
    "part": _("some of it"),
    "first-day": _("its first day"),
    "last-day": _("its last day"),
}
REFUSALS: Final = {
    "AMBIGUOUS_COLUMN": _("Two columns have this name, or it has none: give it one of its own."),
    "AMBIGUOUS_DATE": _("This date may be read in two ways: write it in full, or say the order."),
    "AMBIGUOUS_ENTITY": _("Several have this name: write the id of the one that is meant."),
    "BAD_CSV": _("The row can't be read."),
    "BAD_DELIMITER": _("What stands between cells is one character."),
    "BAD_ENCODING": _("The file is not in this encoding: choose another one."),
    "BAD_HEADER": _("There are no headers in this row: say in which row they are."),
    "BAD_MARGIN": _("A margin is a number of days."),
    "BAD_NUMBER": _("This is no number."),
    "BAD_REQUEST": _("The form did not come back whole: send it again."),
    "BAD_WORKBOOK": _("The workbook can't be read."),
    "BODY_TOO_LARGE": _("This is too much for a page: import it with the program."),
    "BODY_TOO_SLOW": _("The table did not arrive in time: send it again."),
    "BAD_PERIOD": _("This is no period: it needs a first and a last day."),
    "CONTRADICTION": _("Another row says the opposite of the same day."),
    "DUPLICATE_KEY": _("Another row has the same key."),
    "EMPTY_CELL": _("The cell is empty: fill it in, or say what an empty one means."),
    "EMPTY_FILE": _("There is nothing in it."),
    "EMPTY_KEY": _("The row could not be known again: fill in what tells it apart."),
    "ENCODING_NOT_DECLARED": _("The file is not in UTF-8: say in which encoding it is."),
    "LONG_CELL": _("The cell has too much text: a quotation mark may be astray."),
    "NOTHING_SENT": _("Choose a file, or paste cells."),
    "NO_DATE": _("Neither its start nor its end is known: say how far the source looked."),
    "RAGGED_ROW": _("The row has more cells than there are headers."),
    "REVERSED": _("It ends before it starts."),
    "SAID_TWICE": _("Another row says the same of the same day."),
    "SAME_ID": _("Two names give the same id: choose a column with ids."),
    "SHEET_NOT_DECLARED": _("The workbook has several sheets: say which one."),
    "TOO_BUSY": _("Others ask too much just now: send it again soon."),
    "TOO_HARD": _(
        "The workbook takes too much to read. A cell far from the others makes it so large: delete "
        "the rows and columns beyond the table, or save the sheet as CSV."
    ),
    "TOO_LARGE": _("This is too much for a page: import it with the program."),
    "TOO_MANY_REQUESTS": _("You asked too much at a time: wait a little."),
    "UNKNOWN_COLUMN": _("The table has no such column."),
    "UNKNOWN_FORMAT": _("The page takes CSV, TSV, XLSX and ODS."),
    "UNKNOWN_VALUE": _("The cell says neither in nor out: say what it means."),
    "UNKNOWN_SHEET": _("The workbook has no such sheet."),
    "USED_TWICE": _("Another column says this already."),
    "TWO_DIGIT_YEAR": _("The year has two digits: say of which hundred years it is."),
}


def named(lang: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the templates call these sets by, beside those of the editing pages."""
    gettext = words(lang).gettext
    own = labels.named(lang, vocabulary)
    sets = {
        "read_as": READ_AS,
        "delimiters": DELIMITERS,
        "orders": ORDERS,
        "unknown_ways": UNKNOWN,
        "empty_ways": EMPTY,
        "ends": ENDS,
        "holds_ways": HOLDS,
    }

    def use_label(key: str, part: str) -> str:
        if key in DATES:
            return gettext(DATES[key])
        label = own["field_label"](key)
        return gettext(PARTS[part]) % {"key": label} if part else str(label)

    def refusal(code: str) -> str:
        return gettext(REFUSALS[code]) if code in REFUSALS else str(own["refusal"](code))

    return {
        **own,
        **{name: {key: gettext(said) for key, said in each.items()} for name, each in sets.items()},
        "use_label": use_label,
        "refusal": refusal,
    }
