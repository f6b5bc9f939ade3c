"""Every error that crosses a room, drawn as a tree.

::

    BaseException
    └── PrefectSignal                    steers a run; `except Exception` in user code must not catch it
        ├── VersionLockMismatchSignal    somebody else moved this run: stop here
        ├── TaskTimeoutSignal            a task ran longer than its timeout
        └── (PrefectStateSignal          a state, raised: see engine/signals.py)

    Exception
    └── PrefectException                 something went wrong; the message says what to do
        ├── ClientError                  the backend answered with an error, or could not be asked
        │   ├── AuthorizationError       the backend does not know this key, or the key may not do this
        │   ├── ObjectNotFoundError      what was asked for does not exist
        │   ├── HostedServiceError       the configuration names the hosted service, which is gone
        │   └── ServerAway               nothing answers at the backend's address, or only that it is not ready
        ├── ConfigurationError           a configuration file or key cannot be used (also a ValueError)
        ├── ValidationError              something does not fit the wire format (also a ValueError)
        ├── ValueNotKeptError            a task's value cannot be written to where its results are kept
        └── FlowStorageError             a flow cannot be stored or loaded
"""


class PrefectSignal(BaseException):
    """The base of everything raised to steer a run; deliberately not an `Exception`.

    User code that catches `Exception` around its own work must not swallow the end of its run.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class VersionLockMismatchSignal(PrefectSignal):
    """Ends the work of a process on a run that another process has moved on."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class TaskTimeoutSignal(PrefectSignal):
    """Interrupts a task that ran longer than its timeout."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class PrefectException(Exception):
    """The base of every error of this package."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class ClientError(PrefectException):
    """The backend answered with an error, or could not be asked."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class AuthorizationError(ClientError):
    """The backend does not know this key, or the key may not do this."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class ObjectNotFoundError(ClientError):
    """What was asked for does not exist in the backend."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class HostedServiceError(ClientError):
    """The configuration names the hosted service, which no longer exists."""


class ServerAway(ClientError):
    """Nothing answers at the backend's address, or only a proxy that says so; the same request may succeed later."""


class ConfigurationError(PrefectException, ValueError):
    """A configuration file or key cannot be used; a `ValueError` too, as 1.x raised."""


class ValidationError(PrefectException, ValueError):
    """Something does not fit the wire format: data that was read, or an object that cannot be written as JSON."""


class FlowStorageError(PrefectException):
    """A flow cannot be stored, or cannot be loaded from where it was stored."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class ValueNotKeptError(PrefectException):
    """A value that a task returned has no form in which it could be kept."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
