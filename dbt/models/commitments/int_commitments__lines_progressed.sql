with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where order_id is not null and return_id is null
),

final as (
    select
        order_id,
        order_line_id,
        {% for state in ['reserved', 'picked', 'packed'] -%}
        cast(
            sum(case when to_state = '{{ state }}' then quantity else 0 end)
            - sum(case when from_state = '{{ state }}' then quantity else 0 end) as bigint
        ) as {{ state }}_quantity,
        {% endfor -%}
        cast(
            sum(
                case
                    when movement_type = 'shipped' and to_state = 'customer' then quantity else 0
                end
            )
            as bigint
        ) as shipped_quantity,
        cast(
            sum(
                case
                    when movement_type = 'shipped' and to_state = 'suspense' then quantity else 0
                end
            )
            as bigint
        ) as overshipped_quantity,
        {{ latest_by('from_location_id', 'occurred_at') }} as location_id,
        count(distinct from_location_id) filter (where movement_type = 'shipped')
            as shipping_location_count,
        min(occurred_at) filter (where movement_type = 'picked') as first_picked_at,
        min(occurred_at) filter (where movement_type = 'shipped') as first_shipped_at,
        max(occurred_at) filter (where movement_type = 'shipped') as last_shipped_at
    from booked
    group by order_id, order_line_id
)

select * from final
