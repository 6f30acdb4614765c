"""The auditor's page says everything that the record holds, safely and in a form that any browser reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.evidence.bundle import Bundle
from harness.evidence.record import RunRecord
from harness.evidence.recorder import assemble
from harness.report.html import report_html
from harness.verdict.verdict import Verdict
from tests.report.sample import SCENARIOS, failing, make_bundle, passing, run_record

_VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """What a page holds, and whether its elements are nested as they should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: Counter[str] = Counter()
        self.headings: list[int] = []
        self.words: list[str] = []
        self.labelled_pictures = 0
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        if tag not in _VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        self.labelled_pictures += tag == "svg" and given.get("role") == "img" and "aria-labelledby" in given
        for name in ("href", "xlink:href"):
            if given.get(name):
                self.links.append(given[name] or "")
        self.sources += [value or "" for name, value in attrs if name in ("src", "srcset", "data", "action")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split()).replace(" ,", ",")


@pytest.fixture(scope="module")
def text(sample: tuple[Bundle, RunRecord]) -> str:
    return (sample[0].folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_id_is_given_once_and_every_anchor_leads_somewhere(page: Page) -> None:
    assert [each for each, times in Counter(page.ids).items() if times > 1] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_nothing_is_fetched_from_anywhere(page: Page, text: str) -> None:
    assert page.sources == []
    assert page.tags["link"] == page.tags["iframe"] == page.tags["img"] == 0
    assert {link.split("/")[0] for link in page.links if not link.startswith("#")} == {"evidence"}
    assert "@import" not in text
    assert "url(http" not in text


def test_evidence_is_linked_and_there(page: Page, sample: tuple[Bundle, RunRecord]) -> None:
    linked = [link for link in page.links if not link.startswith("#")]
    assert len(linked) > len(SCENARIOS)
    assert all((sample[0].folder / link).is_file() for link in linked)


def test_hostile_texts_stay_texts(page: Page, text: str) -> None:
    assert page.tags["script"] == 1  # our own, for printing
    assert page.tags["b"] == text.count("<b>")
    assert '<script>alert("1")</script>' in page.text
    assert "Ünïcode & Söhne <b>X</b> 1" in page.text


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_every_picture_has_words_for_those_who_cannot_see_it(page: Page) -> None:
    assert page.tags["svg"] == page.labelled_pictures > 8
    assert page.tags["title"] == page.tags["svg"] + 1


def test_sections_come_in_the_order_an_auditor_reads(text: str) -> None:
    order = ["verdict", "scope", "requirements", "failures", "provisional", "inconclusive", "rules", "field", "cases"]
    places = [text.index(f'id="{each}"') for each in order]
    assert places == sorted(places)


def test_verdict_identity_and_scope_are_said(page: Page, sample: tuple[Bundle, RunRecord]) -> None:
    for said in (sample[1].sentence, "0007", "veth0", "v2x-harness 0.1.0", sample[0].folder.name):
        assert said in page.text
    for reason in ("SECC.AC is not claimed", "the bench cannot notify", "needs 3600 s"):
        assert reason in page.text
    assert "hunter2" not in page.text


def test_failure_says_expected_actual_requirement_frame_and_advice(text: str) -> None:
    failure = Page(_section(text, "failures")).text
    for said in (
        "discharge power: at most 9000 W",
        "11200 W",
        "violates neither the limits of the EV nor its own",
        "frame 212, 6.020 s of TC_SECC_DC_BPT_002",
        "Follow EVMaximumDischargePower of the latest request.",
        "#212",
        "Power over",
    ):
        assert said in failure
    assert "[V2G20-99999] Expected OK Actual FAILED_SequenceError" in failure  # an id that the catalogue lacks
    assert "EVSEMaximumChargePower 22000 W, announced 20000 W" in failure  # the broken rule
    assert "TC_SECC_DC_BPT_003" not in failure  # provisional and field findings are no failures


def test_provisional_field_and_inconclusive_findings_have_their_own_place(text: str) -> None:
    assert "ramp: at most 1 s" in Page(_section(text, "provisional")).text
    assert "FIELD-DISCHARGE-LIMIT-SIGN" in Page(_section(text, "field")).text
    inconclusive = Page(_section(text, "inconclusive")).text
    assert "no observation to judge" in inconclusive
    assert "the meter is silent" in inconclusive


def test_every_case_is_there_with_text_checks_ladder_and_evidence(text: str) -> None:
    cases = _section(text, "cases")
    said = Page(cases).text
    for number in ("DC_BPT_001", "DC_BPT_002", "DC_BPT_003", "timing_001", "timing_002"):
        assert f"TC_SECC_{number}" in said
    assert cases.count('class="curve"') == 3
    assert "at most 9000 W (+200 W)" in said
    assert "not confirmed" in said
    assert "SECC: nothing for 5.000 s" in said
    assert "DC_ChargeLoopReq, altered by Changes(EVMaximumDischargePower)" in said


def test_field_findings_are_failures_when_the_run_is_strict(tmp_path: Path) -> None:
    bundle, run = make_bundle(tmp_path, SCENARIOS[2:3], replace(run_record(), strict_field=True))
    assert run.verdict is Verdict.FAIL
    page = report_html(run, bundle.folder)
    assert "FIELD-DISCHARGE-LIMIT-SIGN" in Page(_section(page, "failures")).text
    assert "They count as failures in this run" in page


def test_rule_broken_in_many_cases_is_explained_once(tmp_path: Path) -> None:
    bundle, run = make_bundle(tmp_path, [failing] * 3)
    failures = Page(_section(report_html(run, bundle.folder), "failures")).text
    assert failures.count("RULE_loop_response_002 (rule)") == 1
    assert failures.count("Keep the announced limits in the loop.") == 1
    assert "also in TC_SECC_DC_BPT_002, TC_SECC_DC_BPT_002" in failures


def test_run_without_any_case_has_a_page(tmp_path: Path) -> None:
    bundle, run = make_bundle(tmp_path, [], replace(run_record(), rules=(), not_run=(), device={}))
    page = Page(report_html(run, bundle.folder))
    assert "Inconclusive: no case was run" in page.text
    assert "device under test" in page.text


def test_run_that_ended_early_says_so(tmp_path: Path) -> None:
    bundle, _ = make_bundle(tmp_path, [passing])
    run = assemble(bundle, bench_errors=["eth0 <down>"], complete=False)
    page = Page(report_html(run, bundle.folder)).text
    assert "This run is incomplete" in page
    assert "eth0 <down>" in page


def test_lost_evidence_costs_pictures_and_not_the_page(tmp_path: Path) -> None:
    bundle, run = make_bundle(tmp_path, [passing, failing])
    (first, second) = (bundle.folder / case.evidence / "messages.jsonl" for case in run.cases)
    first.unlink()
    kept = second.read_text(encoding="utf-8").splitlines()[:4]
    second.write_text("\n".join([*kept, '{"number": 5, "at"', "null", "7"]), encoding="utf-8")
    page = Page(report_html(run, bundle.folder)).text
    assert "No message was exchanged." in page
    assert "#4" in page


def test_page_of_sixty_long_cases_is_small_enough_to_send(tmp_path: Path) -> None:
    bundle, run = make_bundle(tmp_path, [failing] * 4)
    page = len(report_html(run, bundle.folder).encode())
    empty = len(report_html(replace(run, cases=(), rules=()), bundle.folder).encode())
    assert (page - empty) / 4 * 60 < 8_000_000


def test_page_is_the_same_every_time(sample: tuple[Bundle, RunRecord], text: str) -> None:
    assert report_html(sample[1], sample[0].folder) == text


def _section(text: str, name: str) -> str:
    start = text.index(f'<section id="{name}"')
    return text[start : text.index("</section>", start) + len("</section>")]
