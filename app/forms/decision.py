"""Approving and rejecting what waits: by somebody else, and only in the right role."""

import streamlit as st

from app.forms.effect import below_zero, show_effect
from app.forms.identity import named, refused
from app.forms.sending import Form, command_id, field, send, show_notice
from app.queries.commands import Progress, Stage
from app.serving import Tower
from app.wording import plain
from ingestion.contracts.vocabulary import CommandType

FORM = "decision"


def approvals(tower: Tower, commands: list[Progress], values: dict[str, str]) -> None:
    """Show the pending commands, oldest first; a supervisor may decide on each.

    `values` says what each command is worth at cost, by command id.
    """
    show_notice(FORM)
    waiting = [each for each in reversed(commands) if each.stage is Stage.PENDING]
    if not waiting:
        st.caption(":material/task_alt: No command waits for approval.")
        return
    refusal = refused(tower, CommandType.APPROVE)
    if refusal:
        st.info(refusal, icon=":material/lock:")
    may_decide = not refusal and named(tower.identity)
    for each in waiting:
        _pending(tower, each, values, may_decide=may_decide)


def _pending(tower: Tower, each: Progress, values: dict[str, str], *, may_decide: bool) -> None:
    entry = each.standing.entry
    told = [
        f"by {entry.actor} as {entry.role}",
        f"{entry.submitted_at:%Y-%m-%d %H:%M} UTC",
        *filter(None, [values.get(entry.command_id)]),
    ]
    with st.container(border=True, gap="small"):
        st.markdown(f":material/hourglass_top: **{plain(each.summary)}**")
        st.caption(plain(" · ".join(told)))
        st.markdown(plain(f"“{entry.reason}”"))
        if each.is_adjustment:
            _effect(tower, each)
        if may_decide:
            _decide(tower, each)


def _effect(tower: Tower, each: Progress) -> None:
    fields = each.payload
    names = each.names.get("location_id", {})
    place = names.get(fields["location_id"]) or str(fields["location_id"])
    effect = show_effect(tower, fields, place)
    warning = "" if effect is None else below_zero(effect, place)
    if warning:
        advice = "Approve it only if the books are wrong, and say why."
        st.warning(plain(warning + advice), icon=":material/warning:")


def _decide(tower: Tower, each: Progress) -> None:
    entry = each.standing.entry
    form = f"{FORM}.{entry.command_id}"
    is_own = entry.actor.casefold() == tower.identity.actor.casefold()
    with st.form(f"{form}-{command_id(form)}", border=False):
        note = st.text_input("Note", max_chars=500, key=field(form, "note"), placeholder="Why")
        left, right = st.columns(2)
        approved = left.form_submit_button(
            "Approve",
            type="primary",
            icon=":material/check:",
            disabled=is_own,
            help="Somebody else must approve your own command." if is_own else None,
            width="stretch",
        )
        rejected = right.form_submit_button("Reject", icon=":material/close:", width="stretch")
    if approved or rejected:
        decision = CommandType.APPROVE if approved else CommandType.REJECT
        send(tower, Form(form, FORM), decision, {"command_id": entry.command_id}, note)
