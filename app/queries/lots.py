"""Lots: what will expire, what went out in the wrong order, and where a lot has been."""

import polars as pl

from app.queries.reader import Reader

HORIZONS = (
    "expired",
    "within_7_days",
    "within_30_days",
    "within_60_days",
    "within_90_days",
    "later",
)


def horizons(reader: Reader) -> pl.DataFrame:
    """Return units and value on hand per expiry horizon, the nearest first."""
    return reader.frame(
        """
        select horizon, count(distinct (sku, lot_id)) as lot_count,
            sum(on_hand_quantity)::bigint as on_hand_quantity,
            sum(sellable_quantity)::bigint as sellable_quantity,
            sum(risk_quantity)::bigint as risk_quantity, sum(amount) as amount
        from fct_expiry_risks
        group by horizon
        order by list_position($horizons, horizon)
        """,
        {"horizons": list(HORIZONS)},
    )


def expiring(reader: Reader, horizon: str | None, search: str, limit: int) -> pl.DataFrame:
    """Return the lots on hand of one horizon or of all, the first to expire first."""
    return reader.frame(
        """
        select risks.sku, title, lot_id, coalesce(location_name, risks.location_id) as location,
            expires_on, days_to_expiry, horizon, on_hand_quantity, sellable_quantity,
            risk_quantity, is_sellable_though_expired, amount
        from fct_expiry_risks as risks
        left join dim_locations using (location_id)
        left join dim_products using (sku)
        where ($horizon is null or horizon = $horizon)
            and (contains(upper(risks.sku), $search) or contains(upper(lot_id), $search))
        order by expires_on, risks.sku, lot_id, location
        limit $limit::int
        """,
        {"horizon": horizon, "search": search.strip().upper(), "limit": limit},
    )


def fefo_breaches(reader: Reader, limit: int) -> pl.DataFrame:
    """Return the picks that took a later lot while an earlier one lay free, the latest first."""
    return reader.frame(
        """
        select breaches.sku, coalesce(location_name, breaches.location_id) as location, order_id,
            order_line_id, lot_id, expires_on, earlier_lot_id, earlier_expires_on, quantity,
            earlier_free_quantity, worker_id, occurred_at
        from fct_fefo_breaches as breaches
        left join dim_locations using (location_id)
        order by occurred_at desc, event_id
        limit $limit::int
        """,
        {"limit": limit},
    )


def lots(reader: Reader, search: str, limit: int) -> pl.DataFrame:
    """Return the traced lots whose code, SKU or an order or supplier order of theirs matches."""
    return reader.frame(
        """
        select sku, lot_id,
            (sum(quantity) filter (where trace_type = 'received'))::bigint as received_quantity,
            (sum(quantity) filter (where trace_type = 'held'))::bigint as held_quantity,
            (sum(quantity) filter (where trace_type = 'shipped'))::bigint as shipped_quantity,
            count(distinct order_id) as order_count,
            count(distinct customer_id) as customer_count, max(last_at) as last_moved_at
        from fct_lot_traces
        group by sku, lot_id
        having $search = '' or contains(upper(sku), $search) or contains(upper(lot_id), $search)
            or bool_or(upper(order_id) = $search or upper(po_id) = $search)
        order by shipped_quantity desc nulls last, sku, lot_id
        limit $limit::int
        """,
        {"search": search.strip().upper(), "limit": limit},
    )


def trace(reader: Reader, sku: str, lot_id: str) -> pl.DataFrame:
    """Return every supplier order, place and order line that had units of the lot.

    What was found, lost or destroyed is between them: received and corrected is held and shipped.
    """
    return reader.frame(
        """
        select trace_type, quantity, coalesce(location_name, traces.location_id) as location,
            state, po_id, coalesce(supplier_name, traces.supplier_id) as supplier, order_id,
            order_line_id, customer_id, first_at, last_at
        from fct_lot_traces as traces
        left join dim_locations using (location_id)
        left join dim_suppliers using (supplier_id)
        where sku = $sku and lot_id = $lot_id and quantity <> 0
        order by list_position(['received', 'corrected', 'held', 'shipped'], trace_type), first_at,
            po_id, location, state, order_id, order_line_id
        """,
        {"sku": sku, "lot_id": lot_id},
    )


def lots_of_order(reader: Reader, order_id: str) -> pl.DataFrame:
    """Return the lots that one order got, with what else is known of each."""
    return reader.frame(
        """
        select sku, lot_id, order_line_id, quantity,
            coalesce(location_name, traces.location_id) as location, customer_id, first_at
        from fct_lot_traces as traces
        left join dim_locations using (location_id)
        where trace_type = 'shipped' and upper(order_id) = $order_id
        order by sku, lot_id, order_line_id
        """,
        {"order_id": order_id.strip().upper()},
    )
