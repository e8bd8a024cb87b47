"""The careful parser: one bad record costs itself and nothing else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.landing.splitting import Dialect, Split, split_delimited, split_ndjson


def split(path: Path, content: bytes, limit: int = 1000) -> list[Split]:
    path.write_bytes(content)
    splits = split_delimited(path, Dialect(",", '"', 2, limit))
    return [one for one in splits if one.fields is not None or one.rule is not None]


def outcomes(splits: list[Split]) -> list[object]:
    return [one.rule or one.fields for one in splits]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1,a\n2\n3,c\n", [["1", "a"], "too_few_fields", ["3", "c"]]),
        (b"1,a\n2,b,c\n3,c\n", [["1", "a"], "too_many_fields", ["3", "c"]]),
        (b'1,a\n2,"b\n3,c\n4,d\n', [["1", "a"], "broken_quoting", ["3", "c"], ["4", "d"]]),
        (b'1,"a"x\n2,b\n', ["broken_quoting", ["2", "b"]]),
        (b'1,"a\nb"\r\n2,b\n', [["1", "a\nb"], ["2", "b"]]),
        (b'1,5" pipe\n2,b\n', [["1", '5" pipe'], ["2", "b"]]),
        (b"1,\xff\n2,b\n", ["undecodable", ["2", "b"]]),
        (b"1,\x00\n2,b\n", ["unreadable", ["2", "b"]]),
        (b"1,a\rb\n2,b\n", ["stray_line_break", ["2", "b"]]),
        (b"1," + b"x" * 5000 + b"\n2,b", ["too_long", ["2", "b"]]),
    ],
)
def test_a_bad_record_never_costs_the_others(
    tmp_path: Path, content: bytes, expected: list[object]
):
    assert outcomes(split(tmp_path / "rows.csv", content)) == expected


def test_text_that_is_not_utf_8_is_refused_with_what_to_do(tmp_path: Path):
    (first, _) = split(tmp_path / "rows.csv", b"1,caf\xe9\n2,b\n")
    assert "not UTF-8 text" in str(first.reason)
    assert "encoding" in str(first.reason)
    assert "send it again as UTF-8" in str(first.reason)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200), st.lists(st.sampled_from([b'"', b"\n", b",", b"\r\n", b"a"])))
def test_every_byte_belongs_to_exactly_one_record(tmp_path: Path, noise: bytes, marks: list[bytes]):
    content = noise + b"".join(marks)
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    splits = list(split_delimited(path, Dialect(",", '"', 2, 50)))
    assert sum(one.byte_count for one in splits) == len(content)
    assert sum(one.byte_count for one in split_ndjson(path, 50)) == len(content)


@pytest.mark.parametrize(
    "line",
    [b'{"a": 1', b"[1, 2]", b"nonsense", b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"a": "\xff"}'],
)
def test_a_line_that_is_no_json_object_is_refused_with_a_reason(tmp_path: Path, line: bytes):
    path = tmp_path / "rows.ndjson"
    path.write_bytes(line + b'\n{"a": 1.50}\n')
    first, second = split_ndjson(path, 2**20)
    assert first.rule is not None
    assert first.reason
    assert second.fields == {"a": "1.50"}
