-- By how much a variance changed from one claim of the same stock to the next.
with

variances as (
    select * from {{ ref('recon_variances') }}
    where quantity_kind != 'count'
),

final as (
    select
        claim_id,
        system,
        location_id,
        sku,
        lot_id,
        scope,
        cast(variance_quantity - lag(variance_quantity, 1, 0) over claimed as bigint)
            as step_quantity,
        lag(as_of, 1, timestamp '1970-01-01') over claimed as claimed_before_at,
        as_of
    from variances
    window
        claimed as (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of, claim_id
        )
)

select * from final
