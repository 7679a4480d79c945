"""What AWS refuses, in our own words."""


class CallRefused(Exception):
    """When AWS answers a call with an error; code and message are AWS's own.

    is_transient: whether the same call may succeed in a moment, as after a server error or a lost connection.
    """

    def __init__(self, code: str, message: str, *, is_transient: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.is_transient = is_transient
