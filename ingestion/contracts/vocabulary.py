"""The words of the domain, each defined once.

The dbt seeds (`stock_states`, `stock_transitions`, …) spell the same words; the architecture test
compares them in both directions.
"""

from enum import StrEnum


class State(StrEnum):
    """What a unit can be: ten states at a location, then the counter-accounts outside it."""

    IN_TRANSIT = "in_transit"
    RECEIVING = "receiving"
    AVAILABLE = "available"
    RESERVED = "reserved"
    PICKED = "picked"
    PACKED = "packed"
    RETURNED = "returned"
    QUARANTINED = "quarantined"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    RETURN_IN_TRANSIT = "return_in_transit"
    LOST = "lost"
    FOUND = "found"
    SCRAPPED = "scrapped"
    KIT_ASSEMBLY = "kit_assembly"
    REDEFINITION = "redefinition"
    OPENING = "opening"
    SUSPENSE = "suspense"


ON_HAND = frozenset(
    {
        State.RECEIVING, State.AVAILABLE, State.RESERVED, State.PICKED, State.PACKED,
        State.RETURNED, State.QUARANTINED, State.DAMAGED, State.EXPIRED,
    }
)  # fmt: skip
"""The states of units that are inside the building."""


class MovementType(StrEnum):
    """Why units changed state; the legal pairs are in the seed `stock_transitions`."""

    PO_SHIPPED = "po_shipped"
    RECEIVED = "received"
    REJECTED = "rejected"
    PUT_AWAY = "put_away"
    RESERVED = "reserved"
    UNRESERVED = "unreserved"
    PICKED = "picked"
    UNPICKED = "unpicked"
    PACKED = "packed"
    SHIPPED = "shipped"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    RETURN_ANNOUNCED = "return_announced"
    RETURN_RECEIVED = "return_received"
    DISPOSITION = "disposition"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    DAMAGE = "damage"
    EXPIRE = "expire"
    RECALL = "recall"
    ADJUSTMENT = "adjustment"
    SCRAP = "scrap"
    KIT_ASSEMBLED = "kit_assembled"
    KIT_BROKEN = "kit_broken"
    REDEFINED = "redefined"
    OPENING = "opening"


class FulfilmentEvent(StrEnum):
    """Steps of the outbound flow of one order line."""

    RESERVED = "reserved"
    UNRESERVED = "unreserved"
    PICKED = "picked"
    SHORT_PICKED = "short_picked"
    UNPICKED = "unpicked"
    PACKED = "packed"
    PACK_VERIFIED = "pack_verified"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"


class ReceiptEvent(StrEnum):
    """Steps of the inbound flow of one purchase order line."""

    ASN_SHIPPED = "asn_shipped"
    ARRIVED = "arrived"
    RECEIVED = "received"
    PUT_AWAY = "put_away"
    REJECTED = "rejected"


class TransferEvent(StrEnum):
    """The two ends of a transfer between locations."""

    SHIPPED = "shipped"
    RECEIVED = "received"


class ReturnEvent(StrEnum):
    """Steps of one return: its three clocks are received, restocked and refunded."""

    REQUESTED = "requested"
    SHIPPED_BACK = "shipped_back"
    RECEIVED = "received"
    INSPECTED = "inspected"
    RESTOCKED = "restocked"
    SCRAPPED = "scrapped"
    REFUNDED = "refunded"


class PostingReference(StrEnum):
    """What a finance posting refers to."""

    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    RETURN = "return"
    RETURN_SCRAP = "return_scrap"
    ADJUSTMENT = "adjustment"
    TRANSFER_SHIPPED = "transfer_shipped"
    TRANSFER_RECEIVED = "transfer_received"


class QuantityKind(StrEnum):
    """What a stock claim counts; the seed `quantity_kinds` says which states each means."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"
    RESERVED = "reserved"
    DAMAGED = "damaged"
    QUARANTINED = "quarantined"
    SELLABLE_LISTED = "sellable_listed"
    BOOKED = "booked"
    IN_TRANSIT = "in_transit"
    COUNT = "count"


class SiteStep(StrEnum):
    """Steps a site reports; one it does not list is legal to skip there."""

    RESERVE = "reserve"
    PICK = "pick"
    PACK = "pack"
    PUT_AWAY = "put_away"


class CarrierStatus(StrEnum):
    """Where a parcel stands, whichever carrier or tracking service says so."""

    ANNOUNCED = "announced"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    EXCEPTION = "exception"
    LOST = "lost"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class WorkerTask(StrEnum):
    """What a worker's hours are spent on."""

    RECEIVE = "receive"
    PUT_AWAY = "put_away"
    PICK = "pick"
    PACK = "pack"
    COUNT = "count"
    INSPECT = "inspect"
    OTHER = "other"


class LocationKind(StrEnum):
    """What a location is."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "3pl"
    DROPSHIP = "dropship"
    MARKETPLACE_FC = "marketplace_fc"


class ChannelKind(StrEnum):
    """What a sales channel is."""

    OWN_SHOP = "own_shop"
    MARKETPLACE = "marketplace"
    WHOLESALE = "wholesale"
    SERVICE_DESK = "service_desk"
    SOCIAL = "social"


class ReasonCode(StrEnum):
    """Why stock was adjusted, as an operator may choose it; other systems keep their own codes."""

    OPENING = "opening"
    COUNT_CORRECTION = "count_correction"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    FOUND = "found"
    LOST = "lost"
    QUALITY_HOLD = "quality_hold"
    RECALL = "recall"
    RELEASED = "released"
    SCRAPPED = "scrapped"
    OTHER = "other"


class ExceptionState(StrEnum):
    """Where an exception stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """Why a person calls an exception resolved; only what is fixed must show in the data."""

    FIXED = "fixed"
    ACCEPTED = "accepted"
    NOT_A_PROBLEM = "not_a_problem"


class CommandType(StrEnum):
    """What a person can decide in the control tower."""

    RECORD_ADJUSTMENT = "record_adjustment"
    SET_ALLOCATION_RULE = "set_allocation_rule"
    RETIRE_ALLOCATION_RULE = "retire_allocation_rule"
    SET_SAFETY_STOCK = "set_safety_stock"
    SET_CHANNEL_BUFFER = "set_channel_buffer"
    SET_METRIC_TARGET = "set_metric_target"
    ASSIGN_EXCEPTION = "assign_exception"
    SNOOZE_EXCEPTION = "snooze_exception"
    RESOLVE_EXCEPTION = "resolve_exception"
    APPROVE = "approve"
    REJECT = "reject"


class CommandStatus(StrEnum):
    """Where a command stands in the log; whether it is applied, a generation tells."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Role(StrEnum):
    """Who acts; the approval policy says what each may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"


class RecordStatus(StrEnum):
    """How every physical record of a landed file ends."""

    LOADED = "loaded"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class Severity(StrEnum):
    """How much an exception, a check or an alert matters; blocking stops publication."""

    INFO = "info"
    WARNING = "warning"
    BLOCKING = "blocking"
