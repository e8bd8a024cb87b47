"""The form that sets what a metric should reach."""

from datetime import datetime

import streamlit as st

from app.forms.identity import permitted
from app.forms.sending import Form, command_id, field, send
from app.queries.kpis import Metric
from app.serving import Tower
from ingestion.contracts.vocabulary import CommandType

TOPIC = "target"


def target_form(tower: Tower, metric: Metric) -> None:
    """Let the actor set another target of `metric`; somebody else approves it."""
    form = f"{TOPIC}.{metric.metric}.{metric.variant}"
    with st.form(f"{form}-{command_id(form)}", border=False):
        left, right = st.columns(2)
        target = left.number_input(
            f"Target, {metric.unit}", value=metric.target, format="%g", key=field(form, "target")
        )
        warn_at = right.number_input(
            "Far off beyond",
            value=metric.warn_at,
            format="%g",
            help="Missing the target is a warning up to here",
            key=field(form, "warn_at"),
        )
        start = st.date_input("Valid from (UTC)", value=tower.now.date(), key=field(form, "from"))
        note = st.text_input("Why, in your words", max_chars=500, key=field(form, "note"))
        submitted = st.form_submit_button("Set target", icon=":material/flag:")
    if submitted and permitted(tower, CommandType.SET_METRIC_TARGET):
        payload = {
            "metric": metric.metric,
            "variant": metric.variant,
            "target": target,
            "warn_at": warn_at,
            "valid_from": datetime(start.year, start.month, start.day).isoformat() + "Z",  # noqa: DTZ001 - Z is written
        }
        send(tower, Form(form, TOPIC), CommandType.SET_METRIC_TARGET, payload, note)
