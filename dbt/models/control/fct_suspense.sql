-- What nobody asked for or sent, and what nobody can explain between a system and the ledger, waits
-- here until somebody does.
with

suspended as (
    select * from {{ ref('int_ledger__suspended') }}
),

incidents as (
    select * from {{ ref('recon_incidents') }}
    where ended_at is null and cause = 'unexplained'
),

locations as (
    select * from {{ ref('dim_locations') }}
),

policies as (
    select * from {{ ref('exception_policies') }}
),

clock as (
    select * from {{ ref('clock') }}
),

gathered as (
    select
        'document' as suspense_type,
        'beyond_order' as exception_type,
        reference_type,
        reference_id,
        reference_line_id,
        cast(null as varchar) as system,
        sku,
        location_id,
        cast(null as varchar) as channel_id,
        quantity,
        amount,
        first_at,
        last_at
    from suspended
    union all
    select
        'variance' as suspense_type,
        'variance_standing' as exception_type,
        'claim' as reference_type,
        last_claim_id as reference_id,
        incident_id as reference_line_id,
        system,
        sku,
        location_id,
        channel_id,
        quantity,
        cast(amount as decimal(38, 4)) as amount,
        began_at as first_at,
        detected_at as last_at
    from incidents
),

aged as (
    select
        gathered.*,
        cast(
            floor({{ seconds_between('gathered.first_at', 'clock.as_of_at') }} / 86400) as bigint
        ) as age_days
    from gathered
    cross join clock
),

final as (
    select
        aged.suspense_type,
        concat_ws(
            ' · ', coalesce(aged.system, replace(aged.reference_type, '_', ' ')),
            case aged.suspense_type when 'variance' then 'unexplained' else aged.reference_id end,
            aged.sku
        ) as subject,
        aged.reference_type,
        aged.reference_id,
        aged.reference_line_id,
        aged.system,
        aged.sku,
        aged.location_id,
        aged.channel_id,
        coalesce(locations.owner, policies.owner_team) as owner,
        aged.quantity,
        aged.amount,
        aged.age_days,
        case
            when aged.age_days <= 7 then 'up to 7 days'
            when aged.age_days <= 30 then '8 to 30 days'
            when aged.age_days <= 90 then '31 to 90 days'
            else 'over 90 days'
        end as age_bucket,
        aged.first_at,
        aged.last_at
    from aged
    inner join policies on aged.exception_type = policies.exception_type
    -- left: master data may be missing, and what all places claim together is in none
    left join locations on aged.location_id = locations.location_id
)

select * from final
