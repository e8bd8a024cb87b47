-- Each component dealt out among the kits that use it. Every kit may have as many as every other,
-- up to what it can be at all, and what is left over makes one more of those that use least. So the
-- shares of a component never ask for more of it than there is.
{%- set sharers = 'location_id, channel_id, component_sku' %}
with

components as (
    select * from {{ ref('fct_kit_components') }}
),

sharing as (
    select
        *,
        greatest(0, signed_atp_quantity) as net_quantity,
        greatest(0, min(kit_quantity) over (partition by kit_sku, location_id, channel_id))
            as wanted_quantity,
        count(*) over (partition by {{ sharers }}) as kit_count
    from components
),

measured as (
    select
        *,
        sum(wanted_quantity * component_quantity) over (partition by {{ sharers }}) as used_by_all,
        -- all get the same number, but who wants less leaves the rest to the others
        max(
            (net_quantity - used_by_modest) // sum_of_others
        ) over (partition by {{ sharers }}) as level_quantity,
        coalesce(
            sum(wanted_quantity * component_quantity) over (
                partition by {{ sharers }}
                order by component_quantity, kit_sku
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as used_before
    from (
        select
            *,
            coalesce(
                sum(wanted_quantity * component_quantity) over (
                    partition by {{ sharers }}
                    order by wanted_quantity, kit_sku
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as used_by_modest,
            sum(component_quantity) over (
                partition by {{ sharers }}
                order by wanted_quantity, kit_sku
                rows between current row and unbounded following
            ) as sum_of_others
        from sharing
    ) as queued
),

levelled as (
    select
        *,
        least(wanted_quantity, level_quantity) as level_share,
        net_quantity - sum(least(wanted_quantity, level_quantity) * component_quantity) over (
            partition by {{ sharers }}
        ) as left_over,
        sum(case when wanted_quantity > level_quantity then component_quantity else 0 end) over (
            partition by {{ sharers }}
            order by component_quantity, kit_sku
            rows between unbounded preceding and current row
        ) as one_more_each
    from measured
),

final as (
    select
        kit_sku,
        location_id,
        channel_id,
        component_sku,
        kit_quantity,
        kit_count > 1 as is_shared,
        cast(wanted_quantity as bigint) as wanted_quantity,
        cast(
            level_share
            + case
                when wanted_quantity > level_quantity and one_more_each <= left_over then 1 else 0
            end as bigint
        ) as share_quantity,
        -- when every other kit takes all it can first
        cast(
            greatest(
                0, net_quantity - (used_by_all - wanted_quantity * component_quantity)
            ) // component_quantity as bigint
        ) as guaranteed_quantity,
        -- of this component alone all kits together can be no more, those that use least made first
        cast(
            sum(
                least(
                    wanted_quantity,
                    greatest(0, net_quantity - used_before) // component_quantity
                )
            ) over (partition by {{ sharers }}) as bigint
        ) as limit_quantity
    from levelled
)

select * from final
