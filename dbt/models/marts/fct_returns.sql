with

returns as (
    select * from {{ ref('stg_landing__returns') }}
),

final as (
    select
        return_id,
        order_line_id,
        sku,
        max(order_id) as order_id,
        {{ latest_by('location_id', 'occurred_at') }} as location_id,
        max(reason) as reason,
        {{ latest_by('condition', 'occurred_at') }} as condition,
        {{ latest_by('disposition', 'occurred_at') }} as disposition,
        {% for event_type in ['requested', 'received', 'restocked', 'scrapped', 'refunded'] -%}
        -- several systems may tell of one step: the largest telling, not their sum
        cast(
            coalesce(max(quantity) filter (where event_type = '{{ event_type }}'), 0) as bigint
        ) as {{ event_type }}_quantity,
        {% endfor -%}
        cast(
            coalesce(max(refund_amount) filter (where event_type = 'refunded'), 0)
            as decimal(18, 4)
        ) as refund_amount,
        {% for event_type in [
            'requested', 'shipped_back', 'received', 'inspected', 'restocked', 'scrapped',
            'refunded',
        ] -%}
    min(occurred_at) filter (where event_type = '{{ event_type }}')
        as {{ event_type }}_at{{ ',' if not loop.last }}
    {% endfor %}
    from returns
    group by return_id, order_line_id, sku
)

select * from final
