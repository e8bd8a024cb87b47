"""One claim: ledger to claimed, cause by cause, then the events that prove each cause."""

import streamlit as st

from app.charts import claim as charts
from app.queries import claim as one
from app.queries.claim import Claim
from app.serving import Tower
from app.views.navigation import Go, open_sku
from app.views.parts import CHART_CONFIG, chart, tile_columns
from app.views.tables import table
from app.wording import money, plain, words


def show_claim(tower: Tower, go: Go, claim: Claim) -> None:
    """Render one claim."""
    lot = "" if claim.lot_id is None else f" · lot {plain(claim.lot_id)}"
    st.subheader(f"{plain(claim.sku)} at {plain(claim.place)}{lot}", anchor=False)
    states = plain(claim.scope.replace("+", ", ").replace("_", " "))
    st.caption(
        f"What {plain(claim.system)} has as {words(claim.quantity_kind).lower()} at "
        f"{claim.as_of:%Y-%m-%d %H:%M} UTC, told at {claim.recorded_at:%Y-%m-%d %H:%M} UTC. "
        f"The ledger counts: {states}."
    )
    _tiles(claim)
    causes = one.causes(tower.reader, claim.claim_id)
    if causes.is_empty():
        st.caption(":material/task_alt: It ties with the ledger.")
    else:
        chart(charts.waterfall(claim, causes), causes, "claim-causes")
        _evidence(tower, claim)
    if claim.is_known_sku and st.button(
        f"Open {plain(claim.sku)} in inventory", icon=":material/arrow_forward:"
    ):
        open_sku(go, claim.sku)


def _tiles(claim: Claim) -> None:
    numbers = {
        "Claimed": f"{claim.claimed_quantity:,}",
        "Ledger": f"{claim.ledger_quantity:,}",
        "Variance": f"{claim.variance_quantity:+,}",
        "Variance at cost": money(claim.variance_amount, claim.currency),
    }
    for column, (label, value) in zip(tile_columns(4, "claim"), numbers.items(), strict=True):
        column.metric(label, value, border=True)


def _evidence(tower: Tower, claim: Claim) -> None:
    st.subheader("Evidence", anchor=False)
    found = one.evidence(tower.reader, claim.claim_id)
    figure = charts.clocks(found, claim.as_of)
    if figure is not None:
        st.plotly_chart(figure, theme=None, config=CHART_CONFIG, key="claim-clocks")
    table(found, "claim-evidence", empty="No event: what is left after every event is told.")
