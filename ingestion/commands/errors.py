"""Why the command log refuses: one exception per cause, each telling what to do next."""


class CommandRefusedError(Exception):
    """A command was not accepted; nothing was written."""


class InvalidCommandError(CommandRefusedError):
    """A field of the command or of its payload is not acceptable."""


class NotAllowedError(CommandRefusedError):
    """The role may not submit this type of command."""


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
