"""The payloads of commands: what a person decides, field by field.

A payload is validated here once, whoever sends it, and written in one canonical form, so that the
same decision always has the same bytes and the same hash.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from ingestion.contracts.feeds import LARGEST_QUANTITY
from ingestion.contracts.vocabulary import CommandType, ReasonCode, Resolution, State

EVERYTHING = "*"
MOVES = (
    (State.AVAILABLE, State.QUARANTINED),
    (State.QUARANTINED, State.AVAILABLE),
    (State.AVAILABLE, State.DAMAGED),
    (State.QUARANTINED, State.DAMAGED),
    (State.AVAILABLE, State.EXPIRED),
    (State.QUARANTINED, State.EXPIRED),
    (State.AVAILABLE, State.SCRAPPED),
    (State.QUARANTINED, State.SCRAPPED),
    (State.DAMAGED, State.SCRAPPED),
    (State.EXPIRED, State.SCRAPPED),
    (State.EXPIRED, State.QUARANTINED),
    (State.DAMAGED, State.QUARANTINED),
    (State.RESERVED, State.QUARANTINED),
    (State.PICKED, State.QUARANTINED),
    (State.PACKED, State.QUARANTINED),
    (State.RECEIVING, State.QUARANTINED),
    (State.RECEIVING, State.DAMAGED),
    (State.RECEIVING, State.EXPIRED),
    (State.RETURNED, State.QUARANTINED),
    (State.RETURNED, State.DAMAGED),
    (State.PICKED, State.DAMAGED),
    (State.PACKED, State.DAMAGED),
)
"""From which state to which an adjustment may move units: what `stock_transitions` calls legal."""


def normalise_code(value: object) -> object:
    """Return a code in the one form it is stored in: NFC, trimmed, no control or bidi marks."""
    if not isinstance(value, str):
        return value
    composed = unicodedata.normalize("NFC", value)
    visible = "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Cc"})
    return visible.strip()


def _upper(value: str) -> str:
    return value.upper()


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None)


def _assume_utc(value: object) -> object:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def to_text(instant: datetime) -> str:
    """Write a naive UTC instant as ISO 8601 with microseconds and a closing Z."""
    return instant.isoformat(timespec="microseconds") + "Z"


Code = Annotated[str, BeforeValidator(normalise_code), Field(min_length=1, max_length=120)]
Sku = Annotated[Code, AfterValidator(_upper)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_assume_utc),
    AfterValidator(_to_utc),
    PlainSerializer(to_text),
]
Whole = Annotated[int, Field(strict=True, ge=0, le=LARGEST_QUANTITY)]
Level = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Payload(BaseModel):
    """The fields of one command type; unknown fields are refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def units(self) -> int:
        """How many units the command decides about, for the approval policy."""
        return 0

    def canonical(self) -> str:
        """The payload as JSON with sorted keys and without empty fields."""
        return canonical_json(self.model_dump(mode="json", exclude_none=True))


class RecordAdjustment(Payload):
    """A correction of stock at one location: a signed effect on on_hand, or a move of states."""

    occurred_at: Instant
    location_id: Code
    sku: Sku
    quantity: Annotated[int, Field(strict=True, ge=-LARGEST_QUANTITY, le=LARGEST_QUANTITY)]
    reason_code: ReasonCode
    lot_id: Code | None = None
    bin_id: Code | None = None
    from_state: State | None = None
    to_state: State | None = None

    @field_validator("quantity")
    @classmethod
    def _moves_something(cls, quantity: int) -> int:
        if quantity == 0:
            raise ValueError("0 would move nothing")
        return quantity

    @model_validator(mode="after")
    def _is_one_movement(self) -> Self:
        if (self.from_state is None) != (self.to_state is None):
            raise ValueError("from_state and to_state go together; give both or neither")
        if self.from_state is not None and self.to_state is not None:
            self._check_states(self.from_state, self.to_state)
        return self

    def _check_states(self, from_state: State, to_state: State) -> None:
        if self.quantity < 0:
            raise ValueError("units that move from one state to another are more than 0")
        if (from_state, to_state) not in MOVES:
            raise ValueError(f"an adjustment may not move units from {from_state} to {to_state}")

    @property
    def units(self) -> int:
        """Units whose place or existence changes."""
        return abs(self.quantity)

    @property
    def taken_from(self) -> State:
        """The state that it takes units from; those lost were available."""
        return self.from_state or State.AVAILABLE

    @property
    def taken_quantity(self) -> int:
        """How many units it takes from that state, below 0 where it finds some."""
        return -self.quantity if self.from_state is None else self.quantity


class SetAllocationRule(Payload):
    """A new version of one allocation rule; the rule before it stays readable."""

    rule_id: Code
    expected_version: Whole
    channel_id: Code = EVERYTHING
    sku: Sku = EVERYTHING
    channel_priority: Whole
    ring_fence_quantity: Whole = 0
    buffer_quantity: Whole = 0
    location_order: tuple[Code, ...] = ()
    valid_from: Instant
    valid_to: Instant | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be after valid_from")
        if len(set(self.location_order)) != len(self.location_order):
            raise ValueError("location_order names a location twice")
        return self

    @model_validator(mode="after")
    def _fences_for_one_channel(self) -> Self:
        if self.channel_id == EVERYTHING and self.ring_fence_quantity > 0:
            raise ValueError(
                "a ring-fence keeps units for one channel from the others; for every channel it "
                "would keep them from nobody: choose the channel, or leave the ring-fence at 0"
            )
        return self

    @property
    def units(self) -> int:
        """Units per SKU the rule takes away from other channels."""
        return self.ring_fence_quantity + self.buffer_quantity


class RetireAllocationRule(Payload):
    """The end of an allocation rule."""

    rule_id: Code
    expected_version: Annotated[int, Field(strict=True, ge=1)]
    valid_to: Instant


class SetSafetyStock(Payload):
    """Units of one SKU kept back from every channel: at one location, or over the network."""

    sku: Sku
    location_id: Code = EVERYTHING
    quantity: Whole

    @property
    def units(self) -> int:
        """Units that no channel may promise any more."""
        return self.quantity


class SetChannelBuffer(Payload):
    """Units of one SKU, or of each, kept back from one channel at each location."""

    channel_id: Code
    sku: Sku = EVERYTHING
    quantity: Whole

    @property
    def units(self) -> int:
        """Units per SKU and location that the channel may not promise any more."""
        return self.quantity


class SetMetricTarget(Payload):
    """What one variant of a metric should reach, and from where on missing it is worse."""

    metric: Code
    variant: Code
    target: Level
    warn_at: Level | None = None
    valid_from: Instant

    @property
    def units(self) -> int:
        """One target is moved: the policy counts targets, not stock."""
        return 1


class AssignException(Payload):
    """Who looks at one exception from now on; it wakes a snoozed and reopens a resolved one.

    Without an assignee it goes back to the team that owns its type.
    """

    exception_id: Code
    assignee: Code | None


class SnoozeException(Payload):
    """An exception that nobody needs to see before an instant."""

    exception_id: Code
    until: Instant


class ResolveException(Payload):
    """The end of an exception, as a person sees it."""

    exception_id: Code
    resolution: Resolution

    @property
    def is_proved_by_data(self) -> bool:
        """Whether the data will tell: what is still there after its grace reopens."""
        return self.resolution is Resolution.FIXED


class Decision(Payload):
    """An approval or a rejection of an earlier command."""

    command_id: Code


PAYLOADS: Mapping[CommandType, type[Payload]] = MappingProxyType(
    {
        CommandType.RECORD_ADJUSTMENT: RecordAdjustment,
        CommandType.SET_ALLOCATION_RULE: SetAllocationRule,
        CommandType.RETIRE_ALLOCATION_RULE: RetireAllocationRule,
        CommandType.SET_SAFETY_STOCK: SetSafetyStock,
        CommandType.SET_CHANNEL_BUFFER: SetChannelBuffer,
        CommandType.SET_METRIC_TARGET: SetMetricTarget,
        CommandType.ASSIGN_EXCEPTION: AssignException,
        CommandType.SNOOZE_EXCEPTION: SnoozeException,
        CommandType.RESOLVE_EXCEPTION: ResolveException,
        CommandType.APPROVE: Decision,
        CommandType.REJECT: Decision,
    }
)

DECISIONS = frozenset({CommandType.APPROVE, CommandType.REJECT})


def canonical_json(value: object) -> str:
    """Return `value` as JSON with sorted keys and no spaces: the same content, the same bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
