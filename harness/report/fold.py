"""What of a long exchange a ladder shows: repetitions are folded, and nothing that a finding cites is ever hidden."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.evidence.reading import Frame
from harness.report.keyfields import states

_SAMPLES = "Sample"
_LONGEST_BLOCK = 4
_LEAST_TIMES = 4
"""Fewer repetitions than this are shown one by one."""

MOST_ROWS = 140
_HEAD, _TAIL, _AROUND = 50, 40, 2


@dataclass(frozen=True, slots=True)
class Folded:
    """Repetitions of one exchange (`block` names its frames), `times` of them, not drawn one by one."""

    block: tuple[str, ...]
    times: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames that are not drawn because the picture would be too long, or because something else is the point."""

    frames: tuple[Frame, ...]


Row: TypeAlias = Frame | Folded | Gap


def rows(frames: Iterable[Frame], cited: Collection[int] = ()) -> list[Row]:
    """The rows of a ladder of the whole case; `cited` and altered frames always have a row of their own."""
    shown = [frame for frame in frames if frame.name != _SAMPLES or frame.number in cited]
    folded = _fold(shown, cited)
    if len(folded) <= MOST_ROWS:
        return folded
    ends = {*range(_HEAD), *range(len(folded) - _TAIL, len(folded))}
    pinned = [n for n, row in enumerate(folded) if _pinned(row, cited)][: (MOST_ROWS - _HEAD - _TAIL) // 2]
    return _elide(folded, ends | _near(pinned, _AROUND))


def excerpt(frames: Iterable[Frame], cited: Collection[int], around: int = 4) -> list[Row]:
    """The rows around cited frames; the end of the case when none is cited, for then something was missing."""
    shown = [frame for frame in frames if frame.name != _SAMPLES or frame.number in cited]
    folded = _fold(shown, cited)
    hits = [n for n, row in enumerate(folded) if isinstance(row, Frame) and row.number in cited]
    return _elide(folded, _near(hits or [len(folded) - 1], around))


def _near(hits: Iterable[int], around: int) -> set[int]:
    return {n for hit in hits for n in range(hit - around, hit + around + 1)}


def _pinned(row: Row, cited: Collection[int]) -> bool:
    return isinstance(row, Frame) and (row.number in cited or bool(row.altered_by))


def _elide(folded: Sequence[Row], keep: Collection[int]) -> list[Row]:
    """Replace each stretch of rows that are not kept by one gap."""
    kept: list[Row] = []
    for n, row in enumerate(folded):
        if n in keep:
            kept.append(row)
            continue
        frames = (row,) if isinstance(row, Frame) else row.frames
        if kept and isinstance(kept[-1], Gap):
            kept[-1] = Gap(kept[-1].frames + frames)
        else:
            kept.append(Gap(frames))
    return kept


def _fold(frames: Sequence[Frame], cited: Collection[int]) -> list[Row]:
    signatures = [_signature(frame) for frame in frames]
    found: list[Row] = []
    here = 0
    while here < len(frames):
        length, times = _repetition(signatures, here)
        if times < _LEAST_TIMES:
            found.append(frames[here])
            here += 1
            continue
        blocks = [tuple(frames[here + n * length : here + (n + 1) * length]) for n in range(times)]
        found += _fold_blocks(blocks, cited)
        here += length * times
    return found


def _signature(frame: Frame) -> tuple[str, ...]:
    """Two frames with the same signature say the same about the course of the session."""
    said = frame.says if frame.event else ""
    return (frame.link, str(frame.connection), frame.sender, frame.name, said, *states(frame))


def _repetition(signatures: Sequence[tuple[str, ...]], here: int) -> tuple[int, int]:
    """The shortest block that begins `here` and repeats often enough, and how often; (1, 1) when none does."""
    for length in range(1, _LONGEST_BLOCK + 1):
        block = signatures[here : here + length]
        times = 1
        while signatures[here + times * length : here + (times + 1) * length] == block:
            times += 1
        if times >= _LEAST_TIMES:
            return length, times
    return 1, 1


def _fold_blocks(blocks: Sequence[tuple[Frame, ...]], cited: Collection[int]) -> list[Row]:
    """First, last and pinned repetitions are shown; each stretch of two or more others becomes one row."""
    found: list[Row] = []
    stretch: list[tuple[Frame, ...]] = []
    for n, block in enumerate(blocks):
        if n in (0, len(blocks) - 1) or any(_pinned(frame, cited) for frame in block):
            found += _folded(stretch)
            stretch = []
            found += block
        else:
            stretch.append(block)
    return found


def _folded(stretch: Sequence[tuple[Frame, ...]]) -> list[Row]:
    frames = tuple(frame for block in stretch for frame in block)
    if len(stretch) < 2:
        return list(frames)
    return [Folded(tuple(frame.name for frame in stretch[0]), len(stretch), frames)]
