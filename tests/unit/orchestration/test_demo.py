"""A demo's truth lies where no pipeline looks."""

from datetime import UTC, datetime

from dagster_project.lib.demo import discard_demo, prepare_demo, truth_of
from ingestion.settings import Settings

END = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_truth_of_a_demo_is_outside_its_home_and_goes_with_it(tmp_path):
    settings = Settings(home=tmp_path / "home")

    prepare_demo(settings, "dtc", "small", END)

    assert (truth_of(settings) / "claims.parquet").exists()
    assert not truth_of(settings).is_relative_to(settings.root)
    assert not list(settings.root.rglob("*truth*"))
    discard_demo(settings)
    assert list(tmp_path.iterdir()) == []
