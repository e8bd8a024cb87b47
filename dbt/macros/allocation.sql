{#- The allocation engine, once: DuckDB table macros that the pipeline runs on the rules in force and
    the tower runs on a draft. -#}

{#- Which policy holds for each SKU and channel, for the promise and the plan alike.

    skus      sku
    channels  channel_id, channel_priority (of a channel no rule speaks of)
    rules     rule_id, version, channel_id and sku ('*' is any), channel_priority,
              ring_fence_quantity, buffer_quantity, location_order (list), is_current
    buffers   channel_id, sku ('*' is any), buffer_quantity, command_id, is_current

    The most specific rule speaks: its own channel before any, its own SKU before any. A buffer set
    for a channel overrules its rule's. A ring-fence for every channel keeps nothing from anybody. -#}
{% macro create_policies_of() -%}
create or replace macro main.policies_of(skus, channels, rules, buffers) as table (
    with

    ruled as (
        select
            asked.sku,
            asked_by.channel_id,
            ruling.rule_id,
            ruling.version as rule_version,
            coalesce(ruling.channel_priority, asked_by.channel_priority) as channel_priority,
            coalesce(ruling.buffer_quantity, 0) as buffer_quantity,
            case when ruling.channel_id != '*' then ruling.ring_fence_quantity else 0 end
                as ring_fence_quantity,
            coalesce(ruling.location_order, []) as location_order
        from (select distinct sku from query_table(skus)) as asked
        cross join query_table(channels) as asked_by
        left join (from query_table(rules) where is_current) as ruling
            on
                ruling.channel_id in (asked_by.channel_id, '*')
                and ruling.sku in (asked.sku, '*')
        qualify
            row_number() over (
                partition by asked.sku, asked_by.channel_id
                order by ruling.channel_id = '*', ruling.sku = '*', ruling.rule_id
            ) = 1
    )

    select
        ruled.sku,
        ruled.channel_id,
        ruled.rule_id,
        buffering.command_id as buffer_command_id,
        ruled.rule_version,
        ruled.channel_priority,
        coalesce(buffering.buffer_quantity, ruled.buffer_quantity) as buffer_quantity,
        ruled.ring_fence_quantity,
        ruled.location_order
    from ruled
    left join (from query_table(buffers) where is_current) as buffering
        on
            ruled.channel_id = buffering.channel_id
            and buffering.sku in (ruled.sku, '*')
    qualify
        row_number() over (
            partition by ruled.sku, ruled.channel_id order by buffering.sku = '*'
        ) = 1
)
{%- endmacro %}

{#- Who gets what. Lines of one channel that ask for the same location are served in one step; demand
    of a step overlaps the supply left by the steps before, so that a line gets what its span of
    cumulative demand shares with the spans of cumulative supply.

    lines          order_id, line_id, sku (a kit's line has one row a component), channel_id,
                   requested_location_id, quantity, component_quantity (eaches in one kit, null where
                   the line is no kit's), promised_ship_by, placed_at
    supply         sku, location_id, quantity (free eaches)
    policies       as policies_of returns them
    safety_stocks  sku, location_id ('*' is the network), safety_stock_quantity, is_current

    Returns one row per line and location that serves it, and one for a line nothing serves:
    order_id, line_id, sku, channel_id, location_id, allocated_quantity, rule_id, rule_version,
    is_kit_incomplete (another component of its kit is what it lacks), withheld_by (what kept stock
    from it when it was served).

    A buffer is left untouched at each location, and safety stock there and over the network. What
    is left of a ring-fence after what its channel has been given is withheld from every other
    channel, whatever the order of service. A line of a channel without a policy is served last.

    A kit's line gets its components for whole kits only. What it cannot complete goes to the lines
    behind it: they wait for the next turn of the step, each turn settling every line up to the
    first that takes less than its span. -#}
{% macro create_allocate() -%}
create or replace macro main.allocate(lines, supply, policies, safety_stocks) as table (
    with recursive

    governed as (
        select
            asking.order_id,
            asking.line_id,
            asking.sku,
            asking.channel_id,
            asking.requested_location_id,
            asking.quantity,
            coalesce(asking.component_quantity, 1) as component_quantity,
            asking.promised_ship_by,
            asking.placed_at,
            policy.rule_id,
            policy.rule_version,
            -- a kit waits for the component that is served last
            max(policy.channel_priority) over (
                partition by asking.order_id, asking.line_id
            ) as priority,
            coalesce(policy.buffer_quantity, 0) as buffer_quantity,
            case
                when policy.buffer_command_id is not null then 'channel buffer'
                else 'rule ' || policy.rule_id
            end as buffered_by,
            coalesce(policy.location_order, []) as location_order
        from query_table(lines) as asking
        left join query_table(policies) as policy
            on asking.sku = policy.sku and asking.channel_id = policy.channel_id
        where asking.quantity > 0
    ),

    demand as materialized (
        select
            *,
            dense_rank() over (
                order by priority nulls last, channel_id, requested_location_id nulls last
            ) as step,
            dense_rank() over (
                order by
                    priority nulls last, channel_id, requested_location_id nulls last,
                    promised_ship_by nulls last, placed_at, order_id, line_id
            ) as place
        from governed
    ),

    safe as (
        select
            sku,
            location_id,
            safety_stock_quantity
        from query_table(safety_stocks)
        where is_current
    ),

    rounds as (
        select
            'left' as kind,
            0::bigint as turn,
            0::bigint as step,
            null::bigint as place,
            sku,
            location_id,
            null::varchar as channel_id,
            null::varchar as rule_id,
            quantity::bigint as quantity,
            null::boolean as is_kit_incomplete,
            null::varchar[] as withheld_by
        from query_table(supply)
        where quantity > 0 and sku in (select demand.sku from demand)
        union all
        select 'fence', 0, 0, null, sku, null, channel_id, rule_id, ring_fence_quantity, null, null
        from query_table(policies)
        where ring_fence_quantity > 0 and sku in (select demand.sku from demand)
        union all
        select 'turn', 0, 0, null, null, null, null, null, null, null, null
        union all
        (
            with

            present as (
                select
                    max(turn) + 1 as turn,
                    max(step) + cast(not bool_or(kind = 'waits') as bigint) as step,
                    bool_or(kind = 'waits') as is_continued
                from rounds
            ),

            asked as (
                select demand.*
                from demand
                inner join present on demand.step = present.step
                where
                    not present.is_continued
                    or demand.place in (select rounds.place from rounds where kind = 'waits')
            ),

            terms as (
                select distinct
                    sku,
                    channel_id,
                    requested_location_id,
                    buffer_quantity,
                    location_order
                from asked
            ),

            stocked as (
                select
                    terms.sku,
                    rounds.location_id,
                    rounds.quantity,
                    greatest(0, rounds.quantity - terms.buffer_quantity) as unbuffered_quantity,
                    greatest(
                        0,
                        rounds.quantity - terms.buffer_quantity
                        - coalesce(safe.safety_stock_quantity, 0)
                    ) as usable_quantity,
                    coalesce(safe.safety_stock_quantity, 0) > 0 as is_safe,
                    coalesce(terms.requested_location_id, rounds.location_id) = rounds.location_id
                        as is_reached,
                    coalesce(list_position(terms.location_order, rounds.location_id), 1000000)
                        as location_rank
                from rounds
                inner join terms on rounds.sku = terms.sku
                left join safe
                    on rounds.sku = safe.sku and rounds.location_id = safe.location_id
                where rounds.kind = 'left'
            ),

            fenced as (
                select
                    rounds.sku,
                    sum(rounds.quantity) as quantity,
                    list_sort(list_distinct(list('rule ' || rounds.rule_id))) as fenced_by
                from rounds
                inner join terms
                    on
                        rounds.sku = terms.sku
                        and rounds.channel_id is distinct from terms.channel_id
                where rounds.kind = 'fence' and rounds.quantity > 0
                group by rounds.sku
            ),

            reached as (
                select
                    stocked.sku,
                    coalesce(sum(stocked.quantity) filter (where stocked.is_reached), 0)
                        as reached_quantity,
                    coalesce(sum(stocked.usable_quantity) filter (where stocked.is_reached), 0)
                        as usable_quantity,
                    coalesce(bool_or(stocked.is_reached and stocked.is_safe), false) as is_safe,
                    -- safety stock of a location counts towards the network's
                    least(
                        sum(stocked.unbuffered_quantity)
                        - coalesce(any_value(safe.safety_stock_quantity), 0),
                        sum(stocked.usable_quantity)
                    ) - coalesce(any_value(fenced.quantity), 0) as network_quantity,
                    coalesce(any_value(safe.safety_stock_quantity), 0) > 0 as is_network_safe,
                    coalesce(any_value(fenced.fenced_by), []) as fenced_by
                from stocked
                left join fenced on stocked.sku = fenced.sku
                left join safe on stocked.sku = safe.sku and safe.location_id = '*'
                group by stocked.sku
            ),

            free as (
                select
                    *,
                    greatest(0, least(usable_quantity, network_quantity)) as free_quantity,
                    network_quantity < usable_quantity as is_network_bound
                from reached
            ),

            shelves as (
                select
                    sku,
                    location_id,
                    usable_quantity,
                    sum(usable_quantity) over (
                        partition by sku
                        order by location_rank, quantity desc, location_id
                        rows between unbounded preceding and current row
                    ) as shelf_end
                from stocked
                where is_reached and usable_quantity > 0
            ),

            -- no line claims more than the kits it could make if it were alone
            claims as (
                select
                    asked.*,
                    coalesce(free.free_quantity, 0) as free_quantity,
                    greatest(
                        0,
                        asked.quantity - asked.component_quantity * max(
                            (
                                greatest(0, asked.quantity - coalesce(free.free_quantity, 0))
                                + asked.component_quantity - 1
                            ) // asked.component_quantity
                        ) over (partition by asked.place)
                    ) as claimed_quantity
                from asked
                left join free on asked.sku = free.sku
            ),

            offers as (
                select
                    *,
                    greatest(
                        0,
                        free_quantity - coalesce(
                            sum(claimed_quantity) over (
                                partition by sku
                                order by place
                                rows between unbounded preceding and 1 preceding
                            ),
                            0
                        )
                    ) as offered_quantity
                from claims
            ),

            lacks as (
                select
                    *,
                    (greatest(0, quantity - offered_quantity) + component_quantity - 1)
                    // component_quantity as lacking_kits,
                    max(lacking_kits) over (partition by place) as missing_kits
                from offers
            ),

            takes as (
                select
                    *,
                    greatest(0, quantity - missing_kits * component_quantity) as taken_quantity,
                    bool_or(least(claimed_quantity, offered_quantity) > taken_quantity) over (
                        partition by place
                    ) as is_stranded
                from lacks
            ),

            turns as (
                select
                    *,
                    min(place) filter (where is_stranded) over (partition by sku) as last_place
                from takes
            ),

            judged as (
                select
                    *,
                    bool_and(place <= coalesce(last_place, place)) over (partition by place)
                        as is_settled
                from turns
            ),

            settled as (
                select
                    *,
                    sum(taken_quantity) over (
                        partition by sku
                        order by place
                        rows between unbounded preceding and current row
                    ) as taken_end,
                    sum(taken_quantity) over (partition by sku) as step_quantity
                from judged
                where is_settled
            ),

            given as (
                select
                    settled.place,
                    settled.sku,
                    shelves.location_id,
                    least(settled.taken_end, shelves.shelf_end)
                    - greatest(
                        settled.taken_end - settled.taken_quantity,
                        shelves.shelf_end - shelves.usable_quantity
                    ) as quantity
                from settled
                inner join shelves
                    on
                        settled.sku = shelves.sku
                        and settled.taken_end - settled.taken_quantity < shelves.shelf_end
                        and shelves.shelf_end - shelves.usable_quantity < settled.taken_end
                where settled.taken_quantity > 0
            )

            select
                told.kind,
                present.turn,
                present.step,
                told.place,
                told.sku,
                told.location_id,
                told.channel_id,
                told.rule_id,
                cast(told.quantity as bigint) as quantity,
                told.is_kit_incomplete,
                told.withheld_by
            from (
                select
                    'left' as kind,
                    rounds.sku,
                    rounds.location_id,
                    rounds.quantity - coalesce(sum(given.quantity), 0) as quantity,
                    null::bigint as place,
                    null::varchar as channel_id,
                    null::varchar as rule_id,
                    null::boolean as is_kit_incomplete,
                    null::varchar[] as withheld_by
                from rounds
                left join given
                    on rounds.sku = given.sku and rounds.location_id = given.location_id
                where rounds.kind = 'left'
                group by rounds.sku, rounds.location_id, rounds.quantity
                union all by name
                select
                    'fence' as kind,
                    rounds.sku,
                    rounds.channel_id,
                    rounds.rule_id,
                    greatest(0, rounds.quantity - coalesce(sum(settled.taken_quantity), 0))
                        as quantity
                from rounds
                left join settled
                    on rounds.sku = settled.sku and rounds.channel_id = settled.channel_id
                where rounds.kind = 'fence'
                group by rounds.sku, rounds.channel_id, rounds.rule_id, rounds.quantity
                union all by name
                select 'turn' as kind
                union all by name
                select
                    'waits' as kind,
                    place
                from judged
                where not is_settled
                union all by name
                select
                    'given' as kind,
                    place,
                    sku,
                    location_id,
                    quantity
                from given
                union all by name
                select
                    'short' as kind,
                    settled.place,
                    settled.sku,
                    settled.quantity - settled.taken_quantity as quantity,
                    settled.lacking_kits < settled.missing_kits as is_kit_incomplete,
                    case
                        when free.reached_quantity > settled.step_quantity
                            then list_concat(
                                case when free.is_network_bound then free.fenced_by else [] end,
                                case when settled.buffer_quantity > 0 then [settled.buffered_by] end,
                                case
                                    when
                                        free.is_safe
                                        or (free.is_network_safe and free.is_network_bound)
                                        then ['safety stock']
                                end
                            )
                    end as withheld_by
                from settled
                left join free on settled.sku = free.sku
                where settled.taken_quantity < settled.quantity
            ) as told
            cross join present
            where present.step <= (select max(demand.step) from demand)
        )
    ),

    served as (
        select
            place,
            sku,
            location_id,
            cast(sum(quantity) as bigint) as allocated_quantity
        from rounds
        where kind = 'given'
        group by place, sku, location_id
    ),

    short as (
        select
            place,
            sku,
            is_kit_incomplete,
            withheld_by
        from rounds
        where kind = 'short'
    )

    select
        demand.order_id,
        demand.line_id,
        demand.sku,
        demand.channel_id,
        served.location_id,
        coalesce(served.allocated_quantity, 0) as allocated_quantity,
        demand.rule_id,
        demand.rule_version,
        coalesce(short.is_kit_incomplete, false) as is_kit_incomplete,
        coalesce(short.withheld_by, []) as withheld_by
    from demand
    left join served on demand.place = served.place and demand.sku = served.sku
    left join short on demand.place = short.place and demand.sku = short.sku
)
{%- endmacro %}

{#- As query_table takes it; what a unit test gives has no schema. -#}
{% macro relation_name(model) -%}
'{{ model.schema ~ '.' if model.schema }}{{ model.identifier }}'
{%- endmacro %}
