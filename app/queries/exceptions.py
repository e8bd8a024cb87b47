"""What somebody must look at, the highest priority first."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from app.queries.reader import Reader


def exception_types(reader: Reader) -> pl.DataFrame:
    """Return one row per exception type: how many, how many units, how much money."""
    return reader.frame(
        """
        select exception_type, any_value(severity) as severity, count(*) as exception_count,
            sum(abs(quantity))::bigint as quantity, sum(at_risk_amount) as at_risk_amount
        from fct_exceptions
        where state in ('open', 'assigned')
        group by exception_type
        order by at_risk_amount desc nulls last, exception_count desc, exception_type
        """
    )


def top_exceptions(reader: Reader, exception_type: str | None, limit: int) -> pl.DataFrame:
    """Return the exceptions that wait, of one type or of all, by priority."""
    return reader.frame(
        """
        select exception_id, priority, exception_type, severity, subject, at_risk_amount, due_at,
            detail, sku, coalesce(location_name, fct_exceptions.location_id) as location, quantity,
            coalesce(assigned_to, owner_team) as owner
        from fct_exceptions
        left join dim_locations using (location_id)
        where state in ('open', 'assigned')
            and ($exception_type is null or exception_type = $exception_type)
        order by priority desc nulls last, exception_id
        limit $limit::int
        """,
        {"exception_type": exception_type, "limit": limit},
    )


@dataclass(frozen=True)
class InboxFilter:
    """Which exceptions are looked at; empty fields filter nothing."""

    exception_type: str | None = None
    severity: str | None = None
    location_id: str | None = None
    search: str = ""
    states: tuple[str, ...] = ()
    owner: str | None = None
    exception_id: str | None = None

    def parameters(self) -> dict[str, object]:
        """The filter as bound parameters."""
        return {
            "exception_id": self.exception_id,
            "exception_type": self.exception_type,
            "severity": self.severity,
            "location_id": self.location_id,
            "search": self.search.strip().upper(),
            "states": list(self.states),
            "owner": self.owner,
        }


_MATCHING = """
    with
    matching as (
        select exceptions.*,
            coalesce(location_name, exceptions.location_id) as location,
            coalesce(assigned_to, owner_team) as owner,
            date_diff('day', first_seen_at, $as_of) as age_days
        from fct_exceptions as exceptions
        left join dim_locations using (location_id)
        where ($exception_id is null or exception_id = $exception_id)
            and ($exception_type is null or exception_type = $exception_type)
            and ($severity is null or severity = $severity)
            and ($location_id is null or exceptions.location_id = $location_id)
            and (len($states) = 0 or list_contains($states, state))
            and ($owner is null or coalesce(assigned_to, owner_team) = $owner)
            and (
                contains(upper(coalesce(exceptions.sku, '')), $search)
                or contains(upper(subject), $search)
            )
    )
"""


def owners(reader: Reader) -> list[str]:
    """Return the people and teams that hold an exception."""
    rows = reader.frame(
        """
        select distinct coalesce(assigned_to, owner_team) as owner from fct_exceptions
        where owner is not null order by owner
        """
    )
    return rows["owner"].to_list()


def named(reader: Reader, exception_ids: tuple[str, ...]) -> dict[str, tuple[str, Decimal | None]]:
    """Return what each exception is about and its money at risk, by id."""
    rows = reader.frame(
        """
        select exception_id, subject, at_risk_amount from fct_exceptions
        where list_contains($ids, exception_id)
        """,
        {"ids": list(exception_ids)},
    )
    return {id_: (subject, amount) for id_, subject, amount in rows.iter_rows()}


def inbox(reader: Reader, chosen: InboxFilter, limit: int) -> pl.DataFrame:
    """Return the exceptions that match by priority, every column of fct_exceptions among theirs.

    Ages are in days at the instant of publication.
    """
    return reader.frame(
        _MATCHING
        + """
        select * exclude (location_id) from matching
        order by priority desc nulls last,
            list_position(['blocking', 'warning', 'info'], severity), exception_id
        limit $limit::int
        """,
        _asked(reader, chosen) | {"limit": limit},
    )


def one(reader: Reader, exception_id: str) -> dict[str, Any] | None:
    """Return one exception as the inbox has it; None when this generation holds none of this id."""
    found = inbox(reader, InboxFilter(exception_id=exception_id), 1)
    return None if found.is_empty() else found.row(0, named=True)


def by_type(reader: Reader, chosen: InboxFilter) -> pl.DataFrame:
    """Return how many of each type match, how many are overdue, their units and money."""
    return reader.frame(
        _MATCHING
        + """
        select exception_type, severity, count(*) as exception_count,
            coalesce(sum(abs(quantity)), 0)::bigint as quantity,
            sum(at_risk_amount) as at_risk_amount,
            (count(*) filter (where is_overdue))::bigint as overdue_count
        from matching
        group by exception_type, severity
        order by at_risk_amount desc nulls last, exception_count desc, exception_type, severity
        """,
        _asked(reader, chosen),
    )


def _asked(reader: Reader, chosen: InboxFilter) -> dict[str, object]:
    return chosen.parameters() | {"as_of": reader.published_at.replace(tzinfo=None)}
