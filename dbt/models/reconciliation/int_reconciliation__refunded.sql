-- What a system has too many of because it counts refunds as goods that are back: until they are,
-- and for good where they turn out unfit.
with

counted as (
    select * from {{ ref('int_reconciliation__refunds_counted') }}
),

spans as (
    select * from {{ ref('int_reconciliation__returns_timed') }}
    -- put back by the owner too, they are there once and counted once
    where cause != 'return_restocked_twice'
),

claimed as (
    select
        claims.system,
        kinds.scope,
        list(distinct kinds.state) as states
    from {{ ref('fct_stock_claims') }} as claims
    inner join {{ ref('int_reconciliation__kinds') }} as kinds
        on claims.quantity_kind = kinds.quantity_kind
    where claims.quantity_kind != 'count'
    group by claims.system, kinds.scope
),

final as (
    select
        counted.system,
        claimed.scope,
        counted.sku,
        counted.location_id,
        cast(null as varchar) as lot_id,
        case spans.cause
            when 'condition_mismatch' then spans.cause
            else 'return_not_restocked'
        end as cause,
        counted.quantity,
        counted.confidence,
        counted.evidence,
        greatest(counted.begins_at, spans.begins_at) as valid_from,
        spans.ends_at as valid_to
    from counted
    inner join claimed
        on
            counted.system = claimed.system
            and list_contains(claimed.states, 'available')
    inner join spans on counted.return_id = spans.return_id and counted.sku = spans.sku
    where
        coalesce(spans.ends_at > counted.begins_at, true)
        -- who counts what is only just returned has them right from then on
        and (
            spans.cause = 'restocked_without_receipt'
            or not list_contains(claimed.states, 'returned')
        )
)

select * from final
