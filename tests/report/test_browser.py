"""In a real browser the page shows its pictures, opens its cases, prints whole, fits a phone, and talks to nobody."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from harness.evidence.bundle import Bundle
from harness.evidence.record import RunRecord
from tests.report.browser import Tab, browser_tab, find_browser

_PROGRAM = find_browser()
pytestmark = pytest.mark.skipif(_PROGRAM is None, reason="no Chromium or Chrome on this machine")

_VISIBLE = """[...document.querySelectorAll('%s')].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width > 100 && box.height > 30 && each.checkVisibility({contentVisibilityAuto: true});
}).length"""


@pytest.fixture(scope="module")
def tab(sample: tuple[Bundle, RunRecord], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    assert _PROGRAM is not None
    with browser_tab(_PROGRAM, tmp_path_factory.mktemp("profile")) as tab:
        tab.width(1280)
        tab.show(sample[0].folder / "report.html")
        yield tab


def test_page_loads_without_complaint(tab: Tab) -> None:
    assert tab.told("Runtime.exceptionThrown") == []
    assert tab.told("Log.entryAdded") == []
    assert tab.told("Runtime.consoleAPICalled") == []
    assert "Ünïcode" in tab.evaluate("document.title")


def test_nothing_but_the_page_itself_is_asked_for(tab: Tab) -> None:
    asked = [each["request"]["url"] for each in tab.told("Network.requestWillBeSent")]
    assert len(asked) == 1
    assert asked[0].endswith("/report.html")


def test_failures_show_ladder_and_curve_at_once(tab: Tab) -> None:
    assert tab.evaluate(_VISIBLE % "#failures svg.ladder") == 2
    assert tab.evaluate(_VISIBLE % "#failures svg.curve") == 2
    assert tab.evaluate("document.querySelector('#failures svg.curve').textContent.includes('power [kW]')")


def test_case_opens_and_shows_its_pictures(tab: Tab) -> None:
    first = "document.querySelector('details.case')"
    assert tab.evaluate(_VISIBLE % "details.case svg") == 0
    tab.evaluate(f"{first}.querySelector('summary').click()")
    assert tab.evaluate(f"{first}.open")
    assert tab.evaluate(_VISIBLE % "details.case[open] svg.ladder") >= 1
    assert tab.evaluate(_VISIBLE % "details.case[open] svg.curve") == 1
    tab.evaluate(f"{first}.querySelector('summary').click()")


def test_link_of_a_failure_opens_the_case_it_leads_to(tab: Tab) -> None:
    tab.evaluate("document.querySelector('#failures dd a').click()")
    hit = "document.querySelector(':target')"
    assert tab.evaluate(f"{hit}.id") == "case-TC_SECC_DC_BPT_002"
    assert tab.evaluate(f"{hit}.closest('details').open")
    tab.evaluate(f"{hit}.closest('details').open = false; location.hash = ''")


@pytest.mark.parametrize(("pixels", "phone"), [(1280, False), (390, True)])
def test_page_never_scrolls_sideways_as_a_whole(tab: Tab, pixels: int, phone: bool) -> None:
    tab.width(pixels, phone=phone)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= pixels
    tab.evaluate("document.querySelectorAll('details.case').forEach(each => each.open = false)")
    tab.width(1280)


def test_paper_holds_every_case_and_the_screen_is_as_it_was(tab: Tab) -> None:
    closed = "document.querySelectorAll('details.case:not([open])').length"
    before = tab.evaluate(closed)
    assert before == 5
    paper = base64.b64decode(tab.call("Page.printToPDF")["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 10  # with closed cases it would be half of that
    assert tab.evaluate(closed) == before


def test_text_on_badges_can_be_read(tab: Tab) -> None:
    """WCAG contrast of at least 4.5 between each badge's text and what is behind it."""
    pairs = tab.evaluate(
        """[...document.querySelectorAll('.badge')].map(each => {
          const style = getComputedStyle(each);
          const behind = style.backgroundColor.startsWith('rgba(0, 0, 0, 0') ? 'rgb(255, 255, 255)' : style.backgroundColor;
          return [style.color, behind];
        })"""
    )
    assert len(pairs) > 10
    for text, behind in pairs:
        lighter, darker = sorted((_luminance(text), _luminance(behind)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    channels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
