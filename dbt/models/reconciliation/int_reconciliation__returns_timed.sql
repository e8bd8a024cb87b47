-- The spans of a return's life as the owner tells it, each with what a restock told in it means;
-- a system may also take a refund for one.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'returns.%' and not is_told_twice
),

told as (
    select distinct
        return_id,
        sku
    from {{ ref('int_reconciliation__events_told') }}
    where event_class = 'returns.restocked'
    union
    select
        return_id,
        sku
    from {{ ref('int_reconciliation__refunds_counted') }}
),

timed as (
    select
        told.return_id,
        told.sku,
        min(case when owned.event_name = 'returns.received' then owned.occurred_at end)
            as received_at,
        min(
            case
                when
                    owned.event_name in ('returns.restocked', 'returns.scrapped')
                    or (
                        owned.event_name = 'returns.inspected'
                        and owned.to_state in ('quarantined', 'damaged')
                    )
                    then owned.occurred_at
            end
        ) as disposed_at,
        bool_or(coalesce(owned.event_name = 'returns.restocked', false)) as is_restocked
    from told
    -- left: the owner may never have seen it
    left join owned on told.return_id = owned.return_id and told.sku = owned.sku
    group by told.return_id, told.sku
),

final as (
    select
        return_id,
        sku,
        'restocked_without_receipt' as cause,
        timestamp '1970-01-01' as begins_at,
        received_at as ends_at
    from timed
    union all
    select
        return_id,
        sku,
        'return_not_restocked' as cause,
        received_at as begins_at,
        disposed_at as ends_at
    from timed
    where received_at is not null
    union all
    select
        return_id,
        sku,
        -- the owner put it back on sale too: then it is there once and told of twice
        case when is_restocked then 'return_restocked_twice' else 'condition_mismatch' end
            as cause,
        disposed_at as begins_at,
        cast(null as timestamp) as ends_at
    from timed
    where disposed_at is not null
)

select * from final
