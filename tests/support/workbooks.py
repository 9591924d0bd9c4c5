"""Workbooks made by hand: the least XLSX and ODS that hold a sheet of cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | float
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATE_STYLE = 1


class Date(int):
    """A day as Excel counts it, shown as a date."""


class Raw(str):
    """A cell as the file has it: what is within `<c>` in XLSX, the whole of it in ODS."""

    def __new__(cls, xml: str, kind: str = "") -> Raw:
        made = super().__new__(cls, xml)
        made.kind = kind
        return made

    kind: str
    """Its type in XLSX, such as `e`."""


def xlsx(**sheets: Sequence[Sequence[Cell]]) -> bytes:
    """An XLSX file with some sheets, by name."""
    names = list(sheets)
    files = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
        "<sheets>"
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
            for n, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": f'{_XML}<styleSheet xmlns="{_MAIN}"><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        data = "".join(
            f'<row r="{r}">' + "".join(_cell(c, r, cell) for c, cell in enumerate(row)) + "</row>"
            for r, row in enumerate(rows, 1)
        )
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'
        )
    return _zipped(files)


def ods(**sheets: Sequence[Sequence[Cell]]) -> bytes:
    """An ODS file with some sheets, by name."""
    of = "urn:oasis:names:tc:opendocument:xmlns"
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            "<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    content = (
        f'{_XML}<office:document-content xmlns:office="{of}:office:1.0" '
        f'xmlns:table="{of}:table:1.0" xmlns:text="{of}:text:1.0"><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    media_type = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{of}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/>'
        "</manifest:manifest>"
    )
    return _zipped(
        {"mimetype": media_type, "content.xml": content, "META-INF/manifest.xml": manifest}
    )


def far_cell() -> bytes:
    """A workbook of a few bytes that has a cell at the very first and the very last place."""
    made, sheet = io.BytesIO(), xlsx(One=[["a"], ["b"]])
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename.startswith("xl/worksheets/"):
                content = content.replace(b'r="A2"', b'r="XFD1048576"').replace(
                    b'<row r="2"', b'<row r="1048576"'
                )
            new.writestr(item, content)
    return made.getvalue()


def _zipped(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _cell(column: int, row: int, cell: Cell) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    if isinstance(cell, Date):
        return f'<c {place} s="{DATE_STYLE}"><v>{int(cell)}</v></c>'
    if isinstance(cell, Raw):
        return f'<c {place} t="{cell.kind}">{cell}</c>' if cell.kind else f"<c {place}>{cell}</c>"
    if isinstance(cell, str):
        return f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>' if cell else ""
    return f"<c {place}><v>{cell}</v></c>"


def _ods_cell(cell: Cell) -> str:
    if isinstance(cell, Raw):
        return cell
    if isinstance(cell, str):
        if not cell:
            return "<table:table-cell/>"
        words = f"<text:p>{escape(cell)}</text:p>"
        return f'<table:table-cell office:value-type="string">{words}</table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{cell}">'
        f"<text:p>{cell}</text:p></table:table-cell>"
    )
