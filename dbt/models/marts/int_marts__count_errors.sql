-- How wrong the book turns out per unit that came or left and per day on the shelf: the SKU's own
-- counts, drawn to its ABC class as far as chance alone would scatter it (Marshall 1991). Books go
-- wrong with turnover and with time since the count (DeHoratius and Raman 2008, Management
-- Science 54(4), 627-641).
with

measured as (
    select
        *,
        turned_quantity + shelf_day_count as exposure_count,
        turned_since_quantity + shelf_days_since_count as exposure_since_count
    from {{ ref('int_marts__count_exposures') }}
),

means as (
    select
        abc_class,
        sum(error_quantity) / cast(sum(exposure_count) as double) as mean_rate,
        cast(sum(exposure_count) as double) as whole_exposure,
        avg(cast(exposure_count as double)) as mean_exposure
    from measured
    where exposure_count > 0
    group by abc_class
),

spreads as (
    select
        means.abc_class,
        any_value(means.mean_rate) as mean_rate,
        any_value(means.whole_exposure) as whole_exposure,
        any_value(means.mean_exposure) as mean_exposure,
        sum(
            measured.exposure_count
            * power(
                measured.error_quantity / cast(measured.exposure_count as double)
                - means.mean_rate, 2
            )
        ) / any_value(means.whole_exposure) as spread
    from measured
    inner join means on measured.abc_class = means.abc_class
    where measured.exposure_count > 0
    group by means.abc_class
),

priors as (
    select
        abc_class,
        mean_rate,
        {{ prior_strength('mean_rate', 'spread', 'mean_exposure', 'whole_exposure') }} as strength
    from spreads
),

final as (
    select
        measured.location_id,
        measured.sku,
        measured.abc_class,
        measured.on_hand_quantity,
        measured.unit_cost_amount,
        measured.count_count,
        measured.error_quantity,
        measured.turned_since_quantity,
        measured.exposure_count,
        measured.exposure_since_count,
        round(priors.mean_rate, 9) as class_rate,
        coalesce(
            {{ shrunk_rate(
                'measured.error_quantity', 'measured.exposure_count', 'priors.mean_rate',
                'priors.strength'
            ) }}, 0
        ) as error_rate,
        measured.last_counted_at
    from measured
    -- left: nothing of a class may ever have been counted
    left join priors on measured.abc_class = priors.abc_class
)

select * from final
