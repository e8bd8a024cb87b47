"""Data health: whether the facts arrived, whole and on time, and what to do where they did not."""

import polars as pl
import streamlit as st

from app.charts import health as charts
from app.queries import health
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, tabs
from app.views.parts import alert_list, chart, tile_columns
from app.views.tables import choose, table
from app.wording import duration, plural, words

LISTED = 500


def show(tower: Tower, _go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Data health", "Did every fact arrive, whole and on time?")
    _tiles(tower)
    sources, files, held, checks, run = tabs(
        ["Sources", "Files", "Quarantine", "Checks", "Last run"], "health-tab"
    )
    with sources:
        _sources(tower)
    with files:
        _files(tower)
    with held:
        _quarantine(tower)
    with checks:
        _checks(tower)
    with run:
        _run(tower)


def _tiles(tower: Tower) -> None:
    totals = health.totals(tower.reader)
    suites = health.suites(tower.reader)
    freshness = health.sources(tower.reader, tower.now)["freshness"].to_list()
    behind = sum(each in {"stale", "late"} for each in freshness)
    delivering = sum(not each.startswith("waiting") for each in freshness)
    columns = tile_columns(4, "health")
    with columns[0]:
        _tile("Sources late or stale", f"{behind} of {delivering}", is_good=behind == 0)
    with columns[1]:
        untied = totals["untied_count"]
        told = "every count ties" if not untied else f"{plural(untied, 'file')} does not tie"
        _tile("Records accounted for", f"{totals['physical_count']:,}", told, is_good=not untied)
    with columns[2]:
        held = totals["quarantined_count"]
        _tile("Records in quarantine", f"{held:,}", is_good=held == 0)
    with columns[3]:
        failed = int(suites["failed_count"].sum())
        told = f"of {plural(int(suites['check_count'].sum()), 'check')}"
        _tile("Checks failed", f"{failed:,}", told, is_good=failed == 0)
    alert_list(tower)


def _tile(label: str, value: str, told: str = "", *, is_good: bool) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        st.metric(label, value)
        icon = ":green[:material/check_circle:]" if is_good else ":orange[:material/warning:]"
        st.markdown(f"{icon} {told or ('nothing to do' if is_good else 'needs a look')}")


def _sources(tower: Tower) -> None:
    st.caption(
        "Late: no file for longer than expected. Stale: for twice as long; the fallback says what "
        "stands in for it meanwhile."
    )
    sources = health.sources(tower.reader, tower.now)
    expected = [duration(minutes) for minutes in sources["cadence_minutes"]]
    shown = sources.drop("cadence_minutes").insert_column(2, pl.Series("expected_every", expected))
    table(shown, "sources", empty="No source is connected.")
    outcomes = health.outcomes(tower.reader)
    if not outcomes.is_empty():
        chart(charts.outcomes(outcomes), outcomes, "outcomes")


def _files(tower: Tower) -> None:
    st.caption("Every physical record of a file is loaded, a duplicate, or in quarantine.")
    files = health.batches(tower.reader, LISTED)
    table(files, "files", empty="No file has landed yet.")


def _quarantine(tower: Tower) -> None:
    rules = health.quarantine_rules(tower.reader)
    if rules.is_empty():
        st.caption(":material/task_alt: Nothing is in quarantine.")
        return
    st.caption("What was held back, by rule. Correct it at its source, or retry it with the CLI.")
    table(rules, "quarantine-rules")
    names = rules["rule"].unique(maintain_order=True).to_list()
    rule = st.selectbox(
        "Rule",
        [None, *names],
        format_func=lambda name: "Every rule" if name is None else words(name),
        key="quarantine-rule",
    )
    held = health.quarantine(tower.reader, rule, LISTED)
    shown = held.drop("record", "batch_id")
    row = choose(shown, "quarantine", empty="Nothing under this rule.")
    if row is None:
        st.caption("Choose a row to see its original text.")
        return
    chosen = held.row(row, named=True)
    st.text(f"{chosen['reason']}")
    if chosen["found_at"] == "landing":
        st.caption(":material/description: Original record")
    else:
        batch, row_number = chosen["batch_id"], chosen["row_number"]
        st.caption(
            ":material/description: System, key and SKU of the row; "
            f"`truestock quarantine show {batch} --row {row_number}` prints it as its file has it"
        )
    st.code(chosen["record"] or "", language=None, wrap_lines=True)


def _checks(tower: Tower) -> None:
    suites = health.suites(tower.reader)
    if suites.is_empty():
        st.caption("No check has run on this generation.")
        return
    table(suites, "suites")
    names = suites["suite"].to_list()
    suite = st.selectbox(
        "Suite",
        [None, *names],
        format_func=lambda name: "Every suite" if name is None else name,
        key="checks-suite",
    )
    checks = health.checks(tower.reader)
    table(checks if suite is None else checks.filter(checks["suite"] == suite), "checks")


def _run(tower: Tower) -> None:
    stages = health.stages(tower.reader)
    if stages.is_empty():
        st.caption("The run that made this generation left no times.")
        return
    chart(charts.stages(stages), stages, "stages")
    st.caption(_publishing(health.last_publication(tower.reader)))
    with st.expander("Earlier runs", icon=":material/history:"):
        table(health.runs(tower.reader, LISTED), "runs")


def _publishing(seconds: float | None) -> str:
    """What the chart cannot hold: publishing ends after the generation that it writes."""
    before = "" if seconds is None else f" The one before took {seconds:,.1f} s."
    return f"Publishing comes last and is timed in the next generation.{before}"
