"""What a suite is made of: one check is one expectation with its severity and its next step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ingestion.contracts.vocabulary import Severity


@dataclass(frozen=True)
class Check:
    """One expectation: its Great Expectations class by name and its arguments.

    `meaning` completes "It does not hold that …"; `next_step` says what a person does then.
    """

    name: str
    severity: Severity
    expectation: str
    meaning: str
    next_step: str
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Suite:
    """Checks over the rows of one query, shown on one asset (`schema/relation`).

    `feed` names the landed feed whose new batches are judged; a suite without one is judged whole.
    """

    name: str
    asset: str
    query: str
    checks: tuple[Check, ...]
    feed: str | None = None


@dataclass(frozen=True)
class CheckResult:
    """How one check came out. `observed` is what was found, `detail` a sentence for a person."""

    suite: str
    check_name: str
    asset: str
    severity: Severity
    passed: bool
    observed: str
    detail: str
    checked_at: datetime

    @property
    def is_blocking(self) -> bool:
        """Whether it stops publication."""
        return not self.passed and self.severity is Severity.BLOCKING


def no_rows(name: str, severity: Severity, meaning: str, next_step: str, *, found_by: str) -> Check:
    """Return the check that `found_by`, a SELECT of offending rows, finds none.

    `{batch}` in it stands for the suite's query.
    """
    return Check(
        name,
        severity,
        "UnexpectedRowsExpectation",
        meaning,
        next_step,
        MappingProxyType({"unexpected_rows_query": found_by}),
    )
