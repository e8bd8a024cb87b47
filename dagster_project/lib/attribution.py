"""How right the reconciliation is: its causes held against the faults a generator planted.

The truth lies outside the home, which is all that a pipeline's settings name. Seeds 7 and 11 are
the demo's and the tests'; the benchmark runs on others, or on those it is given.
"""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.dbt_build import DBT, PROFILE, PROJECT, DbtError, environment
from ingestion.landing.land import land_paths
from ingestion.landing.load import load_batches
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from ingestion.synthetic.scenarios import operating_model
from ingestion.warehouse import open_warehouse

SCRIPT = Path(__file__).with_suffix(".sql")
SCENARIOS = ("dtc", "marketplace", "hybrid", "regulated")
HELD_OUT_SEEDS = (7919, 10007)
END_AT = datetime(2026, 1, 1, tzinfo=UTC)
NOT_FOUND, NOT_PLANTED = "not found", "not planted"


@dataclass
class Score:
    """Units over all claims judged so far; precision and recall are of units, per cause."""

    planted: Counter[str] = field(default_factory=Counter[str])
    found: Counter[str] = field(default_factory=Counter[str])
    hit: Counter[str] = field(default_factory=Counter[str])
    confused: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    claims: int = 0
    faulty_claims: int = 0
    untied_claims: int = 0

    def add(self, other: "Score") -> None:
        """Pool another score into this one."""
        for counter in ("planted", "found", "hit", "confused"):
            getattr(self, counter).update(getattr(other, counter))
        self.claims += other.claims
        self.faulty_claims += other.faulty_claims
        self.untied_claims += other.untied_claims

    def matrix(self) -> dict[str, dict[str, int]]:
        """Return units by planted cause and the cause found instead, every cause on both sides.

        What was planted and is in no cause of its claim is `not found`; what was found and planted
        as nothing is in the row `not planted`.
        """
        causes = sorted(self.planted.keys() | self.found.keys())
        rows = {
            planted: {
                found: self.hit[planted] if planted == found else self.confused[planted, found]
                for found in causes
            }
            for planted in causes
        }
        for planted, row in rows.items():
            row[NOT_FOUND] = max(0, self.planted[planted] - sum(row.values()))
        rows[NOT_PLANTED] = {
            found: max(0, self.found[found] - sum(row[found] for row in rows.values()))
            for found in causes
        } | {NOT_FOUND: 0}
        return rows

    def by_cause(self) -> dict[str, dict[str, Any]]:
        """Return `{cause: {precision, recall, units}}`; a share of nothing is null."""
        return {
            cause: {
                "precision": _share(self.hit[cause], self.found[cause]),
                "recall": _share(self.hit[cause], self.planted[cause]),
                "units": self.planted[cause],
            }
            for cause in sorted(self.planted.keys() | self.found.keys())
        }

    def summary(self) -> dict[str, Any]:
        """Return what holds over all causes, and which were taken for which."""
        found = self.found.total()
        return {
            "claims": self.claims,
            "faulty claims": self.faulty_claims,
            "claims whose causes do not sum to the variance": self.untied_claims,
            "explained share": _share(found - self.found["unexplained"], found),
            **{
                f"{planted} taken for {mistaken}": units
                for (planted, mistaken), units in self.confused.most_common()
            },
        }


def score_attribution(
    scale: str,
    scenarios: Sequence[str] = SCENARIOS,
    seeds: Sequence[int] = HELD_OUT_SEEDS,
    cause: str | None = None,
) -> dict[str, Score]:
    """Plant faults in operating models on these seeds, reconcile, and compare, model by model.

    With a `cause`, only its faults are planted, beside what no system can help. Raises
    UnknownCauseError, UnknownScenarioError.
    """
    scores = {scenario: Score() for scenario in scenarios}
    with tempfile.TemporaryDirectory(prefix="truestock-attribution-") as root:
        for scenario, score in scores.items():
            model = operating_model(scenario)
            if cause is not None:
                model = replace(model, faults=model.faults.only(cause))
            for seed in seeds:
                folder = Path(root) / f"{scenario}-{seed}"
                truth = Path(root) / "truth"
                settings = Settings.model_validate({"home": folder / "home"})
                generate(
                    settings.drop, scenario=model, scale=scale, seed=seed, end_at=END_AT,
                    truth=truth,
                )  # fmt: skip
                reconcile(settings, Path(root) / "target")
                judge(score, settings.warehouse, truth / "claims.parquet")
                shutil.rmtree(folder)
    return scores


def pooled(scores: Iterable[Score]) -> Score:
    """Return one score over all of them."""
    whole = Score()
    for score in scores:
        whole.add(score)
    return whole


def reconcile(settings: Settings, target: Path) -> None:
    """Land and load what was dropped, and derive everything up to the causes.

    dbt's own files go to `target`.

    Raises DbtError with dbt's own words when a model fails.
    """
    land_paths(settings, [settings.drop], system=None, now=lambda: datetime.now(UTC))
    with open_warehouse(settings) as connection:
        load_batches(connection, settings, lambda: datetime.now(UTC))
    command = [
        *(DBT, "build", "--select", "+recon_causes"),
        *("--exclude-resource-type", "test", "unit_test"),
        *(*PROFILE, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target)),
    ]
    finished = subprocess.run(  # noqa: S603 - the command is our own
        command, env=os.environ | environment(settings), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise DbtError(f"dbt could not reconcile {settings.root}:\n{finished.stdout[-2000:]}")


def judge(score: Score, warehouse: Path, truth: Path) -> None:
    """Add one reconciled warehouse to the score."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute("set variable truth = $1", [str(truth)])
        for statement in duckdb.extract_statements(SCRIPT.read_text("utf-8")):
            connection.execute(statement)
        for cause, planted, found, hit in connection.execute(
            "select cause, sum(planted), sum(found), sum(hit) from compared group by cause"
        ).fetchall():
            score.planted[cause] += int(planted)
            score.found[cause] += int(found)
            score.hit[cause] += int(hit)
        for planted, mistaken, units in connection.execute("from confused").fetchall():
            score.confused[planted, mistaken] += int(units)
        claims, faulty, untied = connection.execute(
            """
            select count(*), count(*) filter (where variance_quantity != 0),
                count(*) filter (where variance_quantity != coalesce(caused.quantity, 0))
            from warehouse.main.recon_variances
            left join (
                select claim_id, sum(quantity) as quantity
                from warehouse.main.recon_causes group by claim_id
            ) as caused using (claim_id)
            """
        ).fetchone() or (0, 0, 0)
        score.claims += claims
        score.faulty_claims += faulty
        score.untied_claims += untied


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
