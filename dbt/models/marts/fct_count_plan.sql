with

errors as (
    select * from {{ ref('int_marts__count_errors') }}
),

proposals as (
    select
        location_id,
        sku,
        list_sort(list(claim_id)) as claim_ids
    from {{ ref('fct_count_proposals') }}
    where is_verification_first
    group by location_id, sku
),

intervals as (
    select * from {{ ref('count_intervals') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

judged as (
    select
        errors.*,
        {{ local_date('clock.as_of_at', 'locations.time_zone') }} as today_on,
        {{ local_date('errors.last_counted_at', 'locations.time_zone') }} as last_counted_on,
        intervals.interval_days,
        proposals.claim_ids,
        errors.error_rate * errors.exposure_since_count as expected_error
    from errors
    cross join clock
    inner join locations on errors.location_id = locations.location_id
    inner join intervals on errors.abc_class = intervals.abc_class
    -- left: few wait for a second count
    left join proposals
        on errors.location_id = proposals.location_id and errors.sku = proposals.sku
),

planned as (
    select
        *,
        case when claim_ids is null then 'cycle' else 'verification' end as count_type,
        case
            when claim_ids is not null then today_on
            -- what was never counted is due
            else coalesce(last_counted_on + cast(interval_days as integer), today_on)
        end as due_on,
        cast(expected_error * coalesce(unit_cost_amount, 0) as decimal(18, 4)) as risk_amount
    from judged
),

final as (
    select
        location_id,
        sku,
        abc_class,
        count_type,
        cast(
            row_number() over (
                order by
                    count_type desc, risk_amount desc, expected_error desc, due_on asc,
                    location_id asc, sku asc
            ) as bigint
        ) as plan_rank,
        coalesce(claim_ids, cast([] as varchar[])) as claim_ids,
        count_count,
        error_quantity,
        exposure_count,
        exposure_since_count,
        turned_since_quantity,
        on_hand_quantity,
        cast(expected_error as decimal(18, 4)) as expected_error_units,
        unit_cost_amount,
        risk_amount,
        class_rate as class_error_rate,
        error_rate,
        due_on <= today_on as is_due,
        -- who knows the book tends to find it: not where it matters, nor where the book errs most
        count_type = 'verification'
        or abc_class = 'A'
        or coalesce(error_rate > 2 * class_rate, false)
            as is_blind_advised,
        due_on,
        last_counted_at
    from planned
)

select * from final
