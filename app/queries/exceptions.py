"""What somebody must look at, the largest amounts at stake first."""

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
