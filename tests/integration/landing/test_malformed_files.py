"""Bad input: every record ends as loaded, duplicate or quarantined, with a reason."""

import gzip
import io
import zipfile

import polars as pl
import pytest

from ingestion.landing.arrivals import LandingStatus
from ingestion.landing.quarantine import show

HEADER = "order_id,line_id,sku,quantity\n"
LINES = HEADER + "1,1,A,2\n1,2,B,1\n"


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(
        {"order_id": ["1"], "line_id": ["1"], "sku": ["A"], "quantity": [2]}
    ).write_parquet(stream)
    return stream.getvalue()


CSV = "order_lines.csv"
# name: file name, content, loaded, quarantined, rules of the quarantined
MALFORMED: dict[str, tuple[str, bytes | str, int, int, set[str]]] = {
    "sound": (CSV, LINES, 2, 0, set()),
    "no line break at the end": (CSV, LINES.rstrip("\n"), 2, 0, set()),
    "byte order mark": (CSV, b"\xef\xbb\xbf" + LINES.encode(), 2, 0, set()),
    "utf-16 with its mark": (CSV, LINES.encode("utf-16"), 2, 0, set()),
    "crlf": (CSV, LINES.replace("\n", "\r\n"), 2, 0, set()),
    "mixed line ends": (CSV, HEADER + "1,1,A,2\r\n1,2,B,1\n", 2, 0, set()),
    "old mac line ends": (CSV, LINES.replace("\n", "\r"), 2, 0, set()),
    "blank lines": (CSV, HEADER + "\n1,1,A,2\n\n\n1,2,B,1\n\n", 2, 0, set()),
    "quoted line break": (CSV, HEADER + '1,1,"A",2\n1,2,"B\n",1\n', 2, 0, set()),
    "quoted delimiter": (CSV, HEADER + '1,1,"A,1",2\n', 1, 0, set()),
    "the same record twice": (CSV, LINES + "1,2,B,1\n", 2, 0, set()),
    "short row": (CSV, LINES + "1,3,C\n", 2, 1, {"too_few_fields"}),
    "long row": (CSV, LINES + "1,3,C,1,x\n", 2, 1, {"too_many_fields"}),
    "unclosed quote": (CSV, HEADER + '1,1,"A,2\n1,2,B,1\n', 1, 1, {"broken_quoting"}),
    "nul": (CSV, LINES + "1,3,C\0,1\n", 2, 1, {"unreadable"}),
    "latin-1 byte": (CSV, LINES.encode() + b"1,3,caf\xe9,1\n", 2, 1, {"undecodable"}),
    "long record": (CSV, LINES + "1,3," + "C" * 2**21 + ",1\n", 2, 1, {"too_long"}),
    "negative quantity": (CSV, LINES + "1,3,C,-3\n", 2, 1, {"below_minimum"}),
    "fractional quantity": (CSV, LINES + "1,3,C,2.5\n", 2, 1, {"not_whole"}),
    "1e400": (CSV, LINES + "1,3,C,1e400\n", 2, 1, {"not_a_number"}),
    "thousands separator": (CSV, LINES + '1,3,C,"1,000"\n', 2, 1, {"not_a_number"}),
    "missing sku": (CSV, LINES + "1,3,,1\n", 2, 1, {"required_missing"}),
    "several faults": (CSV, LINES + "1,3,C\n1,4,,1\n1,5,E,x\n", 2, 3, {
        "too_few_fields", "required_missing", "not_a_number",
    }),
    "impossible date": (
        "adjustments.csv",
        """occurred_at,location_id,sku,quantity,reason_code
2025-02-30,fc,A,1,found
2025-02-28,fc,A,1,found
""",
        1, 1, {"impossible_date"},
    ),
    "header only": (CSV, HEADER, 0, 0, set()),
    "duplicate header": (
        CSV, "order_id,line_id,SKU,sku,quantity\n1,1,A,A,2\n", 0, 1, {"wrong_header"},
    ),
    "unnamed column": (CSV, "order_id,line_id,sku,quantity,\n1,1,A,2,\n", 0, 1, {"wrong_header"}),
    "wrong header": (CSV, "a,b,c,d\n1,1,A,2\n1,2,B,1\n", 0, 2, {"missing_column"}),
    "missing column": (CSV, "order_id,line_id,sku\n1,1,A\n1,2,B\n", 0, 2, {"missing_column"}),
    "empty": (CSV, "", 0, 1, {"empty_file"}),
    "a picture": (CSV, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 0, 2, {"wrong_header"}),
    "gzip": (CSV + ".gz", gzip.compress(LINES.encode()), 2, 0, set()),
    "two gzip members": (
        CSV + ".gz", gzip.compress(HEADER.encode()) + gzip.compress(b"1,1,A,2\n"), 1, 0, set(),
    ),
    "truncated gzip": (CSV + ".gz", gzip.compress(LINES.encode())[:-9], 0, 1, {"unreadable"}),
    "damaged gzip": (
        CSV + ".gz", gzip.compress(LINES.encode())[:15] + b"\xff" * 40, 0, 1, {"unreadable"},
    ),
    "gzip of nothing": (CSV + ".gz", gzip.compress(b""), 0, 1, {"empty_file"}),
    "ndjson": (
        "order_lines.ndjson",
        """{"order_id":1,"line_id":1,"sku":"A","quantity":2}
{"order_id":1,"line_id":2,"sku":"B","quantity":1,"uom":null}
""",
        2, 0, set(),
    ),
    "broken json line": (
        "order_lines.ndjson",
        """{"order_id":1,"line_id":1,"sku":"A","quantity":2}
{"order_id":
[1]
{"order_id":1,"line_id":2,"sku":"B","quantity":0.5}
""",
        1, 3, {"unreadable", "not_whole"},
    ),
    "json named twice": (
        "order_lines.ndjson",
        """{"order_id":1,"line_id":1,"sku":"A","quantity":2,"quantity":3}
{"order_id":1,"line_id":2,"sku":"B","quantity":1}
""",
        1, 1, {"unreadable"},
    ),
    "json nested too deeply": (
        "order_lines.ndjson",
        "[" * 200_000 + '\n{"order_id":1,"line_id":2,"sku":"B","quantity":1}\n',
        1, 1, {"unreadable"},
    ),
    "json array": (
        "order_lines.json",
        """[{"order_id":1,"line_id":1,"sku":"A","quantity":2},
            {"order_id":1,"line_id":2,"sku":"B","quantity":"x"}]""",
        1, 1, {"not_a_number"},
    ),
    "truncated json array": ("order_lines.json", '[{"order_id":1},{"order', 0, 1, {"unreadable"}),
    "parquet": ("order_lines.parquet", parquet(), 1, 0, set()),
    "truncated parquet": ("order_lines.parquet", parquet()[:-20], 0, 1, {"unreadable"}),
    "not excel": ("order_lines.xlsx", LINES, 0, 1, {"unreadable"}),
    "a name nobody takes": ("holiday.csv", LINES, 0, 1, {"unclaimed_file"}),
    "a format nobody knows": ("order_lines.pdf", LINES, 0, 1, {"unknown_format"}),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_every_record_is_loaded_duplicate_or_quarantined(home, case):
    name, content, loaded, quarantined, rules = MALFORMED[case]
    landed = home.land_text(name, content)
    (batch,) = home.load()
    assert batch.loaded_count == loaded
    assert batch.quarantined_count == quarantined
    assert batch.duplicate_count == (case == "the same record twice")
    assert batch.physical_count == loaded + quarantined + batch.duplicate_count
    records = show(home.settings, landed.batch_id, None)
    assert {record.rule for record in records} == rules
    assert all(len(record.reason) > 10 for record in records)


def test_a_quarantined_record_keeps_its_text_its_line_and_a_reason_a_person_understands(home):
    landed = home.land_text(CSV, LINES + '1,3,"C,c",-3\n')
    (record,) = show(home.settings, landed.batch_id, None)
    assert record.row_number == 3
    assert record.record == '1,3,"C,c",-3'
    assert record.reason == ("quantity is '-3'; it must be a whole number from 1 to 1,000,000,000")


def test_one_bad_file_leaves_the_others_alone(home):
    home.write("order_lines-1.csv", "")
    home.write("order_lines-2.csv", LINES)
    home.write("order_lines-3.csv", "a,b\n")
    statuses = [landed.status for landed in home.land(home.inbox)]
    assert statuses == [
        LandingStatus.QUARANTINED,
        LandingStatus.LANDED,
        LandingStatus.QUARANTINED,
    ]
    assert sum(batch.loaded_count for batch in home.load()) == 2


def test_an_added_column_is_accepted_and_reported(home):
    landed = home.land_text(CSV, "order_id,line_id,sku,quantity,colour\n1,1,A,2,red\n")
    assert landed.added_columns == ("colour",)
    home.load()
    assert home.query("select added_columns from raw.batches") == [("colour",)]


def test_columns_may_come_in_any_order(home):
    home.land_text(CSV, "quantity,sku,line_id,order_id\n2,A,1,7\n")
    home.load()
    assert home.query("select order_id, sku, quantity from raw.order_lines") == [("7", "A", 2)]


def workbook(rows: list[list[str | int]]) -> bytes:
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{cell}</v></c>"
            if isinstance(cell, int)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="lines" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def test_excel_lands_like_text(home):
    header: list[str | int] = ["order_id", "line_id", "sku", "quantity"]
    home.land_text("order_lines.xlsx", workbook([header, [1, 1, "A", 2], [1, 2, "B", 0]]))
    (batch,) = home.load()
    assert (batch.loaded_count, batch.quarantined_count) == (1, 1)
    assert home.query("select sku, quantity from raw.order_lines") == [("A", 2)]


def test_a_file_under_a_wrong_name_says_what_it_is_and_is_read_under_the_right_one(home):
    content = workbook([["order_id", "line_id", "sku", "quantity"], [1, 1, "A", 2]])
    refused = home.land_text("order_lines.csv", content)
    assert refused.status is LandingStatus.QUARANTINED
    assert "an Excel workbook" in refused.message
    assert ".xlsx" in refused.message
    landed = home.land_text("order_lines.xlsx", content)
    assert landed.status is LandingStatus.LANDED
    home.load()
    assert home.query("select sku, quantity from raw.order_lines") == [("A", 2)]
    assert home.land_text("order_lines.csv", content).status is LandingStatus.ALREADY_LANDED


def test_bytes_that_nobody_can_read_are_not_read_again_and_again(home):
    names = ("order_lines.csv", "order_lines.parquet")
    first = [home.land_text(name, b"PAR1 no more").batch_id for name in names]
    again = [home.land_text(name, b"PAR1 no more") for name in names]
    assert len(set(first)) == 2
    assert {landed.status for landed in again} == {LandingStatus.ALREADY_LANDED}


def test_a_file_with_another_delimiter_is_told_which(home):
    landed = home.land_text("order_lines.csv", LINES.replace(",", ";"))
    assert "looks like ';'" in landed.message
