-- Units of variance by claim and cause: planted (truth) beside found (recon_causes).
create or replace temp table truth as
select
    claims.claim_id,
    planted.cause,
    sum(planted.quantity) as quantity
from read_parquet(getvariable('truth')) as planted
inner join warehouse.main.recon_variances as claims
    on
        planted.system = claims.system
        and planted.as_of = claims.as_of
        and planted.sku = claims.sku
        and planted.quantity_kind = claims.quantity_kind
        and planted.location_id is not distinct from claims.location_id
        and planted.channel_id is not distinct from claims.channel_id
        and planted.lot_id is not distinct from claims.lot_id
group by all
having sum(planted.quantity) != 0;

create or replace temp table compared as
select
    coalesce(truth.claim_id, found.claim_id) as claim_id,
    coalesce(truth.cause, found.cause) as cause,
    abs(coalesce(truth.quantity, 0)) as planted,
    abs(coalesce(found.quantity, 0)) as found,
    case
        when sign(truth.quantity) = sign(found.quantity)
            then least(abs(truth.quantity), abs(found.quantity))
        else 0
    end as hit
from truth
full join warehouse.main.recon_causes as found
    on truth.claim_id = found.claim_id and truth.cause = found.cause;

-- what was planted and not found, beside what the same claim got instead
create or replace temp table confused as
select
    missed.cause as planted_cause,
    mistaken.cause as found_cause,
    sum(least(missed.planted - missed.hit, mistaken.found - mistaken.hit)) as units
from compared as missed
inner join compared as mistaken on missed.claim_id = mistaken.claim_id
where missed.planted > missed.hit and mistaken.found > mistaken.hit
group by all;
