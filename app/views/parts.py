"""Parts that several pages share."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.queries import alerts, exceptions
from app.queries.commands import Progress, Stage
from app.queries.sku import unit_costs
from app.serving import Tower
from app.views.tables import table
from app.wording import money, plain, plural
from ingestion.contracts.vocabulary import Severity

CHART_CONFIG = {"displayModeBar": False, "responsive": True}


def chart(figure: go.Figure, behind: pl.DataFrame, key: str) -> None:
    """Show a chart and, folded, the table behind it."""
    st.plotly_chart(figure, theme=None, config=CHART_CONFIG, key=f"{key}-chart")
    with st.expander("Numbers behind this chart", icon=":material/table_rows:"):
        table(behind, f"{key}-table", empty="No numbers in this selection.")


SEVERITY_ICONS = {
    Severity.BLOCKING: ":red[:material/dangerous:]",
    Severity.WARNING: ":orange[:material/warning:]",
    Severity.INFO: ":blue[:material/info:]",
}
LISTED_ALERTS = 5


def tile_columns(count: int, key: str) -> Sequence[DeltaGenerator]:
    """Columns for one row of tiles; on a narrow screen they stay two in a row."""
    with st.container(key=f"tiles-{key}"):
        return st.columns(count)


def alerts_since(tower: Tower) -> pl.DataFrame:
    """Return the alerts raised since the generation; say that it is the last good state."""
    since = alerts.raised_since(tower.settings.alert_log, tower.reader.published_at)
    if not since.is_empty():
        st.warning(
            f"{plural(since.height, 'alert')} since generation {tower.reader.number}: "
            "this page still shows the last good state.",
            icon=":material/report:",
        )
    return since


def alert_list(tower: Tower) -> None:
    """Show what was raised since the generation with its next step; earlier alerts folded."""
    since = alerts_since(tower)
    for alert in since.head(LISTED_ALERTS).iter_rows(named=True):
        _alert(alert)
    earlier = pl.concat(
        [since.tail(max(0, since.height - LISTED_ALERTS)), alerts.published(tower.reader)]
    )
    if not earlier.is_empty():
        with st.expander(f"{plural(earlier.height, 'earlier alert')}", icon=":material/history:"):
            table(earlier, "alerts")
    elif since.is_empty():
        st.caption(":material/task_alt: No alert.")


def _alert(alert: dict[str, Any]) -> None:
    severity = Severity(alert["severity"])
    with st.container(border=True, gap="small"):
        st.markdown(
            f"{SEVERITY_ICONS[severity]} **{plain(alert['title'])}** · {severity.capitalize()} · "
            f"{alert['raised_at']:%Y-%m-%d %H:%M} UTC"
        )
        st.markdown(plain(alert["detail"]))
        st.markdown(f":material/arrow_forward: Next: {plain(alert['next_step'])}")


def command_frame(commands: list[Progress]) -> pl.DataFrame:
    """Commands as a table: what, who, why, and how far."""
    return pl.DataFrame(
        {
            "what": [each.summary for each in commands],
            "status": [_stage_words(each) for each in commands],
            "actor": [each.standing.entry.actor for each in commands],
            "reason": [each.standing.entry.reason for each in commands],
            "decided_by": [each.standing.decided_by for each in commands],
            "submitted_at": [each.standing.entry.submitted_at for each in commands],
        },
        schema_overrides={"decided_by": pl.String},
    )


def _stage_words(progress: Progress) -> str:
    if progress.stage is Stage.APPLIED and progress.generation is not None:
        return f"applied in generation {progress.generation}"
    return progress.stage.value


def pending_values(tower: Tower) -> dict[str, str]:
    """What each pending command is about or worth, in words, by command id."""
    waiting = [each for each in tower.commands if each.stage is Stage.PENDING]
    adjustments = [each for each in waiting if each.is_adjustment]
    costs = unit_costs(tower.reader, tuple(sorted({each.subject for each in adjustments})))
    about = [each for each in waiting if each.is_about_exception]
    known = exceptions.named(tower.reader, tuple(sorted({each.subject for each in about})))
    return {each.standing.entry.command_id: _worth(each, costs) for each in adjustments} | {
        each.standing.entry.command_id: _at_risk(*known[each.subject], tower.currency)
        for each in about
        if each.subject in known
    }


def _at_risk(subject: str, amount: Decimal | None, currency: str) -> str:
    return f"{subject}, {money(amount, currency)} at risk"


def _worth(each: Progress, costs: dict[str, tuple[Decimal | None, str]]) -> str:
    cost, currency = costs.get(each.subject, (None, ""))
    if cost is None:
        return "value unknown"
    return f"{money(abs(each.payload['quantity']) * cost, currency)} at cost"
