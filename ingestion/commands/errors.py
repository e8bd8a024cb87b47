"""Why the command log refuses: one exception per cause, each telling what to do next."""

from collections.abc import Sequence


class CommandRefusedError(Exception):
    """A command was not accepted; nothing was written."""


class InvalidCommandError(CommandRefusedError):
    """Fields of the command or of its payload are not acceptable.

    `problems` holds each field, empty for the payload as a whole, with what is wrong with it.
    """

    def __init__(self, message: str, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotAllowedError(CommandRefusedError):
    """The role may not submit this type of command; those in `allowed` may."""

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class CommandConflictError(CommandRefusedError):
    """The command id is taken by a command with other content."""


class StaleVersionError(CommandRefusedError):
    """The rule has moved on since its author last saw it."""


class UnknownRuleError(CommandRefusedError):
    """The rule was never set."""


class UnknownCodeError(CommandRefusedError):
    """The command names a SKU, location, channel or lot that the current generation lacks."""


class UnknownCommandError(CommandRefusedError):
    """The command to decide on is not in the log."""


class NotPendingError(CommandRefusedError):
    """The command to decide on waits for nobody: decided already, or never in need of approval."""


class FourEyesError(CommandRefusedError):
    """An actor tried to approve their own command."""


class PolicyError(ValueError):
    """The approval policy cannot be read."""


class CommandLogUnavailableError(RuntimeError):
    """The command log's database does not answer or cannot be written."""
