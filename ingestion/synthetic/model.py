"""Operating models, scales and fault rates: every number the simulation can be told."""

from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

from ingestion.contracts.vocabulary import ChannelKind, LocationKind, SiteStep


class UnknownScenarioError(ValueError):
    """No operating model has this name."""


class UnknownScaleError(ValueError):
    """No scale has this name."""


@dataclass(frozen=True)
class Site:
    """A fulfilment centre; `steps` are those it reports, `share` its part of demand.

    `system` is the one that runs its floor and owns what happens there.
    """

    location_id: str
    name: str
    timezone: str
    latitude: str
    longitude: str
    daily_line_capacity: int
    cut_off_hour: int
    share: float
    postcode_prefix: int
    steps: tuple[SiteStep, ...] = tuple(SiteStep)
    kind: LocationKind = LocationKind.WAREHOUSE
    country: str = "US"
    system: str = "wms"


@dataclass(frozen=True)
class Trade:
    """How a channel's business customers buy: so many of them, most lines in whole cases.

    `cases` are the chances of 1, 2, … cases a line. A `whole_order_rate` of orders may only ship
    complete. All buy at the price list `price_list`, in percent of the list price; every
    `own_price_every`th customer has a list of their own, lower by `own_price_percent`.
    """

    customers: int
    price_list: str
    price_percent: int = 78
    own_price_every: int = 5
    own_price_percent: int = 6
    case_line_rate: float = 0.75
    cases: tuple[float, ...] = (0.5, 0.3, 0.2)
    whole_order_rate: float = 0.3


@dataclass(frozen=True)
class Channel:
    """A sales channel; penalties in whole units of the currency, `share` its part of orders.

    Orders go to the site `fulfilled_by` first; without one, to the site near the customer.
    """

    channel_id: str
    name: str
    kind: ChannelKind
    priority: int
    sla_hours: int
    late_penalty: int
    cancel_penalty: int
    share: float
    patience_days: int
    refunds_before_receipt: bool = False
    fulfilled_by: str | None = None
    trade: Trade | None = None


@dataclass(frozen=True)
class Category:
    """A merchandise category; demand peaks in `peak_month` by `amplitude`."""

    name: str
    prefix: str
    return_rate: float
    peak_month: int
    amplitude: float
    nouns: tuple[str, ...]


class UnknownCauseError(ValueError):
    """No fault of this name is planted."""


_BOOKED_WRONG = {"misbooked_item", "misbooked_location"}
_NO_CAUSES = {"misplaced", "bad_rows", "fractional_rows", *_BOOKED_WRONG}
_PLANTED_AS = MappingProxyType(
    {"wrong_item": ("wrong_item", "misbooked_item"), "wrong_location": ("misbooked_location",)}
)
"""Causes that other rates plant, or more than one."""


@dataclass(frozen=True)
class FaultRates:
    """How often each fault is planted.

    Per recorded event for sync_delay and duplicate_event, per event of its kind for missing_…,
    condition_mismatch (goods found unfit), return_restocked_twice, unit_conversion (receipts) and
    misbooked_… (under another SKU, at another location); per SKU and system for product_mapping,
    per kit for kit_explosion (the shop counts kits as one), per return for return_not_restocked
    and, if refunded early, restocked_without_receipt, per pick for wrong_item, per place and
    30 days for shrinkage and, per system, for manual_override, per claim for unexplained (a glitch
    that the next claim has no more). `misplaced` is a unit the picker does not find though it is
    there: a short pick, not a fault. `bad_rows` is how many rows no
    contract accepts, `fractional_rows` how many of each feed with units are not whole eaches.
    """

    sync_delay: float = 0.006
    missing_receipt: float = 0.02
    return_not_restocked: float = 0.06
    wrong_item: float = 0.006
    duplicate_event: float = 0.003
    missing_shipment: float = 0.004
    missing_return: float = 0.03
    missing_transfer: float = 0.05
    missing_adjustment: float = 0.05
    condition_mismatch: float = 0.08
    restocked_without_receipt: float = 0.15
    return_restocked_twice: float = 0.03
    unit_conversion: float = 0.02
    misbooked_item: float = 0.01
    misbooked_location: float = 0.01
    product_mapping: float = 0.01
    kit_explosion: float = 0.25
    manual_override: float = 0.02
    unexplained: float = 0.001
    shrinkage: float = 0.015
    misplaced: float = 0.006
    bad_rows: int = 5
    fractional_rows: int = 0

    def only(self, cause: str) -> "FaultRates":
        """The rates with every fault but those of one cause left out.

        What no rate plants stays: a nightly posting is cut off by its day. Raises
        UnknownCauseError.
        """
        causes = {each.name for each in fields(self)} - _NO_CAUSES | _PLANTED_AS.keys()
        if cause not in causes:
            raise UnknownCauseError(
                f"No fault is planted as {cause!r}. Choose one of: {', '.join(sorted(causes))}."
            )
        kept = {*_PLANTED_AS.get(cause, (cause,)), *_NO_CAUSES - _BOOKED_WRONG}
        return replace(self, **{each.name: 0 for each in fields(self) if each.name not in kept})


@dataclass(frozen=True)
class Promotion:
    """The sale in the last `days` before the end, which the sites are not staffed for.

    It adds `uplift` average days' demand to each day. In it `featured_line_share` of the lines
    are for the `featured_sku_share` of the assortment that is advertised.
    """

    days: int = 3
    uplift: float = 3.0
    featured_sku_share: float = 0.02
    featured_line_share: float = 0.25


@dataclass(frozen=True)
class Stoppage:
    """Suppliers with up to `demand_share` of demand deliver nothing from `days_before` the end
    until `days_after` it; their goods come late by the length of the stoppage."""

    demand_share: float = 0.12
    days_before: int = 20
    days_after: int = 9


@dataclass(frozen=True)
class Lots:
    """Stock kept by lot: every SKU is produced anew at least every `every_days`.

    Goods are inspected on arrival for a time between the `inspection_hours`; a `failed_rate` of
    them is never released. What expires is scrapped `scrapped_after_days` later. A `breach_rate`
    of reservations takes a later lot though an earlier one is there. One lot is recalled when
    `recalled_after` of the simulated time has passed. The first `opening` lots are older than that.
    """

    every_days: int = 20
    opening: int = 3
    shelf_life_days: tuple[int, ...] = (150, 240, 365, 720)
    inspection_hours: tuple[int, int] = (8, 72)
    failed_rate: float = 0.02
    scrapped_after_days: int = 10
    breach_rate: float = 0.05
    recalled_after: float = 0.7


@dataclass(frozen=True)
class Kits:
    """SKUs sold as kits of stocked ones: `sku_share` of the assortment, `line_share` of lines.

    Their components are best sellers, shared between kits. A `revised_rate` of kits gets a new
    bill of materials half-way.
    """

    sku_share: float = 0.05
    line_share: float = 0.08
    components: int = 3
    revised_rate: float = 0.5


@dataclass(frozen=True)
class Scale:
    """How much: SKUs, simulated days, order lines, suppliers, and the cadence of stock claims.

    `weekly_claim_skus` sell best and are claimed weekly; the rest every `claim_period_days`.
    """

    skus: int
    days: int
    lines: int
    suppliers: int
    weekly_claim_skus: int
    claim_period_days: int


@dataclass(frozen=True)
class OperatingModel:
    """One way of doing business, complete: the simulation reads nothing else.

    The WMS reserves in waves, at each of `wave_hours` after the day's turn, and per site and day
    no more lines than the site is staffed for: its expected lines and `spare_staff` average days'.
    `line_factor` scales the order lines of a scale, so that every model has its number of events.
    """

    scenario: str
    currency: str
    sites: tuple[Site, ...]
    channels: tuple[Channel, ...]
    categories: tuple[Category, ...]
    lines_per_order: tuple[float, ...] = (0.64, 0.23, 0.09, 0.04)
    units_per_line: tuple[float, ...] = (0.74, 0.16, 0.06, 0.03, 0.01)
    weekday_weights: tuple[float, ...] = (1.12, 1.02, 0.97, 0.96, 0.98, 0.93, 1.02)
    pending_payment_rate: float = 0.05
    failed_payment_rate: float = 0.008
    fraud_review_rate: float = 0.02
    fraud_rejected_rate: float = 0.004
    customer_cancel_rate: float = 0.018
    ship_complete_rate: float = 0.06
    damage_rate: float = 0.012
    split_delivery_rate: float = 0.15
    short_delivery_rate: float = 0.04
    rejected_delivery_rate: float = 0.03
    announced_delivery_rate: float = 0.8
    disrupted_supplier_share: float = 0.3
    safety_factor: float = 0.2
    wave_hours: tuple[float, ...] = (1.0, 3.0, 5.0, 7.0, 9.0, 11.0)
    spare_staff: float = 0.6
    promotion: Promotion = field(default_factory=Promotion)
    stoppage: Stoppage = field(default_factory=Stoppage)
    count_period_days: tuple[int, int, int] = (30, 60, 120)
    cover_days: int = 28
    line_factor: float = 1.0
    lots: Lots | None = None
    kits: Kits | None = None
    faults: FaultRates = field(default_factory=FaultRates)

    @property
    def handles_cases(self) -> bool:
        """Whether customers order, and floors report, in cases."""
        return any(channel.trade for channel in self.channels)


SCALES = MappingProxyType(
    {
        "small": Scale(220, 120, 1_500, 10, 40, 28),
        "medium": Scale(3_000, 180, 41_000, 36, 150, 42),
        "large": Scale(20_000, 365, 870_000, 120, 1_500, 56),
    }
)


def scaled(scale: Scale, model: OperatingModel) -> Scale:
    """The scale with as many lines as make its number of events in this model."""
    return replace(scale, lines=round(scale.lines * model.line_factor))


def scale_named(name: str) -> Scale:
    """Return the scale called `name`; raises UnknownScaleError."""
    try:
        return SCALES[name]
    except KeyError:
        raise UnknownScaleError(
            f"There is no scale {name!r}. Choose one of: {', '.join(SCALES)}."
        ) from None
