"""A ladder diagram as static SVG: one lane for each role, an arrow for each message, with frame number and time.

Long diagrams come in pieces, so that a printed page never cuts through a row. Colours and fonts are the report's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from harness.evidence.reading import Frame
from harness.report.fold import Folded, Gap, Row
from harness.report.keyfields import key_text

_WIDTH, _GUTTER, _RIGHT = 720, 150, 26
_HEAD, _ROW, _FOOT = 34, 38, 6
_SMALL = 5.4
"""Width of a character of small text, on average."""
_BOX_LEFT, _BOX_WIDTH = _GUTTER - 6, _WIDTH - _GUTTER - _RIGHT + 12
_ROWS_A_PIECE = 22
_CHARACTERS = 78

_ORDER = ("evcc", "secc", "station", "csms", "aggregator", "vtn", "meter")
_NAMES = {"evcc": "EVCC", "secc": "SECC", "station": "Charging station", "csms": "CSMS", "meter": "Meter"}
_PEERS = {"evcc": "secc", "secc": "evcc", "station": "csms", "csms": "station"}


def ladder_svg(
    rows: Sequence[Row], *, frames: Sequence[Frame], sut: str, key: str, cited: Collection[int] = ()
) -> list[str]:
    """The diagram as ``<svg>`` elements, to be stacked. `frames` are the whole case's, for the lanes; `sut` its role.

    Frames in `cited` are marked as what a finding rests on. `key` makes ids unique in a page.
    """
    lanes = _lanes(frames)
    pieces = [rows[start : start + _ROWS_A_PIECE] for start in range(0, len(rows), _ROWS_A_PIECE)]
    return [
        _piece(piece, lanes, sut, cited, f"{key}-{n}", f"part {n} of {len(pieces)}")
        for n, piece in enumerate(pieces, start=1)
    ]


def _lanes(frames: Sequence[Frame]) -> dict[str, float]:
    """Every role that spoke, and the partners of those, each with the place of its lane."""
    speak = {frame.sender for frame in frames if not frame.event or frame.sender in _PEERS}
    roles = speak | {_PEERS[role] for role in speak if role in _PEERS}
    known = [role for role in _ORDER if role in roles] + sorted(roles - set(_ORDER))
    if len(known) < 2:
        known += ["", " "][: 2 - len(known)]
    first, last = _GUTTER + 30, _WIDTH - _RIGHT - 30
    step = (last - first) / (len(known) - 1)
    return {role: first + n * step for n, role in enumerate(known)}


def _piece(rows: Sequence[Row], lanes: dict[str, float], sut: str, cited: Collection[int], key: str, part: str) -> str:
    height = _HEAD + len(rows) * _ROW + _FOOT
    words = f"Ladder diagram, {part}: {_span(rows)}"
    drawn = [
        f'<svg class="ladder" role="img" aria-labelledby="{key}-title" viewBox="0 0 {_WIDTH} {height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{key}-title">{escape(words)}</title>'
    ]
    for role, x in lanes.items():
        drawn.append(f'<path class="lane" d="M{x:.0f} {_HEAD - 6}V{height}"/>')
        drawn.append(_text(x, 16, _lane_name(role, sut), "role sut" if role == sut else "role"))
    for n, row in enumerate(rows):
        drawn.append(_draw(row, _HEAD + n * _ROW, lanes, cited))
    return "".join(drawn) + "</svg>"


def _span(rows: Sequence[Row]) -> str:
    numbers = [frame.number for row in rows for frame in ((row,) if isinstance(row, Frame) else row.frames)]
    return f"frames {min(numbers)} to {max(numbers)}" if numbers else "no frames"


def _lane_name(role: str, sut: str) -> str:
    name = _NAMES.get(role, role.strip())
    return f"{name} (SUT)" if role == sut and name else name


def _draw(row: Row, top: float, lanes: dict[str, float], cited: Collection[int]) -> str:
    if isinstance(row, Frame):
        return _frame(row, top, lanes, row.number in cited)
    if isinstance(row, Folded):
        what = f"{row.times} × {' → '.join(row.block)}"
        return _fold_row(top, what, f"frames {row.frames[0].number}–{row.frames[-1].number}, {_lasting(row)}")
    return _fold_row(top, f"{len(row.frames)} frame{'s' * (len(row.frames) != 1)} not drawn here", _lasting(row))


def _frame(frame: Frame, top: float, lanes: dict[str, float], cited: bool) -> str:
    classes = " ".join(filter(None, ("row", "cited" * cited, "altered" * bool(frame.altered_by), _outcome(frame))))
    parts = [f'<g class="{classes}">']
    if cited:
        parts.append(f'<rect class="mark" x="2" y="{top + 1:.0f}" width="{_WIDTH - 4}" height="{_ROW - 2}" rx="3"/>')
    parts.append(_text(10, top + 17, f"#{frame.number}", "number"))
    parts.append(_text(_GUTTER - 14, top + 17, f"{frame.at:.3f} s", "time"))
    if cited:
        parts.append(_text(10, top + 32, "finding", "flag"))
    parts.append(_event(frame, top) if frame.event else _arrow(frame, top, lanes))
    return "".join(parts) + "</g>"


def _event(frame: Frame, top: float) -> str:
    box = f'<rect class="event" x="{_BOX_LEFT}" y="{top + 6:.0f}" width="{_BOX_WIDTH}" height="25" rx="12"/>'
    told = frame.says.startswith(f"{frame.sender}:")
    said = frame.says if told else f"{_NAMES.get(frame.sender, frame.sender)}: {frame.says}"
    return box + _text(_BOX_LEFT + _BOX_WIDTH / 2, top + 22, said, "says")


def _arrow(frame: Frame, top: float, lanes: dict[str, float]) -> str:
    start = lanes.get(frame.sender, next(iter(lanes.values())))
    end = lanes.get(_PEERS.get(frame.sender, ""), _other(lanes, frame.sender))
    step = 7 if end > start else -7
    y = top + 20
    line = f'<path class="arrow" d="M{start:.0f} {y:.0f}H{end - step:.0f}"/>'
    tip = f'<path class="tip" d="M{end:.0f} {y:.0f}l{-step * 1.3:.0f} -4v8z"/>'
    name = f"{frame.name}, altered by {frame.altered_by}" if frame.altered_by else frame.name
    middle = (start + end) / 2
    fields = key_text(frame)
    return line + tip + _text(middle, y - 5, name, "name") + _text(_beside(middle, fields), y + 12, fields, "fields")


def _beside(middle: float, text: str) -> float:
    """The place under an arrow where a line of small text touches neither the times on the left nor the edge on the right."""
    half = min(len(text), _CHARACTERS) * _SMALL / 2
    return max(_GUTTER + half, min(middle, _WIDTH - 6 - half))


def _other(lanes: dict[str, float], role: str) -> float:
    return next((x for name, x in lanes.items() if name != role), _WIDTH - _RIGHT)


def _outcome(frame: Frame) -> str:
    """A refusal or warning of the peer is coloured as such; the words say it too."""
    fields = key_text(frame)
    if fields.startswith("WARNING"):
        return "warned"
    refused = fields.startswith(("FAILED", *_REFUSALS)) or frame.name.endswith((".error", ".resulterror"))
    return "failed" if refused else ""


_REFUSALS = ("Rejected", "NotSupported", "Failed", "Invalid", "Blocked", "Unknown")
"""How the statuses of OCPP begin with which something is refused."""


def _fold_row(top: float, what: str, more: str) -> str:
    box = f'<rect class="fold" x="{_BOX_LEFT}" y="{top + 4:.0f}" width="{_BOX_WIDTH}" height="30" rx="4"/>'
    middle = _BOX_LEFT + _BOX_WIDTH / 2
    return f'<g class="row">{box}{_text(middle, top + 17, what, "says")}{_text(middle, top + 29, more, "fields")}</g>'


def _lasting(row: Folded | Gap) -> str:
    first, last = row.frames[0].at, row.frames[-1].at
    return f"{first:.3f} s to {last:.3f} s"


def _text(x: float, y: float, text: str, style: str) -> str:
    if not text:
        return ""
    short = text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
    return f'<text class="{style}" x="{x:.0f}" y="{y:.0f}">{escape(_printable(short))}</text>'


def _printable(text: str) -> str:
    """Control characters have no place in XML."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
