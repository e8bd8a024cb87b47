"""Causes against planted faults, on seeds nobody developed with, one drawn anew (promise T4)."""

import os
import secrets

import duckdb
import pytest

from dagster_project.lib.attribution import END_AT, SCENARIOS, Score, judge, pooled, reconcile
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from tests.dbt import TARGET

SEED = 424242
DRAWN = int(os.environ.get("TRUESTOCK_TEST_SEED") or secrets.randbelow(10**6))
"""Drawn anew for each run; a failure prints it, and TRUESTOCK_TEST_SEED repeats it."""
DRAWN_SCENARIO = SCENARIOS[DRAWN % len(SCENARIOS)]
HOMES = [*((scenario, SEED) for scenario in SCENARIOS), (DRAWN_SCENARIO, DRAWN)]
NAMES = [*SCENARIOS, "drawn"]


class Homes:
    """Reconciled homes of operating models, each made once, and how right they are."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._made: dict[tuple[str, int], tuple[Settings, Score]] = {}

    def made(self, scenario: str, seed: int) -> tuple[Settings, Score]:
        if (scenario, seed) not in self._made:
            self._made[scenario, seed] = self._make(scenario, seed)
        return self._made[scenario, seed]

    def _make(self, scenario: str, seed: int) -> tuple[Settings, Score]:
        """The truth is where nothing in the home or its settings leads to."""
        settings = Settings(home=self._folders.mktemp("reconciled") / "home")
        truth = self._folders.mktemp("truth")
        generate(
            settings.drop, scenario=scenario, scale="small", seed=seed, end_at=END_AT, truth=truth
        )
        assert not truth.is_relative_to(settings.root.parent)
        reconcile(settings, TARGET)
        score = Score()
        judge(score, settings.warehouse, truth / "claims.parquet")
        return settings, score


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory)


@pytest.fixture(params=HOMES, ids=NAMES)
def made(request: pytest.FixtureRequest, homes: Homes) -> tuple[Settings, Score]:
    return homes.made(*request.param)


@pytest.fixture
def reconciled(made: tuple[Settings, Score]) -> Settings:
    return made[0]


@pytest.fixture
def score(homes: Homes) -> Score:
    """Over all operating models: one alone plants few units of a cause."""
    return pooled(homes.made(scenario, SEED)[1] for scenario in SCENARIOS)


def test_the_causes_of_every_claim_sum_to_its_variance(made: tuple[Settings, Score]) -> None:
    _, score = made
    assert score.claims > 1000, f"the drawn seed is {DRAWN}"
    assert score.faulty_claims > 100, f"the drawn seed is {DRAWN}"
    assert score.untied_claims == 0, f"the drawn seed is {DRAWN}"


def test_without_ever_seeing_the_truth_nearly_every_unit_has_its_cause(score: Score) -> None:
    assert score.hit.total() >= 0.95 * score.planted.total()
    assert score.hit.total() >= 0.95 * score.found.total()
    assert score.found["unexplained"] <= 0.05 * score.found.total()


def test_each_planted_cause_is_found_and_nothing_else_taken_for_it(score: Score) -> None:
    """The bars of promise T4, per cause in units."""
    planted = +score.planted  # what is only found has a bar of its own: unexplained
    imprecise = {
        cause: score.hit[cause] / score.found[cause]
        for cause in planted
        if score.hit[cause] < 0.95 * score.found[cause]
    }
    missed = {
        cause: score.hit[cause] / units
        for cause, units in planted.items()
        if score.hit[cause] < 0.90 * units
    }
    assert (imprecise, missed) == ({}, {})


def test_every_cause_names_its_evidence(reconciled: Settings) -> None:
    settings = reconciled
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        bare = connection.execute(
            "select count(*) from recon_causes where len(evidence) = 0 or confidence is null"
        ).fetchone()

    assert bare == (0,)


def test_at_any_claim_a_systems_shadow_ledger_and_the_rest_are_what_it_claims(
    reconciled: Settings,
) -> None:
    settings = reconciled
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
