-- What to book after a count. Nothing here is booked: a person turns a proposal into a command, and
-- the command log's policy says whose approval it needs.
with

settled as (
    select * from {{ ref('int_marts__counts_settled') }}
),

verifications as (
    select * from {{ ref('fct_count_verifications') }}
),

commands as (
    select
        {{ json_text('payload', 'location_id') }} as location_id,
        {{ json_text('payload', 'sku') }} as sku,
        max(submitted_at) as submitted_at
    from {{ ref('fct_commands') }}
    where command_type = 'record_adjustment' and status = 'pending'
    group by all
),

products as (
    select * from {{ ref('dim_products') }}
),

intervals as (
    select * from {{ ref('count_intervals') }}
),

transitions as (
    select * from {{ ref('stock_transitions') }}
    where movement_type = 'adjustment'
),

judged as (
    select
        settled.*,
        settled.variance_quantity - settled.corrected_quantity as open_quantity,
        cast(
            (settled.variance_quantity - settled.corrected_quantity)
            * coalesce(products.unit_cost_amount, 0) as decimal(18, 4)
        ) as amount,
        products.unit_cost_amount is not null as is_cost_known,
        intervals.verify_above_amount,
        verifications.first_count_id,
        verifications.is_agreed,
        commands.sku is not null as is_pending
    from settled
    inner join products on settled.sku = products.sku
    inner join intervals
        on
            case when products.abc_class in ('A', 'B') then products.abc_class else 'C' end
            = intervals.abc_class
    -- left: most counts are not verified
    left join verifications
        on
            settled.count_id = verifications.count_id
            and settled.location_id = verifications.location_id
            and settled.sku = verifications.sku
            and settled.lot_id is not distinct from verifications.lot_id
    -- left: few have a command that waits
    left join commands
        on
            settled.location_id = commands.location_id
            and settled.sku = commands.sku
            and settled.counted_at < commands.submitted_at
),

proposed as (
    select
        *,
        case when open_quantity < 0 then 'available' else 'found' end as from_state,
        case when open_quantity < 0 then 'lost' else 'available' end as to_state,
        case
            when cause = 'shrinkage' then 'lost'
            when cause = 'unexplained' and open_quantity > 0 then 'found'
            else 'count_correction'
        end as reason_code,
        case
            when open_quantity = 0 then 'corrected'
            when next_counted_at is not null then 'superseded'
            when is_pending then 'pending'
            else 'open'
        end as status,
        case
            when is_agreed then 'confirmed'
            when not is_agreed then 'contradicted'
            when
                cause = 'unexplained' or abs(amount) > verify_above_amount or not is_cost_known
                then 'asked'
            else 'waived'
        end as verification
    from judged
),

final as (
    select
        proposed.claim_id,
        proposed.count_id,
        proposed.location_id,
        proposed.sku,
        proposed.lot_id,
        proposed.counter_id,
        proposed.status,
        proposed.cause,
        proposed.causes,
        proposed.reason_code,
        proposed.from_state,
        proposed.to_state,
        proposed.verification,
        proposed.first_count_id,
        proposed.counted_quantity,
        proposed.ledger_quantity,
        proposed.variance_quantity,
        proposed.corrected_quantity,
        proposed.open_quantity as quantity,
        proposed.amount,
        proposed.confidence,
        proposed.is_within_tolerance,
        proposed.status = 'open' and proposed.verification in ('asked', 'contradicted')
            as is_verification_first,
        abs(proposed.amount) > transitions.needs_approval_above
        or not proposed.is_cost_known as is_approval_needed,
        proposed.counted_at,
        proposed.corrected_at
    from proposed
    inner join transitions
        on
            proposed.from_state = transitions.from_state
            and proposed.to_state = transitions.to_state
)

select * from final
