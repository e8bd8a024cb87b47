with

incidents as (
    select * from {{ ref('recon_incidents') }}
    where ended_at is null and not is_mending
),

totals as (
    select * from {{ ref('recon_totals') }}
),

summed as (
    select
        system,
        cause,
        sku,
        case when min(location_id) = max(location_id) then min(location_id) end as location_id,
        cast(sum(net_quantity) as bigint) as net_quantity,
        cast(sum(abs(quantity)) as bigint) as quantity,
        cast(sum(abs(amount)) as decimal(38, 4)) as amount,
        arg_max(last_claim_id, row(abs(quantity), incident_id)) as claim_id,
        min(began_at) as began_at
    from incidents
    group by system, cause, sku
),

standing as (
    select
        'variance_standing' as exception_type,
        'warning' as severity,
        concat_ws(' · ', system, replace(cause, '_', ' '), sku) as subject,
        sku,
        location_id,
        quantity,
        amount,
        system || ' and the ledger differ on ' || sku || ' by ' || quantity || ' units'
        || case
            when net_quantity = quantity then ' too many'
            when net_quantity = -quantity then ' too few'
            else ', some too many and some too few'
        end
        || ': ' || replace(cause, '_', ' ') || ', since '
        || cast(cast(began_at as date) as varchar) || '.' as detail,
        cast(null as varchar) as evidence,
        claim_id,
        began_at as first_seen_at
    from summed
),

latest as (
    select *
    from totals
    qualify
        row_number() over (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of desc, claim_id asc
        ) = 1
),

mismatched as (
    select
        'claim_total_mismatch' as exception_type,
        'warning' as severity,
        concat_ws(' · ', system, quantity_kind, location_id, channel_id, sku, lot_id) as subject,
        sku,
        location_id,
        abs(difference_quantity) as quantity,
        cast(null as decimal(38, 4)) as amount,
        system || ' claims ' || claimed_quantity || ' ' || sku
        || ' in all, and parts that add up to ' || part_quantity || '.' as detail,
        cast(null as varchar) as evidence,
        claim_id,
        as_of as first_seen_at
    from latest
    where
        is_usually_tied
        and difference_quantity != 0
        and difference_quantity != ledger_rest_quantity
),

final as (
    {% for kind in ['standing', 'mismatched'] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
