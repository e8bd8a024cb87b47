with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type = 'set_metric_target' and status = 'approved'
),

stated as (
    select
        metric,
        variant,
        target,
        warn_at,
        owner as set_by,
        cast(null as varchar) as command_id,
        cast(0 as bigint) as sequence,
        date '1970-01-01' as valid_from_on
    from definitions
),

decided as (
    select
        {{ json_text('payload', 'metric') }} as metric,
        {{ json_text('payload', 'variant') }} as variant,
        cast({{ json_text('payload', 'target') }} as double) as target,
        cast({{ json_text('payload', 'warn_at') }} as double) as warn_at,
        actor as set_by,
        command_id,
        sequence,
        cast(
            coalesce(
                cast(
                    cast({{ json_text('payload', 'valid_from') }} as timestamp with time zone)
                    as timestamp
                ),
                effective_at
            ) as date
        ) as valid_from_on
    from commands
),

stated_or_decided as (
    select * from stated
    union all
    select * from decided
),

-- of two decisions for one day the later one holds
latest as (
    select *
    from stated_or_decided
    qualify
        row_number() over (
            partition by metric, variant, valid_from_on order by sequence desc
        ) = 1
),

-- a decision replaces those made before it that were to begin later
standing as (
    select *
    from latest
    qualify
        sequence >= coalesce(
            max(sequence) over (
                partition by metric, variant
                order by valid_from_on
                rows between unbounded preceding and 1 preceding
            ), 0
        )
),

final as (
    select
        metric,
        variant,
        target,
        warn_at,
        set_by,
        command_id,
        valid_from_on,
        lead(valid_from_on) over (
            partition by metric, variant order by valid_from_on
        ) as valid_to_on
    from standing
)

select * from final
