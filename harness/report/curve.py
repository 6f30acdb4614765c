"""A power curve as a static picture (SVG with text as text): lines, limits as bands, and marks where something failed."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from harness.evidence.reading import Frame
from harness.evidence.record import CaseRecord
from harness.report.series import Band, Curve, Line, Point, power_curve

_SIZE = (7.2, 3.0)
_AXES = (0.095, 0.33, 0.89, 0.64)
"""Left, bottom, width, height; the legend has the room below. Fixed, for working out a layout doubles the time."""
_MARK, _MARKS_AT_MOST = "#8c0d26", 8
_POINTS_AT_MOST = 400
_HEADROOM = 1.6
"""A limit further out than this many times the largest power is not drawn but named in the legend."""

# Okabe and Ito's colours: told apart by every kind of colour vision; shapes and dashes say the same again
_LINES: dict[str, dict[str, Any]] = {
    "reported": {"color": "#0072B2", "linewidth": 1.8},
    "told": {"color": "#222222", "linewidth": 1.1, "marker": "s", "markersize": 2.8},
    "setpoint": {"color": "#B34700", "linewidth": 1.4, "linestyle": (0, (4, 2))},
    "limit": {"color": "#7a4d8f", "linewidth": 1.0, "linestyle": (0, (1, 1.5))},
    "measured": {"color": "#00694C", "linewidth": 1.0, "marker": "o", "markersize": 2.6, "markevery": 1},
}
_BANDS: dict[str, dict[str, Any]] = {
    "EVSE": {"facecolor": "#9aa7b5", "alpha": 0.22, "edgecolor": "none"},
    "EV": {"facecolor": "none", "edgecolor": "#8d6d9b", "hatch": "////", "linewidth": 0.0, "alpha": 0.45},
}
_EDGES: dict[str, dict[str, Any]] = {
    "EVSE": {"color": "#5b6b7c", "linewidth": 0.9},
    "EV": {"color": "#7a4d8f", "linewidth": 0.9, "linestyle": (0, (1, 1.5))},
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "v2x-harness",
    "text.parse_math": False,
    "font.size": 8.5,
    "hatch.linewidth": 0.5,
}


def case_curve(case: CaseRecord, frames: Sequence[Frame], *, key: str) -> str | None:
    """The picture of one case, with a mark at the frame of each finding; None when no power was seen."""
    curve = power_curve(frames)
    found = (*case.findings, *case.rule_findings)
    marks = {each.at: f"#{each.frame}" for each in found if each.at is not None and each.frame is not None}
    return None if curve is None else curve_svg(curve, key=key, marks=sorted(marks.items())[:_MARKS_AT_MOST])


def curve_svg(curve: Curve, *, key: str, marks: Iterable[tuple[float, str]] = ()) -> str:
    """The picture as an ``<svg>`` element. `key` makes its ids unique in a page; `marks` are (s, label)."""
    return _inline(_drawn(curve, tuple(marks)), key, describe(curve))


@lru_cache(maxsize=256)
def _drawn(curve: Curve, marks: tuple[tuple[float, str], ...]) -> str:
    """The same curve stands in the page twice and among Allure's attachments; drawing takes a tenth of a second."""
    end = max([curve.end, 0.001, *(at for at, _ in marks)])
    reach = _reach(curve)
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=_SIZE)
        axes = figure.add_axes(_AXES)
        for band in curve.bands:
            _draw_band(axes, band, end, reach)
        for line in curve.lines:
            _draw_line(axes, line, end)
        for at, label in marks:
            _draw_mark(axes, at, label)
        _dress(axes, end, reach)
        figure.legend(*axes.get_legend_handles_labels(), loc="lower left", ncols=2, frameon=False, fontsize=7.5)
        drawn = io.StringIO()
        figure.set_canvas(FigureCanvasSVG(figure))
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


def describe(curve: Curve) -> str:
    """The curve in words, for those who cannot see it."""
    said = []
    for line in curve.lines:
        powers = [value for _, value in line.points]
        said.append(f"{line.label}: {len(powers)} values from {_kilo(min(powers))} to {_kilo(max(powers))}")
    if curve.left_out:
        said.append(f"{curve.left_out} values beyond any possible power are not drawn")
    return f"Power over {curve.end:.1f} s. " + "; ".join(said) + "."


def _reach(curve: Curve) -> tuple[float, float]:
    """The span of the axis in kW: all powers, and the limits near them."""
    powers = [value / 1000 for line in curve.lines for _, value in line.points] + [0.0]
    largest = max(map(abs, powers)) or 1.0
    limits = [value / 1000 for band in curve.bands for step in band.steps for value in step[1:]]
    near = [each for each in limits if abs(each) <= largest * _HEADROOM]
    low, high = min(powers + near), max(powers + near)
    room = max(high - low, 0.5) * 0.14
    return low - room, high + room


def _draw_band(axes: Axes, band: Band, end: float, reach: tuple[float, float]) -> None:
    steps = _tightest(band.steps)
    times = [*(at for at, _, _ in steps), max(end, steps[-1][0])]
    lower = [*(low / 1000 for _, low, _ in steps), steps[-1][1] / 1000]
    upper = [*(high / 1000 for _, _, high in steps), steps[-1][2] / 1000]
    label = f"{band.label} (last {_kilo(steps[-1][1])} … {_kilo(steps[-1][2])})"
    axes.fill_between(times, lower, upper, step="post", label=label, **_BANDS[band.side])
    for edge in (upper, lower):
        if any(reach[0] <= value <= reach[1] for value in edge):
            axes.step(times, edge, where="post", **_EDGES[band.side])


def _draw_line(axes: Axes, line: Line, end: float) -> None:
    points = _thinned(line.points)
    style = _LINES[line.kind]
    if line.held:
        label: str | None = line.label
        for stretch, until in _stretches(points, line.ends, end):
            times, values = _steps(stretch, until)
            axes.step(times, values, where="post", label=label, **style)
            label = None  # one entry in the legend
    else:
        axes.plot([at for at, _ in points], [value / 1000 for _, value in points], label=line.label, **style)


def _draw_mark(axes: Axes, at: float, label: str) -> None:
    axes.axvline(at, color=_MARK, linewidth=1.0, linestyle=(0, (2, 2)))
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (2, -8), "textcoords": "offset points"}
    axes.annotate(label, (at, 1), color=_MARK, fontsize=7.5, **place)


def _dress(axes: Axes, end: float, reach: tuple[float, float]) -> None:
    axes.axhline(0, color="#333333", linewidth=0.7)
    axes.set_xlim(0, end * 1.02)
    axes.set_ylim(*reach)
    axes.set_xlabel("time since the case began [s]")
    axes.set_ylabel("power [kW]\n− discharge   charge +")
    axes.grid(True, color="#d8dde3", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _stretches(points: Sequence[Point], ends: Sequence[float], end: float) -> Iterable[tuple[Sequence[Point], float]]:
    """The points between two ends each, with when their stretch ends."""
    begun = -math.inf
    for until in (*sorted(ends), math.inf):
        if stretch := [point for point in points if begun < point[0] <= until]:
            yield stretch, min(until, end)
        begun = until


def _steps(points: Sequence[Point], end: float) -> tuple[list[float], list[float]]:
    """Times and kW of values that hold until the next one, and the last until the end. Repeated values are one."""
    kept = _thinned([point for n, point in enumerate(points) if n == 0 or point[1] != points[n - 1][1]])
    return [*(at for at, _ in kept), max(end, kept[-1][0])], [*(value / 1000 for _, value in kept), kept[-1][1] / 1000]


def _tightest(steps: Sequence[tuple[float, float, float]]) -> Sequence[tuple[float, float, float]]:
    """At most some hundred steps; of each stretch the one that allows least, for that one is broken first."""
    if len(steps) <= _POINTS_AT_MOST:
        return steps
    stretch = -(-len(steps) // _POINTS_AT_MOST)
    parts = (steps[start : start + stretch] for start in range(0, len(steps), stretch))
    return [*(min(part, key=lambda step: step[2] - step[1]) for part in parts), steps[-1]]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most some hundred points, keeping the smallest and the largest of every stretch, for those are the point."""
    if len(points) <= _POINTS_AT_MOST:
        return points
    stretch = -(-len(points) * 2 // _POINTS_AT_MOST)
    kept: list[Point] = []
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        kept += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return [points[0], *kept, points[-1]]


def _kilo(watts: float) -> str:
    return f"{watts / 1000:+.1f} kW".replace("-", "−")


def _inline(svg: str, key: str, words: str) -> str:
    """One element for a page: no prologue, no metadata, ids of its own, a text for readers who see no picture."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|xlink:href="#)', lambda found: f"{found[1]}{key}-", svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    view = re.search(r'viewBox="[^"]+"', svg)
    head = f'<svg class="curve" role="img" aria-labelledby="{key}-title" {view[0] if view else ""} '
    head += 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    return head + f'<title id="{key}-title">{escape(words)}</title>' + svg[svg.index(">") + 1 :].strip()
