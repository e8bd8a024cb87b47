with

bills as (
    select * from {{ ref('stg_landing__bills_of_materials') }}
),

receipts as (
    select * from {{ ref('stg_landing__receipts') }}
),

adjustments as (
    select * from {{ ref('stg_landing__adjustments') }}
    where quantity != 0
),

transfers as (
    select * from {{ ref('stg_landing__transfers') }}
),

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type = 'record_adjustment' and status = 'approved'
),

own_events as (
    {% for feed in ['receipts', 'adjustments', 'transfers'] -%}
    select
        sku,
        occurred_at
    from {{ feed }}
    union all
    {% endfor -%}
    select
        {{ json_text('payload', 'sku') }} as sku,
        cast(cast({{ json_text('payload', 'occurred_at') }} as timestamptz) as timestamp)
            as occurred_at
    from commands
),

final as (
    select
        sku as kit_sku,
        min(occurred_at) as stocked_at
    from own_events
    semi join bills on own_events.sku = bills.kit_sku
    group by sku
)

select * from final
