"""Causes against planted faults, on seeds nobody developed with (promise T4)."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.attribution import Score, judge, reconcile
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from tests.dbt import TARGET

END = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=["hybrid", "marketplace"])
def reconciled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A home whose truth is nowhere to be found while the pipeline runs, and the truth."""
    folder = tmp_path_factory.mktemp("attribution")
    settings, truth = Settings(home=folder / "home"), folder / "truth"
    generate(
        settings.drop, scenario=request.param, scale="small", seed=4051, end_at=END, truth=truth
    )
    kept = tmp_path_factory.mktemp("kept") / "claims.parquet"
    shutil.move(truth / "claims.parquet", kept)
    shutil.rmtree(truth)
    reconcile(settings, TARGET)
    return settings, kept


@pytest.fixture(scope="module")
def score(reconciled: tuple[Settings, Path]) -> Score:
    settings, truth = reconciled
    score = Score()
    judge(score, settings.warehouse, truth)
    return score


def test_the_causes_of_every_claim_sum_to_its_variance(score: Score) -> None:
    assert score.claims > 5000
    assert score.faulty_claims > 100
    assert score.untied_claims == 0


def test_without_ever_seeing_the_truth_nearly_every_unit_has_its_cause(score: Score) -> None:
    assert score.hit.total() >= 0.95 * score.planted.total()
    assert score.hit.total() >= 0.95 * score.found.total()
    assert score.found["unexplained"] <= 0.05 * score.found.total()


def test_every_cause_names_its_evidence(reconciled: tuple[Settings, Path]) -> None:
    settings, _ = reconciled
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        bare = connection.execute(
            "select count(*) from recon_causes where len(evidence) = 0 or confidence is null"
        ).fetchone()

    assert bare == (0,)


def test_at_any_claim_a_systems_shadow_ledger_and_the_rest_are_what_it_claims(
    reconciled: tuple[Settings, Path],
) -> None:
    settings, _ = reconciled
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        instants = connection.execute(
            """
            select distinct system, as_of from recon_variances
            where quantity_kind != 'count' and variance_quantity != 0
            order by md5(system || as_of::varchar) limit 12
            """
        ).fetchall()
        compared = [
            connection.execute(
                """
                with told as (from balances_as_told($1, $2)),
                summed as (
                    select claims.claim_id, sum(told.quantity) as quantity
                    from recon_variances as claims
                    inner join told using (scope, sku)
                    where claims.system = $1 and claims.as_of = $2
                        and coalesce(claims.location_id = told.location_id, true)
                        and coalesce(claims.lot_id = told.lot_id, true)
                    group by claims.claim_id
                )
                select count(*), count(*) filter (
                    claims.claimed_quantity - coalesce(rests.rest_quantity, 0)
                    != coalesce(summed.quantity, 0)
                )
                from recon_variances as claims
                left join summed using (claim_id)
                left join reconciliation.int_reconciliation__rests as rests using (claim_id)
                where claims.system = $1 and claims.as_of = $2
                    and claims.quantity_kind != 'count'
                """,
                instant,
            ).fetchone()
            for instant in instants
        ]

    assert len(instants) == 12
    assert all(claims > 0 and wrong == 0 for claims, wrong in compared), compared
