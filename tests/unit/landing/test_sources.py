"""What a source folder may say, and how it is told what is wrong."""

from pathlib import Path

import pytest

from ingestion.landing.sources import SourceError, load_sources, read_source
from ingestion.settings import Settings

GOOD = """
system: acme
owner: ops
timezone: Europe/Berlin
feeds:
  - {feed: orders, files: ["export*.csv"]}
"""


def folder(tmp_path: Path, text: str, *mappings: str) -> Path:
    (tmp_path / "source.yml").write_text(text)
    for mapping in mappings:
        (tmp_path / f"{mapping}.sql").write_text("select * from source")
    return tmp_path


def test_a_source_claims_files_by_name_in_upper_and_lower_case(tmp_path: Path):
    source = read_source(folder(tmp_path, GOOD, "orders"))
    assert [rule.feed for rule in source.rules_for("EXPORT-1.CSV")] == ["orders"]
    assert not source.rules_for("other.csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("system: acme", "owner"),
        (GOOD.replace("orders,", "odrers,"), "unknown feed 'odrers'"),
        (GOOD.replace("Europe/Berlin", "Mars/Olympus"), "unknown time zone"),
        (GOOD.replace("export*.csv", "../export*.csv"), "without a folder"),
        (GOOD.replace("owner:", "onwer:"), "onwer"),
        (GOOD + "  - [broken", "not YAML"),
        ("system: acme\nowner: ops\n", "lists no feeds"),
        (GOOD.replace("orders,", "counts,"), "counts.sql"),
    ],
)
def test_an_unusable_source_names_its_file_and_its_fault(tmp_path: Path, text: str, told: str):
    with pytest.raises(SourceError) as refused:
        read_source(folder(tmp_path, text, "orders"))
    assert told in str(refused.value)
    assert "source.yml" in str(refused.value)


def test_the_built_in_sources_can_be_used_and_the_users_own_replaces_one(tmp_path: Path):
    settings = Settings(home=tmp_path)
    own = settings.user_sources / "mywind"
    own.mkdir(parents=True)
    folder(own, GOOD.replace("acme", "mywind"), "orders")
    sources = load_sources(settings)
    assert {"native", "truestock", "adventureworks", "mywind"} <= set(sources)
    assert sources["mywind"].definition.owner == "ops"
    assert not sources["mywind"].is_builtin


def test_a_source_that_uses_another_keeps_its_own_zone(tmp_path: Path):
    settings = Settings(home=tmp_path)
    own = settings.user_sources / "shop"
    own.mkdir(parents=True)
    folder(own, "system: shop\nowner: ops\ntimezone: Europe/Berlin\nuses: native\n")
    shop = load_sources(settings)["shop"]
    assert shop.rules_for("orders-1.csv")[0].feed == "orders"
    assert shop.definition.timezone == "Europe/Berlin"
