"""What staging refused stays in quarantine however often its file is read again."""

from ingestion.landing.land import land_paths
from ingestion.landing.quarantine import list_quarantine, retry
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse
from tests.integration.ledger.conftest import AT, build, load

SOURCE = "{system: acme, owner: ops, feeds: [{feed: order_lines, files: [lines.csv]}]}"
MAPPING = "select row_number, id as order_id, pos as line_id, sku, {} as quantity from source"
PRODUCTS = "sku,title\nA-1,Mug\n"
LINES = "id,pos,sku,pieces\n1,1,A-1,2\n1,2,X-9,3\n1,3,A-1,about 4\n"


def test_what_waits_for_a_product_waits_on_after_the_rest_of_its_file_is_mended(tmp_path) -> None:
    settings = Settings(home=tmp_path / "home")
    mapping = settings.user_sources / "acme" / "order_lines.sql"
    mapping.parent.mkdir(parents=True)
    mapping.with_name("source.yml").write_text(SOURCE)
    mapping.write_text(MAPPING.format("pieces"))
    for name, system, text in (("products", None, PRODUCTS), ("lines", "acme", LINES)):
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        land_paths(settings, [path], system=system, now=lambda: AT)
    load(settings)
    (refused,) = list_quarantine(settings)

    mapping.write_text(MAPPING.format("regexp_extract(pieces, '[0-9]+')"))
    again = retry(settings, refused.batch_id, lambda: AT)
    load(settings)
    build(settings, "+meta_quarantine", "+meta_batches")

    with open_warehouse(settings) as connection:
        waiting = connection.execute(
            "select batch_id, row_number, rule, found_at from meta_quarantine"
        ).fetchall()
        counted = connection.execute(
            "select physical_count, loaded_count, duplicate_count, quarantined_count "
            "from meta_batches where file_name = 'lines.csv'"
        ).fetchall()
    assert waiting == [(again.batch_id, 2, "unknown_sku", "staging")]
    assert counted == [(3, 1, 1, 1)]
