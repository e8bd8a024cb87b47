"""What somebody must look at, the largest amounts at stake first."""

from dataclasses import dataclass

import polars as pl

from app.queries.reader import Reader


def exception_types(reader: Reader) -> pl.DataFrame:
    """Return one row per exception type: how many, how many units, how much money."""
    return reader.frame(
        """
        select exception_type, any_value(severity) as severity, count(*) as exception_count,
            sum(abs(quantity))::bigint as quantity, sum(abs(amount)) as amount
        from fct_exceptions
        group by exception_type
        order by amount desc nulls last, exception_count desc, exception_type
        """
    )


def top_exceptions(reader: Reader, exception_type: str | None, limit: int) -> pl.DataFrame:
    """Return the exceptions with the most money at stake, of one type or of all."""
    return reader.frame(
        """
        select exception_type, severity, subject, detail, sku,
            coalesce(location_name, fct_exceptions.location_id) as location, quantity, amount,
            first_seen_at
        from fct_exceptions
        left join dim_locations using (location_id)
        where $exception_type is null or exception_type = $exception_type
        order by list_position(['blocking', 'warning', 'info'], severity),
            abs(amount) desc nulls last, abs(quantity) desc nulls last, exception_id
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

    def parameters(self) -> dict[str, object]:
        """The filter as bound parameters."""
        return {
            "exception_type": self.exception_type,
            "severity": self.severity,
            "location_id": self.location_id,
            "search": self.search.strip().upper(),
        }


_MATCHING = """
    with
    matching as (
        select exceptions.*,
            coalesce(location_name, exceptions.location_id) as location,
            date_diff('day', first_seen_at, $as_of) as age_days
        from fct_exceptions as exceptions
        left join dim_locations using (location_id)
        where ($exception_type is null or exception_type = $exception_type)
            and ($severity is null or severity = $severity)
            and ($location_id is null or exceptions.location_id = $location_id)
            and (
                contains(upper(coalesce(exceptions.sku, '')), $search)
                or contains(upper(subject), $search)
            )
    )
"""
LEADING = ("priority", "exception_type", "severity", "subject", "location", "quantity", "amount")
LEADING_NEXT = ("age_days", "state", "owner", "sla_at", "due_at", "detail", "next_step")


def inbox(reader: Reader, chosen: InboxFilter, limit: int) -> pl.DataFrame:
    """Return the exceptions that match, by priority where they have one, else by money at stake.

    Every column of fct_exceptions is there, the telling ones first; ages are in days at the
    instant of publication.
    """
    known = reader.frame("select * from fct_exceptions limit 0").columns
    by_priority = "priority desc nulls last," if "priority" in known else ""
    found = reader.frame(
        _MATCHING
        + f"""
        select * exclude (location_id) from matching
        order by {by_priority} list_position(['blocking', 'warning', 'info'], severity),
            abs(amount) desc nulls last, abs(quantity) desc nulls last, exception_id
        limit $limit::int
        """,
        _asked(reader, chosen) | {"limit": limit},
    )
    leading = [name for name in (*LEADING, *LEADING_NEXT) if name in found.columns]
    return found.select(*leading, pl.exclude(leading))


def by_type(reader: Reader, chosen: InboxFilter) -> pl.DataFrame:
    """Return how many exceptions of each type match, their units, money and oldest age."""
    return reader.frame(
        _MATCHING
        + """
        select exception_type, severity, count(*) as exception_count,
            coalesce(sum(abs(quantity)), 0)::bigint as quantity, sum(abs(amount)) as amount,
            max(age_days) as oldest_days
        from matching
        group by exception_type, severity
        order by amount desc nulls last, exception_count desc, exception_type, severity
        """,
        _asked(reader, chosen),
    )


def _asked(reader: Reader, chosen: InboxFilter) -> dict[str, object]:
    return chosen.parameters() | {"as_of": reader.published_at.replace(tzinfo=None)}
