-- Whom a picker may take a SKU for: what lies in the same bin or the next one, in the order of the
-- bins' codes, and what has the same name but for its last word.
with

handled as (
    select * from {{ ref('int_ledger__events_owned') }}
    where bin_id is not null
),

products as (
    select * from {{ ref('dim_products') }}
),

kept as (
    select
        location_id,
        sku,
        {{ latest_by('bin_id', 'occurred_at') }} as bin_id
    from handled
    group by location_id, sku
),

numbered as (
    select
        kept.location_id,
        kept.sku,
        products.category,
        dense_rank() over (partition by kept.location_id order by kept.bin_id) as bin_number,
        regexp_replace(trim(products.title), '\s+\S+$', '') as family
    from kept
    inner join products on kept.sku = products.sku
),

counted as (
    select
        *,
        -- a name that many share is a way of naming, not a likeness
        family != '' and count(*) over (partition by location_id, category, family)
        <= {{ var('look_alike_family_limit') }} as is_family
    from numbered
),

beside as (
    select
        one.location_id,
        one.sku,
        other.sku as other_sku,
        'bin' as likeness
    from counted as one
    inner join counted as other
        on
            one.location_id = other.location_id
            and other.bin_number between one.bin_number - 1 and one.bin_number + 1
            and one.sku != other.sku
),

akin as (
    select
        one.location_id,
        one.sku,
        other.sku as other_sku,
        'name' as likeness
    from counted as one
    inner join counted as other
        on
            one.location_id = other.location_id
            and one.category = other.category
            and one.family = other.family
            and one.sku != other.sku
    where one.is_family
),

final as (
    select
        location_id,
        sku,
        other_sku,
        string_agg(distinct likeness, '+' order by likeness) as likeness
    from (
        select * from beside
        union all
        select * from akin
    ) as found
    group by location_id, sku, other_sku
)

select * from final
