"""What may be promised of one SKU, term by term, down to the rows of the files behind it."""

from dataclasses import dataclass

import polars as pl

from app.queries.reader import Reader


@dataclass(frozen=True)
class Place:
    """Where and to whom a SKU is promised; location `*` is the whole network."""

    sku: str
    location_id: str
    channel_id: str

    def parameters(self) -> dict[str, object]:
        """The place as a query binds it."""
        return {
            "sku": self.sku,
            "location_id": self.location_id,
            "channel_id": self.channel_id,
        }


def locations(reader: Reader, sku: str) -> dict[str, str]:
    """Return the places where something of `sku` can be promised, the network first."""
    rows = reader.frame(
        """
        select distinct fct_availability.location_id, case
                when fct_availability.location_id = '*' then 'All locations'
                else coalesce(location_name, fct_availability.location_id) end as name
        from fct_availability
        left join dim_locations using (location_id)
        where sku = $sku
        order by fct_availability.location_id <> '*', name
        """,
        {"sku": sku},
    )
    return dict(rows.iter_rows())


def terms(reader: Reader, place: Place) -> pl.DataFrame:
    """Return the terms in the order they add up: totals, steps between them, what stands beside."""
    return reader.frame(
        """
        select term, kind, quantity from fct_availability_terms
        where sku = $sku and location_id = $location_id and channel_id = $channel_id
        order by position, term
        """,
        place.parameters(),
    )


def days(reader: Reader, place: Place) -> pl.DataFrame:
    """Return the days of the horizon on which something comes or goes, today first."""
    return reader.frame(
        """
        select projected_on, supply_quantity, demand_quantity, by_day.projected_quantity,
            by_day.signed_atp_quantity
        from fct_availability_by_day as by_day
        inner join fct_availability_projected using (sku, location_id, day, projected_on)
        where sku = $sku and location_id = $location_id and channel_id = $channel_id
            and (day = 0 or supply_quantity <> 0 or demand_quantity <> 0)
        order by day
        """,
        place.parameters(),
    )


def evidence(reader: Reader, place: Place, term: str) -> pl.DataFrame:
    """Return the events and decisions behind a term with the row each comes from, newest first."""
    return reader.frame(
        """
        select quantity, event_type, reference, file_name, row_number, due_on, occurred_at,
            coalesce(location_name, at_location_id) as at_location, detail, is_counted,
            source_system, evidence.batch_id, event_id
        from fct_availability_evidence as evidence
        left join dim_locations as places on places.location_id = at_location_id
        where sku = $sku and evidence.location_id = $location_id and term = $term
            and coalesce(channel_id, $channel_id) = $channel_id
        order by is_counted desc, due_on, occurred_at desc, event_id
        """,
        place.parameters() | {"term": term},
    )


def kit(reader: Reader, sku: str) -> pl.DataFrame:
    """Return what each channel may promise of the kit `sku`, network first; empty: it is none."""
    return reader.frame(
        """
        select case when fct_kit_availability.location_id = '*' then 'All locations'
                else coalesce(location_name, fct_kit_availability.location_id) end as location,
            coalesce(channel_name, fct_kit_availability.channel_id) as channel,
            available_quantity, individual_quantity, own_free_quantity, own_demand_quantity,
            limiting_sku, shared_sku, joint_quantity, joint_limit_quantity
        from fct_kit_availability
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        where kit_sku = $sku
        order by fct_kit_availability.location_id <> '*', location, channel_priority, channel
        """,
        {"sku": sku},
    )


def kit_components(reader: Reader, sku: str) -> pl.DataFrame:
    """Return the components of the kit `sku`: what the channel served first may promise of each
    over the network and the kits that makes, the scarcest first."""
    return reader.frame(
        """
        select component_sku as sku, component_quantity, signed_atp_quantity, kit_quantity
        from fct_kit_components
        left join dim_channels using (channel_id)
        where kit_sku = $sku and location_id = '*'
        qualify dense_rank() over (order by channel_priority, channel_id) = 1
        order by kit_quantity, sku
        """,
        {"sku": sku},
    )


def kit_demand(reader: Reader, sku: str) -> int:
    """Return how many kits customers still wait for, put together or not."""
    rows = reader.frame(
        """
        select coalesce(sum(open_quantity), 0)::bigint as open_quantity from fct_order_lines
        where sku = $sku and open_quantity > 0
        """,
        {"sku": sku},
    )
    return int(rows["open_quantity"][0])


def late_supply(reader: Reader, sku: str) -> pl.DataFrame:
    """Return what of `sku` should have come and has not, with the order lines it endangers."""
    return reader.frame(
        """
        select coalesce(location_name, late.location_id) as location, late_quantity, days_late,
            due_on, endangered_line_count, endangered_quantity, endangered_lines, supply_kind,
            po_id, po_line_id, transfer_id, coalesce(supplier_name, late.supplier_id) as supplier
        from fct_late_supply as late
        left join dim_locations using (location_id)
        left join dim_suppliers using (supplier_id)
        where sku = $sku
        order by endangered_quantity desc, days_late desc, po_id, po_line_id, transfer_id
        """,
        {"sku": sku},
    )
