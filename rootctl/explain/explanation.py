"""What one function would do with an event."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """function: None where no function gets the event. told: the message people would get, None for none.

    not_known: what could not be asked, and what was supposed instead.
    """

    function: str | None
    would: str
    because: str
    account: str | None = None
    told: str | None = None
    not_known: tuple[str, ...] = ()

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "function": self.function,
            "would": self.would,
            "because": self.because,
            "account": self.account,
            "told": self.told,
            "notKnown": list(self.not_known),
        }
