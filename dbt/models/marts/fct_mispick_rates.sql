-- Rates of few picks are drawn towards the rate of their kind at the location, as far as chance
-- alone would scatter it (Marshall 1991), and ranked by the least they can be.
with

chances as (
    select * from {{ ref('int_marts__pick_chances') }}
),

means as (
    select
        subject_kind,
        location_id,
        sum(error_count) / cast(sum(pick_count) as double) as mean_rate,
        cast(sum(pick_count) as double) as whole_exposure,
        sum(pick_count) / cast(count(*) as double) as mean_exposure
    from chances
    group by subject_kind, location_id
),

spreads as (
    select
        means.subject_kind,
        means.location_id,
        any_value(means.mean_rate) as mean_rate,
        any_value(means.whole_exposure) as whole_exposure,
        any_value(means.mean_exposure) as mean_exposure,
        sum(
            chances.pick_count
            * power(chances.error_count / cast(chances.pick_count as double) - means.mean_rate, 2)
        ) / any_value(means.whole_exposure) as spread
    from chances
    inner join means
        on
            chances.subject_kind = means.subject_kind
            and chances.location_id = means.location_id
    group by means.subject_kind, means.location_id
),

priors as (
    select
        subject_kind,
        location_id,
        mean_rate,
        {{ prior_strength(
            'mean_rate * (1 - mean_rate)', 'spread', 'mean_exposure', 'whole_exposure'
        ) }} as strength
    from spreads
),

shrunk as (
    select
        chances.*,
        priors.mean_rate,
        chances.pick_count + priors.strength as weight,
        chances.error_count / cast(chances.pick_count as double) as rate,
        {{ shrunk_rate(
            'chances.error_count', 'chances.pick_count', 'priors.mean_rate', 'priors.strength'
        ) }} as shrunk_rate
    from chances
    inner join priors
        on
            chances.subject_kind = priors.subject_kind
            and chances.location_id = priors.location_id
),

bounded as (
    select
        *,
        round(greatest(0, {{ wilson_bound('rate', 'pick_count', '-') }}), 9) as low,
        round(least(1, {{ wilson_bound('rate', 'pick_count', '+') }}), 9) as high,
        round(greatest(0, {{ wilson_bound('shrunk_rate', 'weight', '-') }}), 9) as shrunk_low,
        round(least(1, {{ wilson_bound('shrunk_rate', 'weight', '+') }}), 9) as shrunk_high
    from shrunk
),

final as (
    select
        subject_kind,
        location_id,
        worker_id,
        bin_id,
        sku,
        other_sku,
        pick_count,
        error_count,
        round(rate, 9) as error_rate,
        low as low_rate,
        high as high_rate,
        round(mean_rate, 9) as mean_rate,
        shrunk_rate,
        shrunk_low as shrunk_low_rate,
        shrunk_high as shrunk_high_rate,
        cast(
            row_number() over (
                partition by subject_kind
                order by
                    shrunk_low desc, shrunk_rate desc, error_count desc, location_id asc,
                    worker_id asc, bin_id asc, sku asc, other_sku asc
            ) as bigint
        ) as rate_rank
    from bounded
    -- who has thousands of possible pairs wants to see those that happened
    where error_count > 0 or subject_kind in ('worker', 'bin')
)

select * from final
