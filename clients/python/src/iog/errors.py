"""What can go wrong, by what the caller can do about it. Every message says what to do."""

from __future__ import annotations

from typing import Optional, Sequence

__all__ = [
    "Error",
    "JobFailed",
    "NotInstalled",
    "OutcomeUnknown",
    "OutsideDriverWarning",
    "RayError",
    "Refused",
    "RpcError",
    "StillBooked",
    "Timeout",
    "UsageError",
]


class Error(Exception):
    """Anything this package raises; ``exit_code`` is the command's, where a command was run."""

    exit_code: Optional[int] = None

    def __init__(self, message: str, order: Optional[str] = None) -> None:
        super().__init__(message)
        #: Address of the order that the command had named by then: it may stand, and cost.
        self.order = order


class NotInstalled(Error):
    """The ``iog`` command is not there."""


class UsageError(Error):
    """An argument, a file or an address that does not exist: correct it. Nothing was sent."""

    exit_code = 2


class Refused(Error):
    """The state of the chain, or a device, does not allow it."""

    exit_code = 3


class RpcError(Error):
    """The endpoint or a device was not reached, and nothing was done: try again."""

    exit_code = 4


class OutcomeUnknown(Error):
    """It may have happened: look before you repeat it. An order that was waited for stands."""

    exit_code = 5


class Timeout(Error):
    """What was waited for did not come in time; the order stands."""


class JobFailed(Error):
    """A job ended with another code than 0, or did not run to its end."""

    def __init__(self, message: str, code: Optional[int] = None, order: Optional[str] = None) -> None:
        super().__init__(message, order)
        #: The job's own exit code, where it ran to an end.
        self.code = code


class RayError(Error):
    """The cluster's Jobs API refused, or did not answer."""


class StillBooked(Error):
    """Something that costs could not be ended: ``commands`` are the lines that end it."""

    def __init__(self, message: str, commands: Sequence[str]) -> None:
        lines = "".join("\n    " + line for line in commands)
        super().__init__(f"{message}; it goes on costing until you run:{lines}")
        self.commands = tuple(commands)


class OutsideDriverWarning(UserWarning):
    """A driver outside the cluster unpickles what its members send.

    Objects from Ray are pickles: reading a result runs the code of any member, as you, beside your keys. ``Cluster.submit``
    keeps drivers inside, and ``iog cluster shell`` is a sandbox without keys for what must be outside.
    """


_BY_CODE = {2: UsageError, 3: Refused, 4: RpcError, 5: OutcomeUnknown}


def of_exit(code: int, message: str, order: Optional[str] = None) -> Error:
    """The error that an exit code of ``iog`` stands for."""
    if code in _BY_CODE:
        return _BY_CODE[code](message, order)
    error = Error(f"iog ended with {code}: {message}", order)
    error.exit_code = code
    return error
