"""Tables: every column under its own words, and a download that no spreadsheet can run."""

from collections.abc import Callable
from typing import Any

import polars as pl
import streamlit as st

from app.wording import words

LABELS = {
    "sku": "SKU",
    "title": "Product",
    "name": "Name",
    "period": "Day",
    "month_on": "Month",
    "posted_amount": "Posted",
    "ledger_amount": "Ledger at cost",
    "difference_amount": "Difference of the month",
    "closing_difference_amount": "Closing difference",
    "closing_difference_quantity": "Closing units",
    "of_quantity_amount": "Due to quantity",
    "of_price_amount": "Due to price",
    "median_hours_to_detect": "Hours to detect, median",
    "p90_hours_to_detect": "Hours to detect, 9 of 10",
    "po_id": "Purchase order",
    "po_line_id": "Purchase order line",
    "endangered_line_count": "Lines in danger",
    "endangered_quantity": "Units in danger",
    "endangered_lines": "Which lines",
    "due_on": "Due",
    "order_id": "Order",
    "line_id": "Line",
    "lot_id": "Lot",
    "rule_id": "Rule",
    "channel_id": "Channel",
    "location_id": "Location",
    "asset": "Relation",
    "record": "Original record",
    "ties": "Counts tie",
    "effect_quantity": "Effect on hand",
    "balance_quantity": "Balance after",
    "atp_quantity": "Available to promise",
    "signed_atp_quantity": "Signed ATP",
    "component_quantity": "In one kit",
    "kit_quantity": "Makes kits",
    "available_quantity": "Kits to promise",
    "individual_quantity": "Its components make",
    "own_free_quantity": "Put together before",
    "own_demand_quantity": "Waited for as such",
    "limiting_sku": "Scarcest component",
    "shared_sku": "Shared component",
    "joint_quantity": "Made together at least",
    "joint_limit_quantity": "Made together at most",
    "free_quantity": "Free",
    "network_quantity": "Left to promise",
    "physical_count": "Physical records",
    "age_minutes": "Age",
    "last_event_at": "Last event",
    "rule_version": "Rule version",
    "governed_by": "Rule",
    "withheld_by": "Withheld by",
    "batch_id": "Batch",
    "value": "Value",
    "from_account": "From",
    "to_account": "To",
    "from_location_id": "From location",
    "to_location_id": "To location",
    "amount": "Value at cost",
    "exception_count": "Exceptions",
    "incident_count": "Incidents",
    "check_count": "Checks",
    "check_name": "Check",
    "batch_count": "Files",
    "stage_count": "Stages",
    "line_count": "Lines",
    "file_count": "Files",
    "byte_count": "Bytes",
    "quantity_kind": "What it claims",
    "found_at": "Found at",
    "return_reason": "Reason",
    "file_name": "File",
    "at_location": "At",
    "projected_on": "Day",
    "event_id": "Event",
    "row_count": "Rows",
    "row_number": "Line in file",
    "source_system": "Source",
    "first_seen_at": "First seen",
    "return_id": "Return",
    "order_line_id": "Order line",
    "customer_id": "Customer",
    "worker_id": "Worker",
    "exception_type": "Type",
    "at_risk_amount": "Money at risk",
    "due_at": "Due",
    "overdue_count": "Overdue",
    "expected_loss_amount": "Expected loss",
    "is_overdue": "Overdue",
    "age_days": "Age in days",
    "lot_count": "Lots",
    "order_count": "Orders",
    "customer_count": "Customers",
    "earlier_lot_id": "Earlier lot",
    "earlier_free_quantity": "Free of the earlier lot",
    "risk_quantity": "Will expire unsold",
    "exposed_quantity": "Refunded, not received",
    "exposed_amount": "Refunded, not received, money",
    "phantom_in": "Phantom in",
    "phantom_at": "On sale on paper alone",
    "refunded_by": "Refund said by",
    "received_by": "Receipt said by",
    "restocked_by": "Restock said by",
    "standing_quantity": "Still standing",
    "phantom_quantity": "Phantom units",
    "phantom_amount": "Phantom units at cost",
    "next_step": "What to do",
    "cause_count": "Causes",
    "claim_count": "Claims",
    "off_count": "Claims that do not tie",
    "evidence_count": "Events",
    "gross_quantity": "Units of variance",
    "net_quantity": "Net units",
    "since_at": "Since",
    "other_sku": "Taken or confused with",
    "plan_rank": "Rank",
    "abc_class": "ABC",
    "count_type": "Count",
    "counter_id": "Counted by",
    "risk_amount": "Cost of an error",
    "expected_error_units": "Expected wrong units",
    "exposure_since_count": "Moves and days since",
    "verification": "Second count",
    "is_approval_needed": "Needs approval",
    "is_due": "Due",
    "is_blind_advised": "Count blind",
    "is_held": "Held",
    "next_variance_quantity": "Off at the next count",
    "days_to_next_count": "Days to next count",
    "pick_count": "Picks",
    "error_count": "Suspected",
    "occurred_at": "Happened",
}
CODES = frozenset(
    {
        "event_type",
        "exception_type",
        "state_reason",
        "movement_type",
        "state",
        "flag",
        "shortage_reason",
        "grain",
        "stage",
        "quantity_kind",
        "cause",
        "largest_cause",
        "leading_cause",
        "commonest_cause",
        "event",
        "horizon",
        "trace_type",
        "condition",
        "disposition",
        "signal",
        "verification",
        "count_type",
        "status",
        "return_reason",
        "reason_code",
        "reference_type",
        "suspense_type",
        "supply_kind",
        "rule",
    }
)
"""Columns of codes, shown as words; downloads keep the codes."""

PIXELS_PER_CHARACTER, PADDING, FITTED, WIDEST = 7, 36, 20, 760
"""Columns of texts longer than FITTED characters are made as wide as their longest, up to WIDEST:
by itself a table fits only the rows it shows first, and cuts the rest."""

CSV_FORMULA = r"^([=+\-@\t\r])"


def label(column: str) -> str:
    """The words over a column."""
    if column in LABELS:
        return LABELS[column]
    for suffix in ("_quantity", "_count", "_at", "_amount", "_id"):
        if column.endswith(suffix):
            return words(column.removesuffix(suffix))
    return words(column.removeprefix("is_"))


def column_config(frame: pl.DataFrame) -> dict[str, Any]:
    """How each column of `frame` is written."""
    return {each.name: _column(each) for each in frame.iter_columns()}


def _column(values: pl.Series) -> Any:  # noqa: ANN401 - Streamlit's own untyped dict
    name, dtype = values.name, values.dtype
    if isinstance(dtype, pl.Datetime):
        return st.column_config.DatetimeColumn(f"{label(name)} (UTC)", format="YYYY-MM-DD HH:mm")
    if isinstance(dtype, pl.Date):
        day = "YYYY-MM" if name == "month_on" else "YYYY-MM-DD"
        return st.column_config.DateColumn(label(name), format=day)
    if dtype.is_numeric():
        return st.column_config.NumberColumn(label(name), format=_number_format(name, dtype))
    return st.column_config.Column(label(name), width=_width(values))


def _width(values: pl.Series) -> int | None:
    """Pixels that show the longest text; None where a table fits it by itself."""
    if values.dtype != pl.String:
        return None
    longest = values.str.len_chars().max()
    if not isinstance(longest, int) or longest <= FITTED:
        return None
    return min(WIDEST, PADDING + PIXELS_PER_CHARACTER * longest)


def _number_format(name: str, dtype: pl.DataType) -> str:
    if name.endswith("_rate"):
        return "percent"
    if dtype.is_decimal():
        return "%,.2f"
    return "%,.3f" if dtype.is_float() else "%,d"


def table(frame: pl.DataFrame, key: str, *, empty: str = "Nothing here.") -> None:
    """Show a frame with its download; `empty` says what it means that there is none."""
    if frame.is_empty():
        st.caption(empty)
        return
    st.dataframe(
        in_words(frame),
        hide_index=True,
        column_config=column_config(frame),
        key=key,
        placeholder="",
    )
    _download(frame, key)


def choose(
    frame: pl.DataFrame,
    key: str,
    *,
    empty: str,
    chosen: int | None = None,
    on_choice: Callable[[], None] | None = None,
) -> int | None:
    """Show a frame whose rows can be chosen, at first `chosen`; return the chosen row's position.

    `on_choice` is called before the page is drawn again with another row chosen, or none.
    """
    if frame.is_empty():
        st.caption(empty)
        return None
    event = st.dataframe(
        in_words(frame),
        hide_index=True,
        column_config=column_config(frame),
        key=key,
        placeholder="",
        on_select=on_choice or "rerun",
        selection_mode="single-row",
        selection_default=None if chosen is None else {"selection": {"rows": [chosen]}},
    )
    _download(frame, key)
    rows = event["selection"]["rows"]
    return rows[0] if rows and rows[0] < frame.height else None


def in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its codes as words."""
    codes = [name for name in frame.columns if name in CODES]
    return frame.with_columns(pl.col(codes).str.replace_all("_", " "))


def as_csv(frame: pl.DataFrame) -> bytes:
    """A frame as CSV whose texts no spreadsheet takes for a formula."""
    texts = pl.selectors.string()
    lists = pl.selectors.by_dtype(pl.List(pl.String))
    flat = frame.with_columns(lists.list.join(" "))
    return flat.with_columns(texts.str.replace(CSV_FORMULA, "'$1")).write_csv().encode()


def _download(frame: pl.DataFrame, key: str) -> None:
    st.download_button(
        "Download CSV",
        data=lambda: as_csv(frame),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}-download",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
