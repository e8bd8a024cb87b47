"""The canonical feeds: the public interface for anyone who connects a system.

A feed is a list of columns. Landing validates every mapped row against it, writes the batch with
its types, and creates the raw table from it; dbt's sources describe the same columns.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from ingestion.contracts import vocabulary as words


class Kind(StrEnum):
    """The type of a column, and with it the DuckDB type of its landed values."""

    CODE = "code"
    TEXT = "text"
    QUANTITY = "quantity"
    INTEGER = "integer"
    MONEY = "money"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DATE = "date"
    JSON = "json"
    TIMEZONE = "timezone"
    COUNTRY = "country"
    CLOCK_TIME = "clock_time"


WIDEST_SKEW = timedelta(hours=26)
"""How far a system's clock, read in a wrong time zone, can run ahead of ours."""

SQL_TYPES = MappingProxyType(
    {
        Kind.CODE: "varchar",
        Kind.TEXT: "varchar",
        Kind.QUANTITY: "bigint",
        Kind.INTEGER: "bigint",
        Kind.MONEY: "decimal(18, 4)",
        Kind.DECIMAL: "decimal(18, 6)",
        Kind.BOOLEAN: "boolean",
        Kind.TIMESTAMP: "timestamp",
        Kind.DATE: "date",
        Kind.JSON: "varchar",
        Kind.TIMEZONE: "varchar",
        Kind.COUNTRY: "varchar",
        Kind.CLOCK_TIME: "varchar",
    }
)

CODES = frozenset({Kind.CODE, Kind.TIMEZONE, Kind.COUNTRY})
"""Kinds whose values are codes: without blanks around, invisible signs or a second spelling."""

LARGEST_QUANTITY = 10**9
"""The most one row may state. No company moves more of a SKU at once; beyond is a slip."""

LARGEST_PRICE = 10**9
"""The most one unit may cost, in any currency, so that a price times a quantity has an end."""

LARGEST_AMOUNT = 10**12
"""The most money one row may state in total, either way."""


@dataclass(frozen=True)
class Column:
    """One column of a feed.

    `minimum` bounds quantities, integers and money; `maximum` what they may be at most, either
    sign; `choices` lists the only accepted values.
    `has_happened` is for instants at which something happened or became known, which cannot lie
    more than WIDEST_SKEW after their file came. A `sku` column is upper-cased besides the
    normalisation every code gets.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    minimum: int | None = None
    choices: tuple[str, ...] = ()
    has_happened: bool = False
    maximum: int | None = None

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the landed value."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True)
class Feed:
    """One canonical feed.

    `key` names the business columns that identify a row inside its system; joined by `|` they are
    the source_event_key where the file gives none. `time_column` stands in for a missing
    recorded_at; a feed without one takes the time its file was registered. A revisable feed has
    none and keeps the newest recorded_at per key; the rows of the others never change. Of events,
    `line` names the columns that tell apart what one document says under one source_event_key.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time_column: str | None = None
    revisable: bool = False
    line: tuple[str, ...] | None = None

    @property
    def is_event(self) -> bool:
        """Whether its rows are events, each told once and never changed."""
        return self.line is not None

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns by which an event is the same one when it is told again."""
        return ("source_system", "source_event_key", *(self.line or ()))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the feed's own columns, in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns a file cannot do without."""
        return tuple(column.name for column in self.columns if column.required)


def _code(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, Kind.CODE, description, required)


def _text(name: str, description: str) -> Column:
    return Column(name, Kind.TEXT, description)


def _choice(name: str, words_: type[StrEnum], description: str) -> Column:
    return Column(name, Kind.CODE, description, required=True, choices=tuple(words_))


def _quantity(
    name: str = "quantity", *, minimum: int | None = 1, description: str = "units of uom, whole"
) -> Column:
    return Column(
        name, Kind.QUANTITY, description, required=True, minimum=minimum, maximum=LARGEST_QUANTITY
    )


def _signed(description: str) -> Column:
    return _quantity(minimum=None, description=description)


def _whole(name: str, description: str, minimum: int | None = 0) -> Column:
    return Column(name, Kind.INTEGER, description, minimum=minimum, maximum=LARGEST_QUANTITY)


def _factor(name: str, description: str) -> Column:
    return Column(
        name, Kind.INTEGER, description, required=True, minimum=1, maximum=LARGEST_QUANTITY
    )


def _price(name: str, description: str, *, required: bool = False) -> Column:
    return Column(
        name, Kind.MONEY, description, required=required, minimum=0, maximum=LARGEST_PRICE
    )


def _amount(name: str, description: str) -> Column:
    return Column(name, Kind.MONEY, description, minimum=0, maximum=LARGEST_AMOUNT)


def _at(name: str, description: str, *, required: bool = False) -> Column:
    """An instant in the past: when something happened."""
    return Column(name, Kind.TIMESTAMP, description, required, has_happened=True)


def _planned(name: str, description: str) -> Column:
    """An instant that may still come: when something is promised, due or valid."""
    return Column(name, Kind.TIMESTAMP, description)


def _date(name: str, description: str) -> Column:
    return Column(name, Kind.DATE, description)


_SKU = _code("sku", "stock keeping unit", required=True)
_UOM = _code("uom", "unit of measure of the quantity; empty means eaches")
_LOCATION = _code("location_id", "where it happened")
_LOT = _code("lot_id", "lot or batch of a lot-tracked SKU")
_OCCURRED = _at("occurred_at", "when it happened", required=True)
_CURRENCY = _code("currency", "ISO 4217 code of the amounts")

LINEAGE = (
    Column("source_system", Kind.CODE, "the system that says so", required=True),
    Column("source_event_key", Kind.CODE, "that system's own key of the row", required=True),
    Column(
        "recorded_at", Kind.TIMESTAMP, "when that system knew", required=True, has_happened=True
    ),
    Column("batch_id", Kind.CODE, "the landed file the row came in", required=True),
    Column("row_number", Kind.INTEGER, "the record's number in that file, from 1", required=True),
    Column("ingested_at", Kind.TIMESTAMP, "when Truestock knew", required=True),
    Column("record_hash", Kind.CODE, "hash of the row's content", required=True),
)

_FEEDS = (
    Feed(
        "products",
        (
            _SKU,
            _text("title", "name shown to people"),
            _text("category", "merchandise category"),
            _text("brand", "brand"),
            _price("unit_cost", "cost of one each"),
            _price("list_price", "list price of one each"),
            _CURRENCY,
            _whole("weight_g", "weight of one each in grams"),
            _whole("case_pack", "eaches in one case", minimum=1),
            Column("lot_tracked", Kind.BOOLEAN, "whether stock of it is kept by lot"),
            _whole("shelf_life_days", "days from production to expiry"),
            _code("abc_class", "A, B or C by value of use"),
            _code("owner", "who answers for its master data"),
        ),
        key=("sku",),
        revisable=True,
    ),
    Feed(
        "unit_conversions",
        (
            _SKU,
            _code("uom", "unit of measure", required=True),
            _factor("numerator", "eaches per denominator units"),
            _factor("denominator", "units that make numerator eaches"),
        ),
        key=("sku", "uom"),
        revisable=True,
    ),
    Feed(
        "locations",
        (
            _code("location_id", "the location", required=True),
            _text("name", "name shown to people"),
            Column(
                "kind",
                Kind.CODE,
                "what it is: " + ", ".join(words.LocationKind),
                choices=tuple(words.LocationKind),
            ),
            Column("country", Kind.COUNTRY, "ISO 3166-1 alpha-2 code"),
            Column("timezone", Kind.TIMEZONE, "IANA time zone of its day"),
            Column("latitude", Kind.DECIMAL, "degrees north"),
            Column("longitude", Kind.DECIMAL, "degrees east"),
            _whole("daily_line_capacity", "order lines it can ship a day"),
            Column("cut_off_time", Kind.CLOCK_TIME, "local time after which a line ships next day"),
            _code("owner", "who answers for it"),
        ),
        key=("location_id",),
        revisable=True,
    ),
    Feed(
        "channels",
        (
            _code("channel_id", "the sales channel", required=True),
            _text("name", "name shown to people"),
            Column(
                "kind",
                Kind.CODE,
                "what it is: " + ", ".join(words.ChannelKind),
                choices=tuple(words.ChannelKind),
            ),
            _whole("priority", "lower is served first"),
            _whole("sla_hours", "hours from placement to the promised ship-by"),
            _amount("late_penalty", "cost of one late line"),
            _amount("cancel_penalty", "cost of one cancelled line"),
        ),
        key=("channel_id",),
        revisable=True,
    ),
    Feed(
        "suppliers",
        (
            _code("supplier_id", "the supplier", required=True),
            _text("name", "name shown to people"),
        ),
        key=("supplier_id",),
        revisable=True,
    ),
    Feed(
        "system_of_record",
        (
            _code(
                "event_type", "feed.event, e.g. receipts.received; * is every one", required=True
            ),
            _code("location_id", "a location; * is every one", required=True),
            _code("system", "the system whose event books the movement", required=True),
        ),
        key=("event_type", "location_id"),
        revisable=True,
    ),
    Feed(
        "site_steps",
        (
            _code("location_id", "a location; * is every one not listed", required=True),
            _choice("step", words.SiteStep, "a step the site reports"),
        ),
        key=("location_id", "step"),
        revisable=True,
    ),
    Feed(
        "quantity_kinds",
        (
            _choice("quantity_kind", words.QuantityKind, "what a stock claim counts"),
            _choice("state", words.State, "a state that it includes"),
        ),
        key=("quantity_kind", "state"),
        revisable=True,
    ),
    # The system whose codes these are is the row's own source_system, and part of its identity.
    Feed(
        "product_aliases",
        (_code("alias", "that system's own code for the SKU", required=True), _SKU),
        key=("alias",),
        revisable=True,
    ),
    Feed(
        "bills_of_materials",
        (
            _code("kit_sku", "the SKU that is sold as a kit", required=True),
            _code("component_sku", "a SKU it is made of", required=True),
            _quantity(description="eaches of the component in one kit"),
            _planned("valid_from", "from when it holds; empty is from the beginning"),
            _planned("valid_to", "until when it holds, exclusive; empty is until revised"),
        ),
        key=("kit_sku", "component_sku", "valid_from"),
        revisable=True,
    ),
    Feed(
        "bins",
        (
            _code("location_id", "the location it is in", required=True),
            _code("bin_id", "the bin", required=True),
            _code("zone", "part of the location"),
            Column("x", Kind.DECIMAL, "metres along the aisles"),
            Column("y", Kind.DECIMAL, "metres across the aisles"),
            Column("z", Kind.DECIMAL, "metres above the floor"),
        ),
        key=("location_id", "bin_id"),
        revisable=True,
    ),
    Feed(
        "supplier_products",
        (
            _code("supplier_id", "who delivers", required=True),
            _SKU,
            _price("unit_cost", "what the supplier asks for one each"),
            _whole("lead_time_days", "days from order to delivery, as quoted"),
            _whole("min_order_quantity", "least eaches of one order line", minimum=1),
            _whole("case_pack", "eaches in one case of this supplier", minimum=1),
        ),
        key=("supplier_id", "sku"),
        revisable=True,
    ),
    Feed(
        "price_lists",
        (
            _code("price_list_id", "the price list", required=True),
            _SKU,
            _price("unit_price", "price of one each", required=True),
            _code("customer_id", "the only customer it is for; empty is whoever has the list"),
            _planned("valid_from", "from when it holds; empty is from the beginning"),
            _planned("valid_to", "until when it holds, exclusive; empty is until revised"),
        ),
        key=("price_list_id", "sku", "customer_id", "valid_from"),
        revisable=True,
    ),
    Feed(
        "orders",
        (
            _code("order_id", "the order", required=True),
            _code("channel_id", "the sales channel it came through", required=True),
            _at("placed_at", "when the customer placed it", required=True),
            _code("customer_id", "the customer"),
            _code("customer_tier", "the customer's tier"),
            _code("payment_status", "paid, pending, failed or refunded; empty counts as paid"),
            _code("fraud_status", "cleared, review or rejected; empty counts as cleared"),
            _planned("promised_ship_by", "when it was promised to ship"),
            _planned("promised_delivery_by", "when it was promised to arrive"),
            Column("ship_complete", Kind.BOOLEAN, "whether it may only ship whole"),
            Column("ship_country", Kind.COUNTRY, "ISO 3166-1 alpha-2 code"),
            _code("ship_postcode", "postcode of the ship-to address"),
            _at("cancelled_at", "when it was cancelled"),
            _code("cancel_reason", "why it was cancelled; out_of_stock counts as for stock"),
            _CURRENCY,
        ),
        key=("order_id",),
        revisable=True,
    ),
    Feed(
        "order_lines",
        (
            _code("order_id", "the order", required=True),
            _code("line_id", "the line inside the order", required=True),
            _SKU,
            _quantity(),
            _UOM,
            _price("unit_price", "price of one unit of uom"),
            _amount("discount", "discount on the whole line"),
            _code("requested_location_id", "the location the customer asked for"),
        ),
        key=("order_id", "line_id"),
        revisable=True,
    ),
    Feed(
        "fulfilment_events",
        (
            _choice("event_type", words.FulfilmentEvent, "the step"),
            _OCCURRED,
            _code("order_id", "the order", required=True),
            _code("line_id", "the line inside the order", required=True),
            _SKU,
            _quantity(),
            _UOM,
            _LOCATION,
            _code("bin_id", "bin inside the location"),
            _LOT,
            _code("worker_id", "who did it"),
            _at("task_started_at", "when the worker began"),
            _code("scanned_code", "what the scanner read"),
            _code("carrier", "carrier of the parcel"),
            _code("tracking_number", "the parcel"),
            _whole("parcel_weight_g", "measured weight of the parcel in grams"),
            _code("reason", "why, where it went wrong"),
        ),
        key=(
            "event_type",
            "occurred_at",
            "order_id",
            "line_id",
            "sku",
            "location_id",
            "bin_id",
            "lot_id",
            "tracking_number",
        ),
        time_column="occurred_at",
        line=("event_type", "line_id"),
    ),
    Feed(
        "purchase_orders",
        (
            _code("po_id", "the purchase order", required=True),
            _code("line_id", "the line inside it", required=True),
            _code("supplier_id", "who delivers", required=True),
            _SKU,
            _quantity(),
            _at("ordered_at", "when it was ordered", required=True),
            _UOM,
            _planned("due_at", "when it was due at first"),
            _planned("revised_due_at", "when it is due now"),
            _price("unit_cost", "cost of one unit of uom"),
            _code("location_id", "where it is to arrive"),
            _code("status", "the buying system's word for where it stands"),
        ),
        key=("po_id", "line_id"),
        revisable=True,
    ),
    Feed(
        "receipts",
        (
            _choice("event_type", words.ReceiptEvent, "the step"),
            _OCCURRED,
            _SKU,
            _quantity(),
            _code("po_id", "the purchase order"),
            _code("po_line_id", "the line inside it"),
            _UOM,
            _LOT,
            _date("expires_on", "expiry of the lot"),
            _LOCATION,
            _code("bin_id", "bin inside the location"),
            _code("condition", "condition on arrival"),
            _code("reason", "why it was rejected"),
        ),
        key=(
            "event_type",
            "occurred_at",
            "po_id",
            "po_line_id",
            "sku",
            "location_id",
            "bin_id",
            "lot_id",
            "condition",
        ),
        time_column="occurred_at",
        line=("event_type", "po_line_id"),
    ),
    Feed(
        "transfers",
        (
            _choice("event_type", words.TransferEvent, "which end"),
            _OCCURRED,
            _code("transfer_id", "the transfer", required=True),
            _SKU,
            _quantity(),
            _code("from_location_id", "where it left", required=True),
            _code("to_location_id", "where it goes", required=True),
            _UOM,
            _LOT,
        ),
        key=("event_type", "occurred_at", "transfer_id", "sku", "lot_id"),
        time_column="occurred_at",
        line=("event_type",),
    ),
    Feed(
        "returns",
        (
            _choice("event_type", words.ReturnEvent, "the step"),
            _OCCURRED,
            _code("return_id", "the return", required=True),
            _SKU,
            _quantity(),
            _code("order_id", "the order it came from"),
            _code("order_line_id", "the line it came from"),
            _code("reason", "why the customer sent it back"),
            _code("condition", "condition found at inspection"),
            _code(
                "disposition",
                "available, quarantined, damaged or scrapped; of these an inspected event moves "
                "units to quarantined or damaged, restocked always makes them available",
            ),
            _LOCATION,
            _LOT,
            _amount("refund_amount", "money given back"),
            _UOM,
        ),
        key=("event_type", "occurred_at", "return_id", "sku", "order_line_id", "lot_id"),
        time_column="occurred_at",
        line=("event_type", "order_line_id"),
    ),
    Feed(
        "stock",
        (
            _code("system", "the system that claims", required=True),
            _at("as_of", "the instant the claim is about", required=True),
            _SKU,
            _choice(
                "quantity_kind",
                words.QuantityKind,
                "what is counted, told by when the number falls: on_hand when goods leave the "
                "building, available as soon as they are reserved",
            ),
            _signed("eaches, signed: a system may claim less than 0"),
            _LOCATION,
            _code("channel_id", "the channel it is listed in"),
            _LOT,
        ),
        key=("system", "as_of", "sku", "quantity_kind", "location_id", "channel_id", "lot_id"),
        time_column="as_of",
    ),
    Feed(
        "counts",
        (
            _code("count_id", "the count", required=True),
            _at("counted_at", "when it was counted", required=True),
            _code("location_id", "where it was counted", required=True),
            _SKU,
            _quantity("counted_quantity", minimum=0, description="eaches found"),
            _code("bin_id", "bin inside the location; empty is the whole location"),
            _LOT,
            _code("counter_id", "who counted"),
            _code("method", "how it was counted"),
        ),
        key=("count_id", "location_id", "sku", "bin_id", "lot_id"),
        time_column="counted_at",
        line=(),
    ),
    Feed(
        "adjustments",
        (
            _OCCURRED,
            _code("location_id", "where", required=True),
            _SKU,
            _signed("eaches, signed: the effect on on_hand"),
            _code("reason_code", "why; opening books an opening balance", required=True),
            _code("bin_id", "bin inside the location"),
            _LOT,
            Column("from_state", Kind.CODE, "state the units leave", choices=tuple(words.State)),
            Column("to_state", Kind.CODE, "state the units enter", choices=tuple(words.State)),
            _code("actor", "who adjusted"),
            _code("approved_by", "who approved"),
        ),
        key=(
            "occurred_at",
            "location_id",
            "sku",
            "reason_code",
            "bin_id",
            "lot_id",
            "from_state",
            "to_state",
        ),
        time_column="occurred_at",
        line=(),
    ),
    Feed(
        "postings",
        (
            _code("posting_id", "the posting", required=True),
            _at("posted_at", "when finance booked it", required=True),
            _choice("reference_type", words.PostingReference, "what it refers to"),
            _code(
                "reference_id",
                "order, PO, return or transfer; of an adjustment its owner's source_event_key, "
                "or else any number of finance's own",
                required=True,
            ),
            _SKU,
            _signed("eaches, signed: the effect on booked stock"),
            Column("amount", Kind.MONEY, "money, signed", required=True, maximum=LARGEST_AMOUNT),
            _code("account", "ledger account"),
        ),
        key=("posting_id",),
        time_column="posted_at",
        line=(),
    ),
    Feed(
        "carrier_events",
        (
            _code("tracking_number", "the parcel", required=True),
            _choice("status", words.CarrierStatus, "where the parcel stands"),
            _OCCURRED,
            _code("carrier", "who carries it"),
            _text("detail", "the carrier's own words"),
        ),
        key=("tracking_number", "status", "occurred_at"),
        time_column="occurred_at",
    ),
    Feed(
        "worker_shifts",
        (
            _code("worker_id", "who worked", required=True),
            _code("location_id", "where", required=True),
            _at("started_at", "when the worker began", required=True),
            _at("ended_at", "when the worker stopped", required=True),
            Column(
                "task",
                Kind.CODE,
                "what at, empty for whatever came: " + ", ".join(words.WorkerTask),
                choices=tuple(words.WorkerTask),
            ),
        ),
        key=("worker_id", "location_id", "started_at"),
        revisable=True,
    ),
    Feed(
        "commands",
        (
            _code("command_id", "the id its client made", required=True),
            Column(
                "sequence",
                Kind.INTEGER,
                "position in the command log, from 1",
                required=True,
                minimum=1,
            ),
            _choice("command_type", words.CommandType, "what was decided"),
            Column("payload", Kind.JSON, "the command's own fields", required=True),
            _code("actor", "who decided", required=True),
            _choice("role", words.Role, "in which role"),
            _text("reason", "why, in the actor's words"),
            _at("submitted_at", "when it entered the log", required=True),
            Column(
                "needs_approval", Kind.BOOLEAN, "whether it waits for somebody else", required=True
            ),
            _code("previous_hash", "hash of the entry before", required=True),
            _code("hash", "hash of this entry", required=True),
        ),
        key=("command_id",),
        time_column="submitted_at",
    ),
)

FEEDS = MappingProxyType({feed.name: feed for feed in _FEEDS})
