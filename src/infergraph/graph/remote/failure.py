"""How a call of a component can fail, in whatever it is made over."""


class CallFailed(Exception):
    """Raised when a call has no whole answer; ``str(error)`` says why, as the end of a sentence."""


class NotConnected(CallFailed):
    """Raised when there is no connection: nothing was sent, and another try costs little."""


class ConnectTimedOut(NotConnected):
    """Raised when a connection takes too long to be made: another try would take as long."""
