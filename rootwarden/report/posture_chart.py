"""Posture over time as SVG: the share of accounts proven clean, and below it those that are not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, groupby

from rootwarden.report.totals import HistoryEntry, Totals

_LEFT, _RIGHT, _TOP = 44, 10, 12
_SHARE_HEIGHT, _GAP, _BARS_HEIGHT, _DATES = 92, 26, 72, 24
_BARS_TOP = _TOP + _SHARE_HEIGHT + _GAP
_BOTTOM = _BARS_TOP + _BARS_HEIGHT
_WIDEST_BAR = 18
_HALF_A_DATE = 36
NO_SHARE = "\N{EN DASH}"
KINDS = ("exposed", "partial", "unreachable")


@dataclass(frozen=True)
class _Frame:
    """Where things stand: one slot a sweep, from left to right."""

    width: int
    slots: int

    @property
    def slot(self) -> float:
        return (self.width - _LEFT - _RIGHT) / self.slots

    def middle(self, number: int) -> float:
        return _LEFT + self.slot * (number + 0.5)


def posture_chart(history: Sequence[HistoryEntry], *, width: int) -> str:
    """Draw the history, oldest first, to a width in pixels; colours come from the page's style sheet."""
    frame = _Frame(width, len(history))
    parts = (*_share(history, frame), *_bars(history, frame), *_dates(history, frame))
    last = history[-1].totals
    said = f"{last.proven} of {last.in_question} active member accounts proven clean in the last sweep"
    return (
        f'<svg class="chart" role="img" aria-label="{escape(said)}" viewBox="0 0 {width} {_BOTTOM + _DATES}" '
        f'width="{width}" height="{_BOTTOM + _DATES}">{"".join(parts)}</svg>'
    )


def _percent(totals: Totals) -> float | None:
    if totals.in_question <= 0:
        return None
    return min(max(100 * totals.proven / totals.in_question, 0), 100)


def percent(totals: Totals) -> str | None:
    """Return the share of accounts proven clean, None where there is none that could be.

    100 % is said only when it is all of them.
    """
    share = _percent(totals)
    if share is None:
        return None
    return "100 %" if share == 100 else f"{min(share, 99.9):.1f} %"  # noqa: PLR2004 - per cent


def _share(history: Sequence[HistoryEntry], frame: _Frame) -> Iterator[str]:
    shares = [_percent(entry.totals) for entry in history]
    floor = min(90, int(min((share for share in shares if share is not None), default=90) // 10 * 10))

    def height(share: float) -> float:
        return _TOP + _SHARE_HEIGHT * (100 - share) / (100 - floor)

    yield from _scale(frame, [(100, "100 %"), (floor, f"{floor} %")], height)
    points = [
        None if share is None else (frame.middle(number), height(share))
        for number, share in enumerate(shares)
    ]
    for _, line in groupby(points, key=lambda point: point is not None):
        joined = [f"{point[0]:.1f},{point[1]:.1f}" for point in line if point]
        if len(joined) > 1:
            yield f'<polyline class="share" points="{" ".join(joined)}"/>'
    if last := points[-1]:
        yield f'<circle class="share-end" cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3.5"/>'


def _bars(history: Sequence[HistoryEntry], frame: _Frame) -> Iterator[str]:
    highest = max(1, *(sum(_counts(entry.totals)) for entry in history))

    def height(count: float) -> float:
        return _BOTTOM - _BARS_HEIGHT * count / highest

    yield from _scale(frame, [(highest, str(highest)), (0, "0")], height)
    width = min(frame.slot * 0.7, _WIDEST_BAR)
    for number, entry in enumerate(history):
        counts = _counts(entry.totals)
        left = frame.middle(number) - width / 2
        for kind, count, top in zip(KINDS, counts, accumulate(counts), strict=True):
            if count:
                size = f'x="{left:.1f}" y="{height(top):.1f}" width="{width:.1f}"'
                yield f'<rect class="{kind}" {size} height="{_BARS_HEIGHT * count / highest:.1f}"/>'
        yield _tip(entry, frame, number)


def _counts(totals: Totals) -> tuple[int, ...]:
    return tuple(max(int(getattr(totals, kind)), 0) for kind in KINDS)


def _tip(entry: HistoryEntry, frame: _Frame, number: int) -> str:
    """Draw the sweep's whole slot, unseen, so that pointing anywhere in it shows its numbers."""
    counts = ", ".join(f"{count} {kind}" for kind, count in zip(KINDS, _counts(entry.totals), strict=True))
    text = (
        f"{entry.finished_at:%Y-%m-%d %H:%M} UTC: {percent(entry.totals) or NO_SHARE} proven clean, {counts}"
    )
    left, height = frame.middle(number) - frame.slot / 2, _BOTTOM - _TOP
    place = f'x="{left:.1f}" y="{_TOP}" width="{frame.slot:.1f}" height="{height}"'
    return f'<rect class="slot" {place}><title>{escape(text)}</title></rect>'


def _scale(
    frame: _Frame, marks: Sequence[tuple[float, str]], height: Callable[[float], float]
) -> Iterator[str]:
    for value, label in marks:
        y = height(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{frame.width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _dates(history: Sequence[HistoryEntry], frame: _Frame) -> Iterator[str]:
    # Under the sweep it is of, but no further out than the lines go.
    leftmost, rightmost = _LEFT + _HALF_A_DATE, frame.width - _RIGHT - _HALF_A_DATE
    for number in sorted({0, len(history) - 1}):
        x = min(max(frame.middle(number), leftmost), rightmost)
        date = f"{history[number].finished_at:%Y-%m-%d}"
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 17}" text-anchor="middle">{date}</text>'
