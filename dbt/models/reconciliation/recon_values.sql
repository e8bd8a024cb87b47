-- The books' month against the ledger's: how much of the difference is quantity, how much is price.
with

postings as (
    select * from {{ ref('stg_landing__postings') }}
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

kinds as (
    select * from {{ ref('int_reconciliation__kinds') }}
    where quantity_kind = 'booked'
),

products as (
    select * from {{ ref('dim_products') }}
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

matched as (
    select
        matches.system,
        min(true_events.occurred_at) as first_occurred_at
    from matches
    inner join true_events
        on matches.system = true_events.system and matches.event_id = true_events.event_id
    where true_events.event_class like 'postings.%'
    group by matches.system
),

-- what happened before the first event that a system posted, it may have started with
bookkeepers as (
    select
        postings.source_system as system,
        coalesce(min(matched.first_occurred_at), min(postings.posted_at)) as begins_at
    from postings
    -- left: a system that claims nothing is matched with nothing
    left join matched on postings.source_system = matched.system
    group by postings.source_system
),

posted as (
    select
        source_system as system,
        sku,
        {{ month_of('posted_at') }} as month_on,
        sum(quantity) as posted_quantity,
        sum(amount) as posted_amount
    from postings
    group by all
),

moved as (
    select
        bookkeepers.system,
        entries.sku,
        {{ month_of('entries.occurred_at') }} as month_on,
        sum(entries.quantity) as ledger_quantity
    from entries
    inner join kinds on entries.state = kinds.state
    inner join bookkeepers on entries.occurred_at >= bookkeepers.begins_at
    group by all
),

compared as (
    select
        coalesce(posted.system, moved.system) as system,
        coalesce(posted.sku, moved.sku) as sku,
        coalesce(posted.month_on, moved.month_on) as month_on,
        cast(coalesce(posted.posted_quantity, 0) as bigint) as posted_quantity,
        cast(coalesce(posted.posted_amount, 0) as decimal(18, 4)) as posted_amount,
        cast(coalesce(moved.ledger_quantity, 0) as bigint) as ledger_quantity
    from posted
    -- full: posted and never moved, moved and never posted
    full outer join moved
        on
            posted.system = moved.system
            and posted.sku = moved.sku
            and posted.month_on = moved.month_on
),

valued as (
    select
        compared.*,
        coalesce(products.unit_cost_amount, 0) as unit_cost_amount,
        cast(
            compared.ledger_quantity * coalesce(products.unit_cost_amount, 0) as decimal(18, 4)
        ) as ledger_amount
    from compared
    inner join products on compared.sku = products.sku
),

final as (
    select
        system,
        sku,
        month_on,
        posted_quantity,
        ledger_quantity,
        posted_quantity - ledger_quantity as difference_quantity,
        posted_amount,
        ledger_amount,
        cast(posted_amount - ledger_amount as decimal(18, 4)) as difference_amount,
        cast((posted_quantity - ledger_quantity) * unit_cost_amount as decimal(18, 4))
            as of_quantity_amount,
        cast(posted_amount - posted_quantity * unit_cost_amount as decimal(18, 4))
            as of_price_amount,
        cast(
            sum(posted_quantity - ledger_quantity) over so_far as bigint
        ) as closing_difference_quantity,
        cast(
            sum(posted_amount - ledger_amount) over so_far as decimal(18, 4)
        ) as closing_difference_amount
    from valued
    where posted_quantity != 0 or posted_amount != 0 or ledger_quantity != 0
    window
        so_far as (
            partition by system, sku
            order by month_on
            rows between unbounded preceding and current row
        )
)

select * from final
