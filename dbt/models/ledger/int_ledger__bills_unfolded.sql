-- Every way from a kit down to what it is made of. A kit inside a kit is taken apart while it is
-- not stocked as such. A way ends where it comes back to itself, where it is too deep, and where
-- it asks for more than any row may say.
with recursive

bills as (
    select * from {{ ref('stg_landing__bills_of_materials') }}
),

stocked as (
    select * from {{ ref('int_ledger__kits_stocked') }}
),

spans as (
    select
        kit_sku,
        component_sku,
        component_quantity,
        valid_from,
        least(
            coalesce(valid_to, timestamp '9999-12-31'),
            lead(valid_from, 1, timestamp '9999-12-31') over (
                partition by kit_sku, component_sku order by valid_from
            )
        ) as valid_to
    from bills
),

nested as (
    select
        spans.* exclude (valid_to),
        least(spans.valid_to, coalesce(stocked.stocked_at, spans.valid_to)) as valid_to
    from spans
    semi join bills on spans.kit_sku = bills.component_sku
    -- left: most kits are put together when they are picked
    left join stocked on spans.kit_sku = stocked.kit_sku
),

ways as (
    select
        kit_sku,
        component_sku,
        cast(component_quantity as hugeint) as component_quantity,
        [kit_sku, component_sku] as way,
        kit_sku = component_sku as is_endless,
        valid_from,
        valid_to
    from spans
    where valid_from < valid_to
    union all
    select
        ways.kit_sku,
        nested.component_sku,
        ways.component_quantity * nested.component_quantity as component_quantity,
        list_append(ways.way, nested.component_sku) as way,
        list_contains(ways.way, nested.component_sku)
        or len(ways.way) > {{ var('largest_bill_depth') }}
        or ways.component_quantity * nested.component_quantity > {{ var('largest_quantity') }}
            as is_endless,
        greatest(ways.valid_from, nested.valid_from) as valid_from,
        least(ways.valid_to, nested.valid_to) as valid_to
    from ways
    inner join nested
        on
            ways.component_sku = nested.kit_sku
            and ways.valid_from < nested.valid_to
            and ways.valid_to > nested.valid_from
    where not ways.is_endless
),

final as (
    select
        kit_sku,
        component_sku,
        component_quantity,
        array_to_string(way, '>') as way,
        array_to_string(list_slice(way, 1, -2), '>') as way_before,
        len(way) - 1 as depth,
        bool_or(is_endless) over (partition by kit_sku) as is_endless,
        valid_from,
        valid_to
    from ways
)

select * from final
