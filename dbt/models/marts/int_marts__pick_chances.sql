{% set subjects = {
    'worker': ['worker_id'],
    'bin': ['bin_id'],
    'worker_bin': ['worker_id', 'bin_id'],
} %}
-- Picks and suspected mistakes of each worker, bin, worker in a bin, and pair of look-alikes.
with

picks as (
    select * from {{ ref('int_reconciliation__picks') }}
),

mistaken as (
    select
        location_id,
        order_id,
        line_id,
        sku,
        max(worker_id) as worker_id,
        max(bin_id) as bin_id
    from {{ ref('int_reconciliation__picks_mistaken') }}
    where confidence >= {{ var('mispick_confidence') }}
    group by location_id, order_id, line_id, sku
),

look_alikes as (
    select * from {{ ref('int_reconciliation__look_alikes') }}
),

signals as (
    select * from {{ ref('fct_mispick_signals') }}
),

-- a pick that failed altogether is a chance to err too
chances as (
    select
        coalesce(picks.location_id, mistaken.location_id) as location_id,
        coalesce(picks.worker_id, mistaken.worker_id) as worker_id,
        coalesce(picks.bin_id, mistaken.bin_id) as bin_id,
        mistaken.sku is not null as is_mistaken
    from picks
    full join mistaken
        on
            picks.location_id = mistaken.location_id
            and picks.order_id = mistaken.order_id
            and picks.line_id = mistaken.line_id
            and picks.sku = mistaken.sku
),

{% for subject, parts in subjects.items() -%}
by_{{ subject }} as (
    select
        '{{ subject }}' as subject_kind,
        location_id,
        {{ 'worker_id' if 'worker_id' in parts else 'cast(null as varchar) as worker_id' }},
        {{ 'bin_id' if 'bin_id' in parts else 'cast(null as varchar) as bin_id' }},
        cast(null as varchar) as sku,
        cast(null as varchar) as other_sku,
        count(*) as pick_count,
        count(*) filter (where is_mistaken) as error_count
    from chances
    where {{ parts | join(' is not null and ') }} is not null
    group by location_id, {{ parts | join(', ') }}
),

{% endfor -%}

pairs as (
    select distinct
        location_id,
        least(sku, other_sku) as sku,
        greatest(sku, other_sku) as other_sku
    from look_alikes
),

picked as (
    select
        location_id,
        sku,
        count(*) as pick_count
    from picks
    group by location_id, sku
),

confused as (
    select
        location_id,
        least(sku, other_sku) as sku,
        greatest(sku, other_sku) as other_sku,
        count(distinct coalesce(order_id || '|' || line_id, signal_id)) as error_count
    from signals
    where
        other_sku is not null
        and confidence >= {{ var('mispick_confidence') }}
        -- counts that an order's own events support tell of the same pick
        and (signal != 'paired_counts' or not is_supported)
    group by location_id, least(sku, other_sku), greatest(sku, other_sku)
),

named as (
    select
        location_id,
        sku,
        other_sku
    from pairs
    union
    select
        location_id,
        sku,
        other_sku
    from confused
),

by_pair as (
    select
        'sku_pair' as subject_kind,
        named.location_id,
        cast(null as varchar) as worker_id,
        cast(null as varchar) as bin_id,
        named.sku,
        named.other_sku,
        greatest(
            coalesce(ones.pick_count, 0) + coalesce(others.pick_count, 0),
            coalesce(confused.error_count, 0)
        ) as pick_count,
        coalesce(confused.error_count, 0) as error_count
    from named
    -- left: not every look-alike was picked, and few were confused
    left join picked as ones on named.location_id = ones.location_id and named.sku = ones.sku
    left join picked as others
        on named.location_id = others.location_id and named.other_sku = others.sku
    left join confused
        on
            named.location_id = confused.location_id
            and named.sku = confused.sku
            and named.other_sku = confused.other_sku
    where coalesce(ones.pick_count, others.pick_count, confused.error_count) is not null
),

final as (
    {% for subject in subjects -%}
    select * from by_{{ subject }}
    union all
    {% endfor -%}
    select * from by_pair
)

select * from final
