"""The independent counter against Python's own csv module."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.landing import counting
from ingestion.landing.counting import count_records, read_records

FIELDS = st.text(st.sampled_from('ab,";\n\r é\t'), max_size=8)
ROWS = st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=30)
QUICK = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def written(rows: list[list[str]], line_end: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def without_returns(rows: list[list[str]]) -> list[list[str]]:
    """Python 3.11's writer leaves a lone carriage return unquoted, which nobody can read back."""
    return [[field.replace("\r", "") for field in row] for row in rows]


@QUICK
@given(rows=ROWS, line_end=st.sampled_from(["\n", "\r\n"]), chunk=st.integers(1, 40))
def test_the_counter_finds_as_many_records_as_the_csv_module_wrote(
    tmp_path: Path, rows: list[list[str]], line_end: str, chunk: int
):
    path = tmp_path / "rows.csv"
    path.write_bytes(written(rows, line_end).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_CHUNK", chunk)
        assert count_records(path, '"').records == len(rows)


@QUICK
@given(rows=ROWS.map(without_returns), chunk=st.integers(1, 40))
def test_the_original_text_of_a_record_parses_back_to_its_fields(
    tmp_path: Path, rows: list[list[str]], chunk: int
):
    path = tmp_path / "rows.csv"
    path.write_bytes(written(rows, "\n").encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_CHUNK", chunk)
        texts = read_records(path, '"', range(len(rows)))
    parsed = [next(csv.reader(io.StringIO(texts[n], newline=""))) for n in range(len(rows))]
    assert parsed == rows


@pytest.mark.parametrize(
    ("content", "is_regular"),
    [
        (b"a,b\n1,2\n", True),
        (b"a,b\r\n1,2\r\n", True),
        (b"a,b\r\n1,2\n", False),
        (b"a,b\n1,\x00\n", False),
        (b'a,b\n1,"2\n', False),
        (b"a,b\n1,2\rx\n", False),
    ],
)
def test_a_file_is_regular_only_when_every_line_ends_alike_and_quotes_close(
    tmp_path: Path, content: bytes, *, is_regular: bool
):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    assert count_records(path, '"').is_regular is is_regular


def test_blank_lines_are_no_records(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\n\na,b\r\n\r\n1,2\n\n")
    assert count_records(path, '"').records == 2
