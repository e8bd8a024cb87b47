with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name in ('adjustments.adjusted', 'commands.record_adjustment')
),

transitions as (
    select * from {{ ref('stock_transitions') }}
    where is_by_adjustment
),

directed as (
    select
        *,
        lower(split_part(reason, ':', 1)) as reason_code,
        case
            when from_state is not null and to_state is not null then from_state
            when quantity < 0 then coalesce(from_state, to_state, 'available')
            when lower(reason) = 'opening' then 'opening'
            else coalesce(from_state, 'found')
        end as source_state,
        case
            when from_state is not null and to_state is not null then to_state
            when quantity > 0 then coalesce(to_state, 'available')
            when lower(reason) = 'opening' then 'opening'
            else 'lost'
        end as target_state
    from owned
),

final as (
    select
        directed.event_id,
        1 as part,
        coalesce(transitions.movement_type, 'adjustment') as movement_type,
        directed.lot_id,
        directed.location_id as from_location_id,
        directed.source_state as from_state,
        directed.location_id as to_location_id,
        directed.target_state as to_state,
        abs(directed.quantity) as quantity
    from directed
    -- left: a transition nobody foresaw is booked as an adjustment and flagged later
    left join transitions
        on
            directed.source_state = transitions.from_state
            and directed.target_state = transitions.to_state
    -- two movements may join the same states: the reason names the rarer one
    qualify
        row_number() over (
            partition by directed.event_id
            order by
                coalesce(directed.reason_code = transitions.movement_type, false) desc,
                transitions.is_named_by_reason
        ) = 1
)

select * from final
