"""The approval policy: data saying who may submit what, and when a second person must agree."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingestion.commands.errors import NotAllowedError, PolicyError
from ingestion.contracts.vocabulary import CommandType, Role

BUILTIN = Path(__file__).with_name("policy.yml")


class Rule(BaseModel):
    """What one role may do with one command type; a threshold is passed only above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command_type: CommandType
    role: Role
    above_value: Annotated[Decimal, Field(ge=0)] | None = None
    above_quantity: Annotated[int, Field(ge=0)] | None = None


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    window_hours: Annotated[int, Field(gt=0)]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Weight:
    """What a command weighs with its split companions: units, and their cost where it is known."""

    quantity: int
    value: Decimal | None


@dataclass(frozen=True)
class Policy:
    """Rules by command type and role; deny by default."""

    window: timedelta
    rules: tuple[Rule, ...]

    def rule(self, command_type: CommandType, role: Role) -> Rule:
        """Return the rule for `role`; raises NotAllowedError where there is none."""
        for rule in self.rules:
            if (rule.command_type, rule.role) == (command_type, role):
                return rule
        allowed = [rule.role for rule in self.rules if rule.command_type == command_type]
        raise NotAllowedError(
            f"The role {role} may not submit {command_type}. "
            f"Ask somebody in one of these roles: {', '.join(allowed) or 'none'}.",
            allowed,
        )


def needs_approval(rule: Rule, weight: Weight) -> bool:
    """Whether `weight` is above a threshold of `rule`; an unknown value is above any."""
    if rule.above_quantity is not None and weight.quantity > rule.above_quantity:
        return True
    if rule.above_value is None:
        return False
    return weight.value is None or weight.value > rule.above_value


def read_policy(path: Path = BUILTIN) -> Policy:
    """Read a policy file; raises PolicyError when it is not one or names a pair twice."""
    try:
        content = _PolicyFile.model_validate(yaml.safe_load(path.read_text()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise PolicyError(f"The approval policy {path} cannot be read: {error}") from error
    pairs = [(rule.command_type, rule.role) for rule in content.rules]
    if len(set(pairs)) != len(pairs):
        raise PolicyError(f"The approval policy {path} has two rules for one type and role.")
    return Policy(timedelta(hours=content.window_hours), content.rules)
