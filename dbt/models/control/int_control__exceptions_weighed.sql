with

exceptions as (
    select * from {{ ref('int_control__exceptions_remembered') }}
),

policies as (
    select * from {{ ref('exception_policies') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

demand as (
    select * from {{ ref('fct_demand_open') }}
    where not is_held
),

clock as (
    select * from {{ ref('clock') }}
),

-- a customer who asked for no location waits at each
waiting as (
    select
        exceptions.exception_id,
        cast(sum(demand.quantity) as bigint) as waiting_quantity
    from exceptions
    inner join policies on exceptions.exception_type = policies.exception_type
    inner join demand
        on
            exceptions.sku = demand.sku
            and (
                exceptions.location_id is null
                or demand.location_id is null
                or exceptions.location_id = demand.location_id
            )
    where policies.holds_up_demand and exceptions.gone_at is null
    group by exceptions.exception_id
),

sized as (
    select
        exceptions.exception_id,
        policies.loss_rate,
        policies.sla_hours,
        -- nobody could settle it before a build saw it, or saw it again
        coalesce(exceptions.reopened_at, exceptions.opened_at) as seen_at,
        case
            when exceptions.amount is not null then 'stated'
            when products.unit_cost_amount * exceptions.quantity is not null then 'at_cost'
            else 'assumed'
        end as at_risk_basis,
        cast(
            coalesce(
                abs(exceptions.amount),
                abs(exceptions.quantity) * products.unit_cost_amount,
                policies.assumed_amount
            ) as decimal(38, 4)
        ) as at_risk_amount,
        coalesce(waiting.waiting_quantity, 0) as waiting_quantity,
        case
            when coalesce(exceptions.quantity, 0) = 0 then 0
            else least(1, coalesce(waiting.waiting_quantity, 0) / abs(exceptions.quantity))
        end as waiting_share,
        greatest(
            0,
            {{ hours_between(
                'coalesce(exceptions.first_seen_at, exceptions.opened_at)',
                'coalesce(exceptions.gone_at, clock.as_of_at)'
            ) }}
        ) as age_hours
    from exceptions
    cross join clock
    -- left: a type without a policy stays in the inbox, unweighed; a data test names it
    left join policies on exceptions.exception_type = policies.exception_type
    -- left: some exceptions are about no SKU, or about one that master data lacks
    left join products on exceptions.sku = products.sku
    -- left: nobody may wait
    left join waiting on exceptions.exception_id = waiting.exception_id
),

termed as (
    select
        *,
        cast(at_risk_amount * loss_rate as decimal(38, 4)) as expected_loss_amount,
        cast(1 + least(3, age_hours / sla_hours) as decimal(5, 4)) as age_term,
        cast(1 + waiting_share as decimal(5, 4)) as waiting_term
    from sized
),

final as (
    select
        exception_id,
        at_risk_basis,
        loss_rate,
        at_risk_amount,
        expected_loss_amount,
        sla_hours,
        cast(age_hours as decimal(18, 4)) as age_hours,
        age_term,
        waiting_quantity,
        waiting_term,
        cast(age_term * waiting_term as decimal(7, 4)) as urgency,
        cast(
            expected_loss_amount * cast(age_term * waiting_term as decimal(7, 4)) as decimal(38, 4)
        ) as priority,
        seen_at + sla_hours * interval 1 hour as due_at
    from termed
)

select * from final
