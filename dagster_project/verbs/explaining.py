"""The verb that explains a promise."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.verbs import rim

if TYPE_CHECKING:
    from dagster_project.lib.explanation import Explanation, Holding, KitExplanation

Row = dict[str, Any]
SHOWN_EVENTS = 10
DAY_COLUMNS = ("projected_on", "supply_quantity", "demand_quantity", "projected_quantity")
PROMISED = "signed_atp_quantity"
SIGNS = {"total": "=", "step": "", "beside": "·"}


def explain(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="The stock keeping unit.")],
    location: Annotated[
        str, typer.Argument(metavar="[LOCATION]", help="One location; * is all of them.")
    ] = "*",
    channel: Annotated[
        str | None, typer.Option("--channel", help="One channel; else every one.")
    ] = None,
    home: rim.Home = None,
    *,
    as_json: rim.AsJson = False,
) -> None:
    """Derive what can be promised of a SKU, term by term, with the events behind each term.

    Example: `truestock explain TEE-BLUE-M fc_east --channel web`
    """
    from dagster_project.lib.explanation import KitExplanation
    from dagster_project.lib.explanation import explain as explain_promise

    with rim.answering():
        found = explain_promise(rim.home_of(home), sku, location, channel)
    if as_json:
        rim.print_json(asdict(found))
        return
    if isinstance(found, KitExplanation):
        _print_kit(found)
    own = found.own if isinstance(found, KitExplanation) else found
    if own is None:
        return
    _print_derivation(own)
    for term in _kinds(_channels(own).values()):
        _print_evidence(own, term)


def _print_derivation(found: "Explanation | Holding") -> None:
    channels = _channels(found)
    rim.out().print(_heading(found), soft_wrap=True, markup=False)
    rim.print_table(
        ("", "term", *channels),
        _terms(channels.values()),
        title="How it comes about (· is shown and not counted)",
    )
    days = _days(found)
    width = len(days[0]) if days else 0
    promised = [f"for {name}" for name in channels][: max(0, width - len(DAY_COLUMNS))]
    rim.print_table(
        ("day", "comes", "goes", "left", *promised),
        days,
        title="Day by day",
    )


def _print_kit(found: "KitExplanation") -> None:
    rim.out().print(
        f"{found.sku} at {_place(found)} is a kit, put together from components: channel "
        f"{_named(found.channel_id, found.channel_name)} may promise "
        f"{max(found.available_quantity, 0):,} (signed {found.available_quantity:,}); "
        f"{found.limiting_sku} is its scarcest component; generation {found.generation}.",
        soft_wrap=True,
        markup=False,
    )
    rim.print_table(
        ("component", "in one kit", "can be promised", "makes kits"),
        [tuple(part.values()) for part in found.components],
        title="What its components make",
    )
    rim.print_table(
        ("", "term", "kits"),
        [
            ("", "the components make", f"{found.individual_quantity:,}"),
            ("·", "put together before and free", f"{found.own_free_quantity:,}"),
            ("·", "waited for as the kit itself", f"{found.own_demand_quantity:,}"),
            ("", "so of the kit itself can be promised", f"{found.own_atp_quantity:+,}"),
            ("=", "can be promised", f"{found.available_quantity:,}"),
        ],
        title="How it comes about (· is shown and not counted)",
    )
    shared = (
        f"It shares {found.shared_sku} with other kits: {found.joint_quantity:,} of all of them "
        f"can be made together, never more than {found.joint_limit_quantity:,}.\n"
        if found.shared_sku
        else ""
    )
    rim.out().print(
        f"{shared}Explain a component: `truestock explain {found.limiting_sku}`.",
        soft_wrap=True,
        markup=False,
    )


def _channels(found: "Explanation | Holding") -> dict[str, list[Row]]:
    """Return the terms of each channel's promise by its name, or of what lies."""
    from dagster_project.lib.explanation import Holding

    if isinstance(found, Holding):
        return {"units": found.terms}
    return {each.channel_name or each.channel_id: each.terms for each in found.promises}


def _kinds(told: Iterable[list[Row]]) -> dict[str, str]:
    """Return the kind of each term that any channel has, in the order they add up."""
    ordered = sorted(chain(*told), key=lambda term: term.get("position", 0))
    return {term["term"]: term["kind"] for term in ordered}


def _terms(told: Iterable[list[Row]]) -> list[tuple[str, ...]]:
    """Return each term with its units for each channel."""
    units = [{term["term"]: term["quantity"] for term in terms} for terms in told]
    return [
        (SIGNS[kind], _words(term), *(_units(each.get(term, 0), kind) for each in units))
        for term, kind in _kinds(told).items()
    ]


def _days(found: "Explanation | Holding") -> list[tuple[Any, ...]]:
    """Return each day once, with what each channel may promise for it."""
    from dagster_project.lib.explanation import Holding

    told = [found.days] if isinstance(found, Holding) else [each.days for each in found.promises]
    return [
        (
            *(same[0][column] for column in DAY_COLUMNS),
            *(day[PROMISED] for day in same if PROMISED in day),
        )
        for same in zip(*told, strict=True)
    ]


def _heading(found: "Explanation | Holding") -> str:
    from dagster_project.lib.explanation import Explanation

    where = _place(found)
    if isinstance(found, Explanation):
        return "\n".join(
            f"{found.sku} at {where}: channel {_named(each.channel_id, each.channel_name)} may "
            f"promise {each.atp_quantity:,} (signed {each.signed_atp_quantity:,}, oversell "
            f"exposure {each.oversell_exposure_quantity:,}); the scarcest day is "
            f"{each.lowest_on}; generation {found.generation}."
            for each in found.promises
        )
    return (
        f"{found.sku} at {where}: {found.on_hand_quantity:,} on hand; nothing is promised, for no "
        "channel is known. Leave a file with the columns channel_id,name,kind as "
        f"drop/native/channels.csv, then `truestock run`; generation {found.generation}."
    )


def _place(found: "Explanation | KitExplanation | Holding") -> str:
    if found.location_id == "*":
        return "all locations"
    return _named(found.location_id, found.location_name)


def _print_evidence(found: "Explanation | Holding", term: str) -> None:
    events = [event for event in found.evidence if event["term"] == term]
    if not events:
        return
    shown = [_told(event) for event in events[:SHOWN_EVENTS]]
    rest = f", of which {SHOWN_EVENTS} here (--json has all)" if len(events) > SHOWN_EVENTS else ""
    widths = [max(map(len, cells)) for cells in zip(*shown, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in shown
    ]
    heading = f"{_words(term).capitalize()}: {len(events):,} behind it{rest}"
    rim.out().print(heading, *lines, "", sep="\n", markup=False, soft_wrap=True)


def _told(event: Row) -> tuple[str, ...]:
    """One event as its cells: units, what, which, where, when, the row that says so, and why."""
    occurred = event["occurred_at"]
    when = event["due_on"] or (f"{occurred:%Y-%m-%d %H:%M}" if occurred else "no date")
    later = "" if event["is_counted"] else ", after the scarcest day"
    return (
        f"{event['quantity']:+,}",
        _words(event["event_type"]),
        event["reference"] or "",
        _named(event["at_location_id"] or "anywhere", event["at_location_name"]),
        f"{when}{later}",
        f"{event['source_system']} {event['file_name']} row {event['row_number']}",
        f"channel {event['channel_id']}" if event["channel_id"] else "",
        event["detail"] or "",
    )


def _named(code: str, name: str | None) -> str:
    return f"{name} ({code})" if name and name != code else code


def _units(quantity: int, kind: str) -> str:
    return f"{quantity:+,}" if kind == "step" else f"{quantity:,}"


def _words(code: str) -> str:
    return code.replace("_", " ")
