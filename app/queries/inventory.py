"""Stock by state and place, and the list of SKUs that leads to one of them."""

from dataclasses import dataclass

import polars as pl

from app.queries.reader import Reader


@dataclass(frozen=True)
class Filter:
    """Which stock is looked at; empty fields filter nothing."""

    search: str = ""
    location_ids: tuple[str, ...] = ()
    category: str | None = None

    def parameters(self) -> dict[str, object]:
        """The filter as bound parameters."""
        return {
            "search": self.search.strip().upper(),
            "location_ids": list(self.location_ids),
            "category": self.category,
        }


_SELECTED = """
    with
    selected as (
        select balances.*, products.title, products.category
        from fct_stock_balances as balances
        inner join dim_products as products using (sku)
        where balances.is_physical
            and (len($location_ids) = 0 or list_contains($location_ids, balances.location_id))
            and ($category is null or products.category = $category)
            and (
                $search = '' or contains(upper(balances.sku), $search)
                or contains(upper(products.title), $search)
            )
    )
"""


def locations(reader: Reader) -> dict[str, str]:
    """Return the name of each location by its id."""
    rows = reader.frame(
        "select location_id, location_name from dim_locations order by location_name, location_id"
    )
    return dict(rows.iter_rows())


def channels(reader: Reader) -> dict[str, str]:
    """Return the name of each sales channel by its id, the first served first."""
    rows = reader.frame(
        "select channel_id, channel_name from dim_channels order by channel_priority, channel_id"
    )
    return dict(rows.iter_rows())


def currency(reader: Reader) -> str:
    """Return the currency that all products are valued in; empty where they share none."""
    rows = reader.frame("select distinct currency from dim_products where currency is not null")
    return rows["currency"][0] if rows.height == 1 else ""


def categories(reader: Reader) -> list[str]:
    """Return the merchandise categories in use."""
    rows = reader.frame("select distinct category from dim_products order by category")
    return rows["category"].to_list()


def stock_by_state(reader: Reader, chosen: Filter) -> pl.DataFrame:
    """Return units and value at cost per location and physical state.

    Available units past their last day lie with those called expired.
    """
    return reader.frame(
        _SELECTED
        + """
        select coalesce(location_name, selected.location_id) as location,
            case when state = 'available' and not is_sellable then 'expired'
                else state end as state,
            any_value(is_on_hand) as is_on_hand, sum(quantity)::bigint as quantity,
            sum(amount) as amount
        from selected
        left join dim_locations using (location_id)
        group by all
        order by location, state
        """,
        chosen.parameters(),
    )


def skus(reader: Reader, chosen: Filter, limit: int) -> pl.DataFrame:
    """Return the SKUs that match, the most valuable stock first, with demand and exceptions."""
    return reader.frame(
        _SELECTED
        + """,
        stock as (
            select sku, any_value(title) as title, any_value(category) as category,
                (sum(quantity) filter (where is_on_hand))::bigint as on_hand_quantity,
                (sum(quantity) filter (where is_sellable))::bigint as available_quantity,
                sum(amount) filter (where is_on_hand) as amount
            from selected group by sku
        ),
        demand as (
            select sku, any_value(open_demand_quantity) as open_demand_quantity,
                any_value(oversell_exposure_quantity) as oversell_exposure_quantity
            from fct_availability where location_id = '*' group by sku
        ),
        problems as (
            select sku, count(*) as exception_count from fct_exceptions
            where state != 'resolved' group by sku
        )
        select sku, title, category, coalesce(on_hand_quantity, 0) as on_hand_quantity,
            coalesce(available_quantity, 0) as available_quantity,
            coalesce(open_demand_quantity, 0) as open_demand_quantity,
            coalesce(oversell_exposure_quantity, 0) as oversell_exposure_quantity,
            coalesce(exception_count, 0) as exception_count, amount
        from stock
        left join demand using (sku)
        left join problems using (sku)
        order by amount desc nulls last, sku
        limit $limit::int
        """,
        chosen.parameters() | {"limit": limit},
    )


def count_skus(reader: Reader, chosen: Filter) -> int:
    """Return how many SKUs match."""
    rows = reader.frame(
        _SELECTED + "select count(distinct sku) as matches from selected", chosen.parameters()
    )
    return rows["matches"][0]
