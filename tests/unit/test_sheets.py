"""Sheets as files: encodings, delimiters, headers, workbooks, the text that citations cite."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from support.workbooks import Date, Raw, ods, xlsx

from api.sheets.capture import captured_sheet, text_again
from api.sheets.sheet import Layout, Sheet, line_of, quote_hash
from api.sheets.unreadable import unreadable_cells
from domain.errors import Refused
from domain.passages import cited
from domain.sources import Citation, Locator
from store.documents import Document

ROWS = [["name", "from"], ["Céreste", "1990"], ["", ""], ["Île, la", "9999-12-31"]]


def cells(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [tuple(row) for row in sheet.rows()]  # type: ignore[misc]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_guessed_and_shown(delimiter: str) -> None:
    text = "".join(
        f"{delimiter}".join(f'"{c}"' if "," in c else c for c in row) + "\r\n" for row in ROWS
    )

    sheet = Sheet("a.csv", text.encode(), Layout())

    assert sheet.guessed == {"encoding": "utf-8", "delimiter": delimiter}
    assert cells(sheet) == [(2, ["Céreste", "1990"]), (4, ["Île, la", "9999-12-31"])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    sheet = Sheet("a.csv", "name,x\nÎle,1\n".encode(encoding), Layout())

    assert sheet.headers == ["name", "x"]
    assert cells(sheet) == [(2, ["Île", "1"])]


def test_an_old_encoding_is_guessed_aloud_and_has_to_be_declared() -> None:
    content = ("name,x\n" + "Communauté élargie à l'Île,1\n" * 5).encode("mac_roman")

    with pytest.raises(Refused) as refused:
        Sheet("a.csv", content, Layout())

    assert refused.value.code == "ENCODING_NOT_DECLARED"
    assert refused.value.data["row"] == 2
    declared = Sheet("a.csv", content, Layout(encoding="mac_roman"))
    assert cells(declared)[0] == (2, ["Communauté élargie à l'Île", "1"])


def test_the_place_that_is_not_utf_8_is_shown_in_the_encodings_that_it_may_be_in() -> None:
    with pytest.raises(Refused) as refused:
        Sheet("a.csv", "state,from,to\nCôte,1960,\n".encode("cp1252"), Layout())

    assert "cp1252 («Côte,1960,»)" in refused.value.message
    assert "state" not in refused.value.message


@pytest.mark.parametrize("last", ['a,"x\nb,1\nc,1\n', 'a,"x', 'a,"', '"'])
def test_a_quotation_mark_that_is_not_closed_swallows_no_rows(last: str) -> None:
    with pytest.raises(Refused) as refused:
        list(Sheet("a.csv", f"n,v\ny,1\n{last}".encode(), Layout(delimiter=",")).rows())

    assert (refused.value.code, refused.value.data["row"]) == ("OPEN_QUOTE", 3)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize(
    ("last", "cells"),
    [("z,1", ["z", "1"]), ('z,"1"', ["z", "1"]), ('z,"a\nb"', ["z", "a\nb"]), (",", ["", ""])],
)
def test_the_last_row_may_have_a_line_end_or_none(last: str, cells: list[str], end: str) -> None:
    sheet = Sheet("a.csv", f"n,v\n{last}{end}".encode(), Layout(delimiter=","))

    assert [row.cells for row in sheet.all_rows() if row.cells] == [["n", "v"], cells]


def test_a_cell_with_line_ends_is_one_cell_of_one_row() -> None:
    sheet = Sheet("a.csv", b'a,b\n"x\r\ny",1\nz,2\n', Layout())

    assert cells(sheet) == [(2, ["x\ny", "1"]), (3, ["z", "2"])]
    assert sheet.text.splitlines() == ["a\tb", "x y\t1", "z\t2"]


@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_workbook_is_read_as_a_person_sees_it(make: object) -> None:
    content = make(One=[["n", "v"], ["a", 1990], ["b", 1.5], ["", ""], ["é", "x"]])  # type: ignore[operator]

    sheet = Sheet("a.bin", content, Layout())

    assert sheet.guessed == {"sheet": "One"}
    assert cells(sheet) == [(2, ["a", "1990"]), (3, ["b", "1.5"]), (5, ["é", "x"])]


def test_a_date_of_a_workbook_is_a_day() -> None:
    sheet = Sheet("a.xlsx", xlsx(One=[["d"], [Date(22106)]]), Layout())

    assert cells(sheet) == [(2, ["1960-07-09"])]


ODS_ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">'
    "<text:p>#DIV/0!</text:p></table:table-cell>"
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (xlsx(One=[["n", "to", "x"], ["a", Raw("<f>B9</f><v>#REF!</v>", "e"), 1]]), "#REF!"),
        (xlsx(Two=[["y"]], One=[["n", "to"], ["a", Raw("<v>#N/A</v>", "e")]]), "#N/A"),
        (xlsx(One=[["n", "to", "x"], ["a", Raw("<f>1959+1</f>"), 1]]), "=1959+1"),
        (xlsx(One=[["n", "to"], ["a", Raw("<f>1959+1</f><v></v>")]]), "=1959+1"),
        (xlsx(One=[["n", "to"], ["a", Raw('<f>""</f><v></v>', "str")]]), ""),
        (xlsx(One=[["n", "to"], ["a", Raw("<f>1959+1</f><v>1960</v>")]]), "1960"),
        (ods(One=[["n", "to"], ["", ""], ["a", Raw(ODS_ERROR)]]), "#DIV/0!"),
        (ods(Two=[["n"], ["a", Raw(ODS_ERROR)]], One=[["n", "to"], ["a", "x"]]), "x"),
    ],
)
def test_a_cell_of_a_workbook_without_a_value_is_not_empty(content: bytes, text: str) -> None:
    sheet = Sheet("a.bin", content, Layout(sheet="One"))

    ((_, cells),) = sheet.rows()
    assert cells[:2] == ["a", text]


def test_a_place_beyond_all_columns_makes_no_row_as_wide() -> None:
    content = xlsx(One=[["n"], [Raw("<v>#REF!</v>", "e")]])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part.replace(b'r="A2"', b'r="ZZZZZZ2"'))

    found = unreadable_cells(made.getvalue(), "One")

    assert [max(columns) < 20_000 for columns in found.values()] == [True]


def test_a_document_that_was_kept_without_its_errors_is_read_as_it_was() -> None:
    content = xlsx(One=[["n", "to"], ["a", Raw("<v>#REF!</v>", "e")]])
    captured = captured_sheet(Sheet("a.xlsx", content, Layout()))
    assert captured is not None
    assert captured.text == "n\tto\na\t#REF!\n"

    kept = Document(
        captured.sha256, captured.media_type, captured.content, "n\tto\na\n",
        captured.content_type, "sheet/1",
    )  # fmt: skip
    assert text_again(kept) == kept.text


def test_a_sheet_of_several_has_to_be_named() -> None:
    content = xlsx(One=[["a"], [1]], Two=[["a"], [2]])

    with pytest.raises(Refused) as refused:
        Sheet("a.xlsx", content, Layout())

    assert refused.value.code == "SHEET_NOT_DECLARED"
    assert cells(Sheet("a.xlsx", content, Layout(sheet="Two"))) == [(2, ["2"])]


def test_the_headers_may_stand_further_down() -> None:
    sheet = Sheet("a.csv", b"A table of things\n\nn,v\na,1\n", Layout(header=3, delimiter=","))

    assert sheet.headers == ["n", "v"]
    assert cells(sheet) == [(4, ["a", "1"])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "n;v\nÎle;1\n\nb;2\n".encode()),
        ("a.xlsx", xlsx(One=[["n", "v"], ["Île", 1], [], ["b", 2]])),
    ],
)
def test_a_citation_of_a_row_finds_its_line_in_the_document_that_is_kept(
    name: str, content: bytes
) -> None:
    sheet = Sheet(name, content, Layout())
    captured = captured_sheet(sheet)
    assert captured is not None

    for number, row in sheet.rows():
        citation = Citation(
            source="s", locator=Locator(row=number - 1), quote_sha256=quote_hash(row)
        )
        span = cited(captured.text, citation)
        assert captured.text[slice(*span)] == line_of(row)
        assert hashlib.sha256(line_of(row).encode()).hexdigest() == citation.quote_sha256
    document = Document(
        captured.sha256, captured.media_type, captured.content, captured.text,
        captured.content_type, captured.extracted_by,
    )  # fmt: skip
    assert text_again(document) == captured.text
