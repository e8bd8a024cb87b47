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
        owned.location_id as from_location_id,
        case owned.event_name
            when 'transfers.shipped' then 'available'
            when 'transfers.received' then 'in_transit'
        end as from_state,
        owned.to_location_id,
        case
            when owned.event_name = 'transfers.shipped' then 'in_transit'
            when
                coalesce(
                    site_steps.reports_put_away,
                    owned.occurred_at >= site_steps.first_put_away_at,
                    false
                )
                then 'receiving'
            else 'available'
        end as to_state,
        owned.quantity
    from owned
    inner join site_steps on owned.to_location_id = site_steps.location_id
)

select * from final
