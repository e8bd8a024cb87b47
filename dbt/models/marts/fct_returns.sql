with

returns as (
    select * from {{ ref('stg_landing__returns') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'returns.%' and not is_told_twice
),

-- several systems tell of one request or refund: the largest telling, not the sum over systems
told as (
    select
        return_id,
        order_line_id,
        sku,
        source_system,
        event_type,
        cast(sum(quantity) as bigint) as quantity,
        sum(refund_amount) as refund_amount,
        min(occurred_at) as told_at
    from returns
    group by return_id, order_line_id, sku, source_system, event_type
),

-- quantity, money and clock of the same system
largest as (
    select *
    from told
    qualify
        row_number() over (
            partition by return_id, order_line_id, sku, event_type
            order by quantity desc, refund_amount desc nulls last, source_system asc
        ) = 1
),

summed as (
    select
        return_id,
        order_line_id,
        sku,
        {% for event_type in ['requested', 'shipped_back', 'refunded'] -%}
        max(quantity) filter (where event_type = '{{ event_type }}') as {{ event_type }}_quantity,
        min(told_at) filter (where event_type = '{{ event_type }}') as {{ event_type }}_at,
        {% endfor -%}
        max(refund_amount) filter (where event_type = 'refunded') as refund_amount,
        max(source_system) filter (where event_type = 'refunded') as refunded_by
    from largest
    group by return_id, order_line_id, sku
),

-- what the ledger books, to the unit, and when; other systems' tellings are no clock of the goods
moved as (
    select
        return_id,
        order_line_id,
        sku,
        {% for event_type in ['received', 'restocked', 'scrapped'] -%}
        cast(
            sum(quantity) filter (where event_name = 'returns.{{ event_type }}') as bigint
        ) as {{ event_type }}_quantity,
        {% endfor -%}
        {% for event_type in ['received', 'inspected', 'restocked', 'scrapped'] -%}
        min(occurred_at) filter (where event_name = 'returns.{{ event_type }}')
            as {{ event_type }}_at,
        {% endfor -%}
        {% for event_type in ['received', 'restocked'] -%}
        arg_min(source_system, row(occurred_at, source_system)) filter (
            where event_name = 'returns.{{ event_type }}'
        ) as {{ event_type }}_by,
        {% endfor -%}
        cast(
            sum(quantity) filter (
                where
                event_name in ('returns.restocked', 'returns.scrapped')
                or (event_name = 'returns.inspected' and to_state in ('quarantined', 'damaged'))
            ) as bigint
        ) as disposed_quantity
    from owned
    group by return_id, order_line_id, sku
),

described as (
    select
        return_id,
        order_line_id,
        sku,
        max(order_id) as order_id,
        {{ latest_by('location_id', 'occurred_at') }} as location_id,
        max(reason) as reason,
        {{ latest_by('condition', 'occurred_at') }} as condition,
        {{ latest_by('disposition', 'occurred_at') }} as disposition
    from returns
    group by return_id, order_line_id, sku
),

final as (
    select
        described.return_id,
        described.order_line_id,
        described.sku,
        described.order_id,
        described.location_id,
        described.reason,
        described.condition,
        described.disposition,
        coalesce(summed.requested_quantity, 0) as requested_quantity,
        coalesce(moved.received_quantity, 0) as received_quantity,
        coalesce(moved.restocked_quantity, 0) as restocked_quantity,
        coalesce(moved.scrapped_quantity, 0) as scrapped_quantity,
        coalesce(moved.disposed_quantity, 0) as disposed_quantity,
        coalesce(summed.refunded_quantity, 0) as refunded_quantity,
        cast(coalesce(summed.refund_amount, 0) as decimal(18, 4)) as refund_amount,
        summed.refunded_by,
        moved.received_by,
        moved.restocked_by,
        summed.requested_at,
        summed.shipped_back_at,
        moved.received_at,
        moved.inspected_at,
        moved.restocked_at,
        moved.scrapped_at,
        summed.refunded_at
    from described
    inner join summed
        on
            described.return_id = summed.return_id
            and described.order_line_id is not distinct from summed.order_line_id
            and described.sku = summed.sku
    -- left: a return may only be announced so far
    left join moved
        on
            described.return_id = moved.return_id
            and described.order_line_id is not distinct from moved.order_line_id
            and described.sku = moved.sku
)

select * from final
