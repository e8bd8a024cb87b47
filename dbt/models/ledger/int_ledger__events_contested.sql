-- Where several systems tell of one event at one place and nobody declared whose word counts, each
-- telling is an echo only if a preferred system tells of the same event: under the same reference,
-- or, where neither has one, the nth of a SKU and quantity of a day with the nth of that day, else
-- of the day before, else of the day after. Every other telling is the only one, and books.
{%- set alike = 'event_name, location_id, sku, quantity, worse_system, better_system' %}
{%- set days_later = [0, 1, -1] %}
with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

reporting as (
    select * from {{ ref('int_ledger__systems_reporting') }}
    where system_count > 1
),

owners as (
    select * from {{ ref('int_ledger__owners_resolved') }}
    where not is_declared
),

contesting as (
    select reporting.*
    from reporting
    inner join owners
        on
            reporting.event_name = owners.event_name
            and reporting.location_id = owners.location_id
),

told as (
    select
        reported.event_id,
        reported.event_name,
        reported.location_id,
        reported.source_system,
        contesting.preference,
        coalesce(
            reported.return_id, reported.transfer_id, reported.po_id, reported.order_id
        ) as reference_id,
        case
            when coalesce(reported.return_id, reported.transfer_id) is null
                then coalesce(reported.po_line_id, reported.order_line_id)
        end as reference_line_id,
        reported.sku,
        reported.quantity,
        reported.occurred_at
    from reported
    inner join contesting
        on
            reported.event_name = contesting.event_name
            and reported.location_id = contesting.location_id
            and reported.source_system = contesting.source_system
),

referenced as (
    select
        event_id,
        preference > min(preference) over (
            partition by event_name, location_id, reference_id, reference_line_id, sku
        ) as is_echo
    from told
    where reference_id is not null
),

-- each telling without a reference, once for each system that it is compared with
left_0 as (
    select
        told.event_id,
        told.event_name,
        told.location_id,
        told.sku,
        told.quantity,
        told.occurred_at,
        told.preference > contesting.preference as is_worse,
        case
            when told.preference > contesting.preference then told.source_system
            else contesting.source_system
        end as worse_system,
        case
            when told.preference > contesting.preference then contesting.source_system
            else told.source_system
        end as better_system
    from told
    inner join contesting
        on
            told.event_name = contesting.event_name
            and told.location_id = contesting.location_id
            and told.source_system != contesting.source_system
    where told.reference_id is null
),

{% for days in days_later -%}
{%- set n = loop.index0 -%}
dated_{{ n }} as (
    select
        *,
        cast(occurred_at as date) - case when is_worse then {{ days }} else 0 end as met_on
    from left_{{ n }}
),

numbered_{{ n }} as (
    select
        *,
        row_number() over (
            partition by {{ alike }}, met_on, is_worse order by occurred_at, event_id
        ) as number
    from dated_{{ n }}
),

met_{{ n }} as (
    select
        *,
        count(*) over (partition by {{ alike }}, met_on, number) = 2 as is_met
    from numbered_{{ n }}
),

left_{{ n + 1 }} as (
    select * exclude (met_on, number, is_met)
    from met_{{ n }}
    where not is_met
),

{% endfor -%}
echoes as (
    select event_id from referenced
    where is_echo
    {% for _ in days_later -%}
    union
    select event_id from met_{{ loop.index0 }}
    where is_met and is_worse
    {% endfor %}
),

final as (
    select
        told.event_id,
        told.event_name,
        told.location_id,
        told.source_system,
        told.preference,
        told.sku,
        told.quantity,
        echoes.event_id is not null as is_echo,
        told.occurred_at
    from told
    -- left: a telling that no preferred system shares books
    left join echoes on told.event_id = echoes.event_id
)

select * from final
