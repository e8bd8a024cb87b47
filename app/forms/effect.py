"""What an adjustment would leave at its place, told before anybody records or approves it."""

from collections.abc import Mapping

import streamlit as st

from app.queries.sku import Effect, Held, held
from app.serving import Tower
from app.wording import plain, words
from ingestion.contracts.vocabulary import State


def effect_of(tower: Tower, fields: Mapping[str, object]) -> Effect | None:
    """Return the effect of an adjustment's payload; None until it names a whole quantity."""
    quantity = fields.get("quantity")
    if not isinstance(quantity, int):
        return None
    return Effect(
        _now(tower, fields), quantity, _state(fields, "from_state"), _state(fields, "to_state")
    )


def show_effect(tower: Tower, fields: Mapping[str, object], place: str) -> Effect | None:
    """Show what is at `place` now and after the adjustment; return its effect, once it has one."""
    effect = effect_of(tower, fields)
    now = _now(tower, fields) if effect is None else effect.held
    after = None if effect is None else effect.after
    told = [
        _told("on hand", now.on_hand, None if after is None else after.on_hand),
        _told(words(now.state).lower(), now.in_state, None if after is None else after.in_state),
    ]
    st.caption(f":material/inventory_2: {plain(place)}: {plain('; '.join(told))}")
    return effect


def below_zero(effect: Effect, place: str) -> str:
    """Say what the adjustment takes that the books do not hold; empty where they hold it all."""
    if not effect.is_below_zero:
        return ""
    return (
        f"It takes more than the books hold: {effect.after.in_state:,} "
        f"{words(effect.held.state).lower()} at {place} after it. "
    )


def _told(noun: str, now: int, after: int | None) -> str:
    return f"{noun} {now:,} now" + ("" if after is None else f", {after:,} after")


def _now(tower: Tower, fields: Mapping[str, object]) -> Held:
    lot_id = fields.get("lot_id")
    return held(
        tower.reader,
        str(fields["sku"]),
        str(fields["location_id"]),
        _state(fields, "from_state") or State.AVAILABLE,
        None if lot_id is None else str(lot_id),
    )


def _state(fields: Mapping[str, object], name: str) -> State | None:
    state = fields.get(name)
    return None if state is None else State(str(state))
