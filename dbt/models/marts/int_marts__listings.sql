with

claims as (
    select * from {{ ref('fct_stock_claims') }}
    where quantity_kind = 'sellable_listed' and channel_id is not null
),

-- one place of one channel lists one quantity at a time
told as (
    select *
    from claims
    qualify
        row_number() over (
            partition by sku, channel_id, location_id, lot_id, as_of
            order by recorded_at desc, claim_id asc
        ) = 1
),

final as (
    select
        claim_id,
        sku,
        channel_id,
        location_id,
        lot_id,
        claimed_quantity as listed_quantity,
        claimed_quantity - lag(claimed_quantity, 1, 0::bigint) over place as change_quantity,
        as_of as listed_at,
        lead(as_of) over place as relisted_at
    from told
    window
        place as (partition by sku, channel_id, location_id, lot_id order by as_of)
)

select * from final
