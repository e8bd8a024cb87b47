with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'transfers.%' and not is_told_twice
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

final as (
    select
        owned.event_id,
        1 as part,
        case owned.event_name
            when 'transfers.shipped' then 'transfer_out'
            when 'transfers.received' then 'transfer_in'
        end as movement_type,
        case owned.event_name
            when 'transfers.shipped' then owned.location_id
            when 'transfers.received' then owned.to_location_id
        end as from_location_id,
        case owned.event_name
            when 'transfers.shipped' then 'available'
            when 'transfers.received' then 'in_transit'
        end as from_state,
        owned.to_location_id,
        case
            when owned.event_name = 'transfers.shipped' then 'in_transit'
            when coalesce(site_steps.reports_put_away, false) then 'receiving'
            else 'available'
        end as to_state,
        owned.quantity
    from owned
    -- left: the destination may have reported nothing yet
    left join site_steps on owned.to_location_id = site_steps.location_id
)

select * from final
