-- Which findings of counts may answer each other: one SKU over, another short at the same place.
with

findings as (
    select * from {{ ref('int_reconciliation__count_findings') }}
),

mistaken as (
    select * from {{ ref('int_reconciliation__picks_mistaken') }}
    where is_wrong_item
),

look_alikes as (
    select * from {{ ref('int_reconciliation__look_alikes') }}
),

found as (
    select
        finding_id,
        system,
        place,
        sku,
        abs(any_value(rest_quantity)) as quantity,
        any_value(rest_quantity) > 0 as is_over,
        any_value(opened_at) as opened_at,
        any_value(found_at) as found_at,
        list_sort(list(claim_id)) as claim_ids
    from findings
    group by finding_id, system, place, sku
),

over as (
    select * from found
    where is_over
),

short as (
    select * from found
    where not is_over
),

supported as (
    select
        over.finding_id as over_id,
        short.finding_id as short_id,
        1 as tier,
        any_value(over.quantity) = any_value(short.quantity) as is_equal,
        {{ confidence_of_all('mistaken.confidence') }} as support,
        flatten(list(mistaken.evidence)) as evidence,
        abs(any_value({{ seconds_between('over.found_at', 'short.found_at') }})) as apart
    from over
    inner join mistaken
        on
            over.place = mistaken.location_id
            and over.sku = mistaken.sku
            and over.opened_at < mistaken.picked_at
            and over.found_at >= mistaken.picked_at
    inner join short
        on
            over.system = short.system
            and over.place = short.place
            and mistaken.other_sku = short.sku
            and mistaken.picked_at > short.opened_at
            and mistaken.picked_at <= short.found_at
    group by over.finding_id, short.finding_id
),

alike as (
    select
        over.finding_id as over_id,
        short.finding_id as short_id,
        2 as tier,
        over.quantity = short.quantity as is_equal,
        cast(0 as double) as support,
        cast([] as varchar[]) as evidence,
        abs({{ seconds_between('over.found_at', 'short.found_at') }}) as apart
    from over
    inner join look_alikes
        on over.place = look_alikes.location_id and over.sku = look_alikes.sku
    inner join short
        on
            over.system = short.system
            and over.place = short.place
            and look_alikes.other_sku = short.sku
            -- one pick made both: it lies after either count before
            and over.opened_at < short.found_at
            and over.found_at > short.opened_at
),

-- of the same units, in the same days, and nothing else that would answer either
lonely as (
    select
        over.finding_id as over_id,
        short.finding_id as short_id,
        3 as tier,
        true as is_equal,
        cast(0 as double) as support,
        cast([] as varchar[]) as evidence,
        abs({{ seconds_between('over.found_at', 'short.found_at') }}) as apart
    from over
    inner join short
        on
            over.system = short.system
            and over.place = short.place
            and over.quantity = short.quantity
            and over.sku != short.sku
            and over.found_at <= short.found_at
            + interval ({{ var('count_verification_days') }}) day
            and short.found_at <= over.found_at
            + interval ({{ var('count_verification_days') }}) day
    qualify
        count(*) over (partition by over.finding_id) = 1
        and count(*) over (partition by short.finding_id) = 1
),

final as (
    select
        *,
        greatest(
            count(*) over (partition by over_id, tier, is_equal),
            count(*) over (partition by short_id, tier, is_equal)
        ) as candidate_count
    from (
        select * from supported
        union all
        select * from alike
        union all
        select * from lonely
    ) as possible
)

select * from final
