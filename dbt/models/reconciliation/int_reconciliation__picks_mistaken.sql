-- Several signs of one pick are one mistake; where they name different SKUs the stronger counts.
with

signals as (
    select
        *,
        signal != 'short_pick_found' as is_wrong_item
    from {{ ref('int_reconciliation__picks_suspected') }}
),

final as (
    select
        location_id,
        order_id,
        line_id,
        sku,
        other_sku,
        is_wrong_item,
        max(worker_id) as worker_id,
        max(bin_id) as bin_id,
        max(quantity) as quantity,
        cast({{ confidence_of_all('confidence') }} as decimal(9, 4)) as confidence,
        list_sort(list_distinct(flatten(list(evidence)))) as evidence,
        max(picked_at) as picked_at
    from signals
    group by location_id, order_id, line_id, sku, other_sku, is_wrong_item
    qualify
        row_number() over (
            partition by location_id, order_id, line_id, sku, is_wrong_item
            order by
                other_sku is null asc,
                {{ confidence_of_all('confidence') }} desc,
                other_sku asc
        ) = 1
)

select * from final
