"""What each system claims against the ledger, and the cause of every unit between them."""

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from app.queries.reader import Reader


@dataclass(frozen=True)
class ClaimFilter:
    """Which claims are looked at; empty fields filter nothing."""

    system: str | None = None
    quantity_kind: str | None = None
    search: str = ""

    def parameters(self) -> dict[str, object]:
        """The filter as bound parameters."""
        return {
            "system": self.system,
            "quantity_kind": self.quantity_kind,
            "search": self.search.strip().upper(),
        }


_STANDING = """
    with
    named as (
        select variances.*,
            coalesce(location_name, channel_name, location_id, channel_id, 'All locations')
                as place
        from recon_variances as variances
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        where ($system is null or variances.system = $system)
            and ($quantity_kind is null or variances.quantity_kind = $quantity_kind)
            and contains(upper(variances.sku), $search)
    ),
    standing as (
        select * from named
        qualify row_number() over (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of desc, claim_id
        ) = 1
    )
"""
"""The latest claim of each system, place, SKU, lot and kind."""

_INCIDENTS = """
    with
    incidents as (
        select incidents.*, ended_at is null as is_standing,
            coalesce(location_name, channel_name, location_id, channel_id, 'All locations')
                as place
        from recon_incidents as incidents
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        where ($system is null or incidents.system = $system)
            and ($quantity_kind is null or list_contains(quantity_kinds, $quantity_kind))
            and contains(upper(incidents.sku), $search)
    )
"""
"""What went wrong, once each: however many claims, kinds of quantity and channels show it."""

_EXPLAINED = """
    , causes as (
        select claim_id, sum(abs(quantity))::bigint as caused_quantity,
            (sum(abs(quantity)) filter (where cause <> 'unexplained'))::bigint
                as explained_quantity
        from recon_causes group by claim_id
    )
"""


def systems(reader: Reader) -> list[str]:
    """Return the systems that claim stock."""
    rows = reader.frame("select distinct system from recon_variances order by system")
    return rows["system"].to_list()


def quantity_kinds(reader: Reader) -> list[str]:
    """Return what the claims count."""
    rows = reader.frame("select distinct quantity_kind from recon_variances order by quantity_kind")
    return rows["quantity_kind"].to_list()


@dataclass(frozen=True)
class Standing:
    """How the latest claims stand, and what stands between them and the ledger, each unit once.

    The share is None where no unit varies; what mends itself is counted, and counted apart.
    """

    claim_count: int
    off_count: int
    explained_rate: float | None
    incident_count: int
    gross_quantity: int
    gross_amount: Decimal
    mending_quantity: int
    mending_amount: Decimal


def standing(reader: Reader, chosen: ClaimFilter) -> Standing:
    """Return claims, claims off, the share of units with a cause, and the incidents that stand."""
    claimed = reader.frame(
        _STANDING
        + _EXPLAINED
        + """
        select count(*) as claim_count, count(*) filter (where variance_quantity <> 0) as off_count,
            coalesce(sum(explained_quantity), 0) / nullif(sum(caused_quantity), 0)
                as explained_rate
        from standing left join causes using (claim_id)
        """,
        chosen.parameters(),
    )
    incidents = reader.frame(
        _INCIDENTS
        + """
        select count(*) filter (where not is_mending) as incident_count,
            coalesce(sum(abs(quantity)) filter (where not is_mending), 0)::bigint
                as gross_quantity,
            coalesce(sum(abs(amount)) filter (where not is_mending), 0) as gross_amount,
            coalesce(sum(abs(quantity)) filter (where is_mending), 0)::bigint
                as mending_quantity,
            coalesce(sum(abs(amount)) filter (where is_mending), 0) as mending_amount
        from incidents
        where is_standing
        """,
        chosen.parameters(),
    )
    return Standing(**claimed.to_dicts()[0], **incidents.to_dicts()[0])


def by_place(reader: Reader, chosen: ClaimFilter) -> pl.DataFrame:
    """Return the variance of the latest claims per system, kind and place."""
    return reader.frame(
        _STANDING
        + """
        select system, quantity_kind, place, count(*) as claim_count,
            count(*) filter (where variance_quantity <> 0) as off_count,
            sum(abs(variance_quantity))::bigint as gross_quantity,
            sum(variance_quantity)::bigint as net_quantity,
            sum(abs(variance_amount)) as amount
        from standing
        group by system, quantity_kind, place
        order by system, quantity_kind, place
        """,
        chosen.parameters(),
    )


def by_cause(reader: Reader, chosen: ClaimFilter) -> pl.DataFrame:
    """Return what each cause makes of what stands, each unit once, the most units first."""
    return reader.frame(
        _INCIDENTS
        + """
        select cause, count(*) as incident_count, sum(abs(quantity))::bigint as gross_quantity,
            sum(net_quantity)::bigint as net_quantity, sum(abs(amount)) as amount,
            sum(claim_count)::bigint as claim_count, min(confidence) as least_confidence,
            min(began_at) as since_at
        from incidents
        where is_standing
        group by cause
        order by gross_quantity desc, cause
        """,
        chosen.parameters(),
    )


def claimed_causes(reader: Reader, chosen: ClaimFilter) -> list[str]:
    """Return the causes of the latest claims' variance, the most units first."""
    rows = reader.frame(
        _STANDING
        + """
        select cause from standing inner join recon_causes using (claim_id)
        group by cause
        order by sum(abs(quantity)) desc, cause
        """,
        chosen.parameters(),
    )
    return rows["cause"].to_list()


def trend(reader: Reader, chosen: ClaimFilter) -> pl.DataFrame:
    """Return the variance of each day's statements per system; counts are of single SKUs only."""
    return reader.frame(
        _STANDING
        + _EXPLAINED
        + """
        select as_of::date as period, system, count(*) as claim_count,
            sum(abs(variance_quantity))::bigint as gross_quantity,
            sum(abs(variance_amount)) as amount,
            coalesce(sum(explained_quantity), 0) / nullif(sum(caused_quantity), 0)
                as explained_rate
        from named left join causes using (claim_id)
        where count_id is null
        group by period, system
        order by period, system
        """,
        chosen.parameters(),
    )


def claims(reader: Reader, chosen: ClaimFilter, cause: str | None, limit: int) -> pl.DataFrame:
    """Return the latest claims that do not tie, the most money first, with their largest cause.

    With a `cause`, only the claims that it has a share in.
    """
    return reader.frame(
        _STANDING
        + """
        , largest as (
            select claim_id, max_by(cause, abs(quantity)) as largest_cause, list(cause) as causes,
                count(*) as cause_count, min(confidence) as confidence
            from recon_causes group by claim_id
        )
        select claim_id, system, place, sku, lot_id, quantity_kind, claimed_quantity,
            ledger_quantity, variance_quantity, variance_amount as amount, largest_cause,
            cause_count, confidence, as_of
        from standing left join largest using (claim_id)
        where (variance_quantity <> 0 or largest_cause is not null)
            and ($cause is null or list_contains(causes, $cause))
        order by abs(variance_amount) desc nulls last, abs(variance_quantity) desc, claim_id
        limit $limit::int
        """,
        chosen.parameters() | {"cause": cause, "limit": limit},
    )


def suspense(reader: Reader) -> pl.DataFrame:
    """Return what nobody has explained yet, the oldest first, with its owner."""
    return reader.frame(
        """
        select suspense_type, subject, sku,
            coalesce(location_name, channel_name, suspense.location_id, suspense.channel_id,
                'All locations') as location,
            suspense.owner, quantity, amount, age_days, age_bucket as age, first_at as since_at,
            case when suspense_type = 'variance' then reference_id end as claim_id
        from fct_suspense as suspense
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        order by age_days desc, abs(amount) desc nulls last, subject
        """
    )


def oversells(reader: Reader, limit: int) -> pl.DataFrame:
    """Return the lines oversold or short of stock: what was listed, what was true, and why."""
    return reader.frame(
        """
        select order_id, line_id, sku,
            coalesce(channel_name, fct_oversells.channel_id) as channel, ordered_quantity,
            cancelled_quantity, short_quantity, listed_quantity, free_quantity,
            network_quantity, is_oversold,
            cause as leading_cause, amount, listed_at, fct_oversells.placed_at
        from fct_oversells
        left join dim_channels using (channel_id)
        left join (
            select order_id, line_id, cause from fct_oversell_causes where is_leading
        ) as foremost using (order_id, line_id)
        order by is_oversold desc, amount desc nulls last, order_id, line_id
        limit $limit::int
        """,
        {"limit": limit},
    )


DIMENSIONS = ("cause", "system", "location", "sku", "worker", "supplier")


def rollup(reader: Reader, dimension: str, limit: int) -> pl.DataFrame:
    """Return the incidents from one side, a row per member of it, the most units first."""
    return reader.frame(
        """
        select coalesce(location_name, supplier_name, member) as member, incident_count,
            standing_count, quantity, net_quantity, amount, explained_share as explained_rate,
            commonest_cause, median_hours_to_detect, p90_hours_to_detect
        from recon_rollups
        left join dim_locations on dimension = 'location' and member = location_id
        left join dim_suppliers on dimension = 'supplier' and member = supplier_id
        where dimension = $dimension
        order by quantity desc, member
        limit $limit::int
        """,
        {"dimension": dimension, "limit": limit},
    )


def incidents(
    reader: Reader, chosen: ClaimFilter, cause: str | None, limit: int, *, only_standing: bool
) -> pl.DataFrame:
    """Return what went wrong one by one, what stands and the most money first."""
    return reader.frame(
        _INCIDENTS
        + """
        select incident_id, last_claim_id, system, cause, sku, place, lot_id, quantity, amount,
            is_standing, began_at, detected_at, ended_at,
            array_to_string(quantity_kinds, ', ') as quantity_kinds,
            array_to_string(shown_in, ', ') as shown_in, claim_count, confidence, worker_id,
            supplier_id
        from incidents
        where (is_standing or not $only_standing) and ($cause is null or cause = $cause)
        order by is_standing desc, abs(amount) desc nulls last, abs(quantity) desc, incident_id
        limit $limit::int
        """,
        chosen.parameters() | {"cause": cause, "limit": limit, "only_standing": only_standing},
    )


def incident_causes(reader: Reader, chosen: ClaimFilter) -> list[str]:
    """Return the causes of what went wrong, by name."""
    rows = reader.frame(
        _INCIDENTS + "select distinct cause from incidents order by cause", chosen.parameters()
    )
    return rows["cause"].to_list()


def books(reader: Reader) -> pl.DataFrame:
    """Return each month of what systems posted against the ledger at cost, the newest first.

    The closing difference is what all months up to this one leave: what a month posted a day late
    is in the next one with the other sign, and in no closing after it.
    """
    return reader.frame(
        """
        select month_on, system,
            sum(sum(difference_amount)) over so_far as closing_difference_amount,
            (sum(sum(difference_quantity)) over so_far)::bigint as closing_difference_quantity,
            sum(posted_amount) as posted_amount, sum(ledger_amount) as ledger_amount,
            sum(difference_amount) as difference_amount,
            sum(of_quantity_amount) as of_quantity_amount, sum(of_price_amount) as of_price_amount,
            sum(abs(difference_quantity))::bigint as gross_quantity
        from recon_values
        group by month_on, system
        window so_far as (partition by system order by month_on)
        order by month_on desc, system
        """
    )
