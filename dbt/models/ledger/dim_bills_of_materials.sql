-- The one place where a kit is taken apart: between two changes of its bill, of a nested kit's or
-- of what is stocked, each kit asks for the components at the end of its ways. One whose bill has
-- no end asks for what its own bill names.
with

ways as (
    select * from {{ ref('int_ledger__bills_unfolded') }}
),

stocked as (
    select * from {{ ref('int_ledger__kits_stocked') }}
),

followed as (
    select * from ways
    where not is_endless or depth = 1
),

changes as (
    select
        kit_sku,
        valid_from as changed_at
    from followed
    union
    select
        kit_sku,
        valid_to as changed_at
    from followed
    union
    select
        kit_sku,
        stocked_at as changed_at
    from stocked
),

spans as (
    select
        kit_sku,
        changed_at as valid_from,
        lead(changed_at) over (partition by kit_sku order by changed_at) as valid_to
    from changes
),

held as (
    select
        followed.* exclude (valid_from, valid_to),
        spans.valid_from,
        spans.valid_to
    from followed
    inner join spans
        on
            followed.kit_sku = spans.kit_sku
            and followed.valid_from < spans.valid_to
            and followed.valid_to > spans.valid_from
),

ends as (
    select held.*
    from held
    anti join held as further
        on held.way = further.way_before and held.valid_from = further.valid_from
),

final as (
    select
        ends.kit_sku,
        ends.component_sku,
        cast(sum(ends.component_quantity) as bigint) as component_quantity,
        coalesce(ends.valid_from >= stocked.stocked_at, false) as is_stocked,
        ends.is_endless,
        ends.valid_from,
        nullif(ends.valid_to, timestamp '9999-12-31') as valid_to
    from ends
    -- left: most kits are put together when they are picked
    left join stocked on ends.kit_sku = stocked.kit_sku
    group by
        ends.kit_sku,
        ends.component_sku,
        ends.is_endless,
        ends.valid_from,
        ends.valid_to,
        stocked.stocked_at
)

select * from final
