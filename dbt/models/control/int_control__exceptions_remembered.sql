{{
    config(
        materialized='incremental',
        unique_key='exception_id',
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}
with

present as (
    select * from {{ ref('int_control__exceptions_present') }}
),

clock as (
    select * from {{ ref('clock') }}
),

{% if is_incremental() -%}
-- what is gone and was gone before changes no more
remembered as (
    select remembered.*
    from {{ this }} as remembered
    -- left: what is not there now may have been
    left join present on remembered.exception_id = present.exception_id
    where remembered.gone_at is null or present.exception_id is not null
),

final as (
    select
        coalesce(present.exception_id, remembered.exception_id) as exception_id,
        {%- for column in [
            'exception_type', 'severity', 'subject', 'sku', 'location_id', 'detail', 'evidence',
            'quantity', 'amount', 'first_seen_at',
        ] %}
        case
            when present.exception_id is not null then present.{{ column }}
            else remembered.{{ column }}
        end as {{ column }},
        {%- endfor %}
        -- no claim shows what is gone
        present.claim_id,
        coalesce(remembered.reopened_count, 0)
        + case
            when present.exception_id is not null and remembered.gone_at is not null then 1
            else 0
        end as reopened_count,
        coalesce(remembered.opened_at, clock.as_of_at) as opened_at,
        case
            when present.exception_id is not null then clock.as_of_at
            else remembered.last_seen_at
        end as last_seen_at,
        case
            when present.exception_id is not null and remembered.gone_at is not null
                then clock.as_of_at
            else remembered.reopened_at
        end as reopened_at,
        case when present.exception_id is null then clock.as_of_at end as gone_at
    from present
    full join remembered on present.exception_id = remembered.exception_id
    cross join clock
)
{%- else -%}
final as (
    select
        present.exception_id,
        present.exception_type,
        present.severity,
        present.subject,
        present.sku,
        present.location_id,
        present.detail,
        present.evidence,
        present.claim_id,
        present.quantity,
        present.amount,
        present.first_seen_at,
        0 as reopened_count,
        clock.as_of_at as opened_at,
        clock.as_of_at as last_seen_at,
        cast(null as timestamp) as reopened_at,
        cast(null as timestamp) as gone_at
    from present
    cross join clock
)
{%- endif %}

select * from final
