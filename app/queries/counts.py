"""Counts: what they propose to book, what to count next, and which picks went wrong."""

from dataclasses import dataclass

import polars as pl

from app.queries.reader import Reader


@dataclass(frozen=True)
class CountFilter:
    """Which counts are looked at; empty fields filter nothing."""

    location_id: str | None = None
    search: str = ""

    def parameters(self) -> dict[str, object]:
        """The filter as bound parameters."""
        return {"location_id": self.location_id, "search": self.search.strip().upper()}


@dataclass(frozen=True)
class Standing:
    """How counting stands; the rate is None before an adjusted SKU was counted again."""

    open_count: int
    verification_count: int
    due_count: int
    held_count: int
    recounted_count: int
    held_rate: float | None
    low_rate: float | None
    high_rate: float | None


_PLACED = """
    where ($location_id is null or location_id = $location_id)
        and contains(upper(coalesce(sku, '') || ' ' || coalesce(other_sku, '')), $search)
"""
_COUNTED = """
    where ($location_id is null or location_id = $location_id)
        and contains(upper(sku), $search)
"""


def standing(reader: Reader, chosen: CountFilter) -> Standing:
    """Return what is open and due, and how many adjustments held, with Wilson's 95 % interval."""
    rows = reader.frame(
        f"""
        with
        proposed as (
            select count(*) filter (where status = 'open') as open_count,
                count(*) filter (where is_verification_first) as verification_count
            from fct_count_proposals {_COUNTED}
        ),
        planned as (
            select count(*) filter (where is_due) as due_count from fct_count_plan {_COUNTED}
        ),
        adjusted as (
            select count(*) filter (where is_held) as held_count, count(is_held) as recounted_count,
                held_count / nullif(recounted_count, 0) as held_rate,
                1.96 * sqrt(
                    held_rate * (1 - held_rate) / nullif(recounted_count, 0)
                    + 0.9604 / power(nullif(recounted_count, 0), 2)
                ) as half,
                held_rate + 1.9208 / nullif(recounted_count, 0) as middle,
                1 + 3.8416 / nullif(recounted_count, 0) as width
            from fct_adjustment_efficacy {_COUNTED}
        )
        select open_count, verification_count, due_count, held_count, recounted_count, held_rate,
            (middle - half) / width as low_rate, (middle + half) / width as high_rate
        from proposed cross join planned cross join adjusted
        """,
        chosen.parameters(),
    )
    return Standing(**rows.to_dicts()[0])


def proposals(reader: Reader, chosen: CountFilter, limit: int) -> pl.DataFrame:
    """Return what open counts propose to book, the most money first."""
    return reader.frame(
        f"""
        with proposed as (from fct_count_proposals {_COUNTED} and status in ('open', 'pending'))
        select claim_id, location_id, sku, coalesce(location_name, location_id) as location, lot_id,
            quantity, amount, cause, confidence, reason_code, verification, is_verification_first,
            is_approval_needed, status, counter_id, counted_quantity, from_state, to_state,
            counted_at
        from proposed left join dim_locations using (location_id)
        order by abs(amount) desc nulls last, abs(quantity) desc, claim_id
        limit $limit::int
        """,
        chosen.parameters() | {"limit": limit},
    )


def plan(reader: Reader, chosen: CountFilter, limit: int, *, due_only: bool) -> pl.DataFrame:
    """Return what to count next: verifications first, then by what an error would cost."""
    return reader.frame(
        f"""
        with planned as (from fct_count_plan {_COUNTED} and (is_due or not $due_only))
        select plan_rank, sku, coalesce(location_name, location_id) as location, abc_class,
            count_type, risk_amount, expected_error_units, error_rate, class_error_rate,
            on_hand_quantity, exposure_since_count, is_due, is_blind_advised, due_on,
            last_counted_at
        from planned left join dim_locations using (location_id)
        order by plan_rank
        limit $limit::int
        """,
        chosen.parameters() | {"limit": limit, "due_only": due_only},
    )


def rates(reader: Reader, chosen: CountFilter, kind: str, limit: int) -> pl.DataFrame:
    """Return rates of suspected mistakes of one kind, the greatest shrunk lower end first."""
    return reader.frame(
        f"""
        with rated as (from fct_mispick_rates {_PLACED} and subject_kind = $kind)
        select coalesce(worker_id || ' · ' || bin_id, worker_id, bin_id, sku || ' · ' || other_sku)
                as subject,
            coalesce(location_name, location_id) as location, pick_count, error_count, error_rate,
            low_rate, high_rate, shrunk_rate, shrunk_low_rate, shrunk_high_rate, mean_rate
        from rated left join dim_locations using (location_id)
        order by rate_rank
        limit $limit::int
        """,
        chosen.parameters() | {"kind": kind, "limit": limit},
    )


def signals(reader: Reader, chosen: CountFilter, limit: int) -> pl.DataFrame:
    """Return the signs of wrong picks, the latest first."""
    return reader.frame(
        f"""
        with seen as (from fct_mispick_signals {_PLACED})
        select signal, coalesce(location_name, location_id) as location, sku, other_sku, quantity,
            confidence, order_id, line_id, worker_id, bin_id, picked_at, seen_at
        from seen left join dim_locations using (location_id)
        order by seen_at desc, signal_id
        limit $limit::int
        """,
        chosen.parameters() | {"limit": limit},
    )


def efficacy(reader: Reader, chosen: CountFilter, limit: int) -> pl.DataFrame:
    """Return the adjustments after counts, those that did not hold first."""
    return reader.frame(
        f"""
        with adjusted as (from fct_adjustment_efficacy {_COUNTED})
        select sku, coalesce(location_name, location_id) as location, lot_id, quantity,
            next_variance_quantity, is_held, days_to_next_count, reason, actor, source_system,
            occurred_at, next_counted_at
        from adjusted left join dim_locations using (location_id)
        order by is_held nulls last, occurred_at desc, movement_id
        limit $limit::int
        """,
        chosen.parameters() | {"limit": limit},
    )
