"""JUnit and Allure say what the record says, in the forms that their readers accept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.evidence.bundle import Bundle
from harness.evidence.record import RunRecord
from harness.report.junit import junit_xml
from harness.verdict.verdict import Verdict

# element: (attributes that must be there, attributes that may be there, children in the order they must have)
_SCHEMA: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors", "disabled"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"id", "package", "hostname"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, {"status"}, ["skipped", "error", "failure", "system-out"]),
    "skipped": (set(), {"message", "type"}, []),
    "failure": (set(), {"message", "type"}, []),
    "error": (set(), {"message", "type"}, []),
}


def check_schema(element: ElementTree.Element) -> None:
    """The common JUnit schema, as Jenkins and its kin read it."""
    needed, allowed, order = _SCHEMA[element.tag]
    assert needed <= set(element.keys()) <= needed | allowed
    places = [order.index(child.tag) for child in element]
    assert places == sorted(places)
    if element.tag == "testcase":
        assert len(element) <= 1
    for child in element:
        check_schema(child)


@pytest.fixture(scope="module")
def junit(sample: tuple[Bundle, RunRecord]) -> ElementTree.Element:
    return ElementTree.parse(sample[0].folder / "junit.xml").getroot()


def outcomes(junit: ElementTree.Element) -> dict[str, tuple[str, str]]:
    return {
        each.get("name", ""): (each[0].tag, each[0].get("type", "")) if len(each) else ("passed", "")
        for each in junit.iter("testcase")
    }


def test_junit_keeps_the_common_schema(junit: ElementTree.Element) -> None:
    check_schema(junit)


def test_junit_counts_what_it_holds(junit: ElementTree.Element) -> None:
    for suite in junit:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(f"testcase/{kind}"))


def test_junit_maps_every_verdict_and_nothing_unproven_is_green(junit: ElementTree.Element) -> None:
    assert outcomes(junit) == {
        "TC_SECC_DC_BPT_001": ("passed", ""),
        "TC_SECC_DC_BPT_002": ("failure", "nonconformity"),
        "TC_SECC_DC_BPT_003": ("error", "inconclusive"),
        "TC_SECC_timing_001": ("error", "inconclusive"),
        "TC_SECC_timing_002": ("error", "error"),
        "TC_SECC_AC_001": ("skipped", ""),
        "TC_SECC_notify_001": ("skipped", ""),
        "TC_SECC_long_001": ("skipped", ""),
        "RULE_loop_response_002": ("failure", "nonconformity"),
        "RULE_session_001": ("skipped", ""),
    }


def test_junit_failure_says_expected_actual_and_frame(junit: ElementTree.Element) -> None:
    (failure,) = junit.findall(".//testcase[@name='TC_SECC_DC_BPT_002']/failure")
    assert "expected discharge power: at most 9000 W; actual 11200 W" in (failure.text or "")
    assert "Frame 212, at 6.020 s." in (failure.text or "")
    assert '<script>alert("1")</script>' in (failure.text or "")


def test_junit_names_device_and_bundle(junit: ElementTree.Element, sample: tuple[Bundle, RunRecord]) -> None:
    listed = {each.get("name"): each.get("value") for each in junit.iter("property")}
    assert listed["device.serial"] == "0007"
    assert listed["bundle"] == sample[0].folder.name
    assert listed["device.password"] == "(redacted)"


def test_junit_of_a_run_that_broke_or_did_nothing_is_not_green(sample: tuple[Bundle, RunRecord]) -> None:
    nothing = replace(sample[1], cases=(), rules=(), not_run=(), bench_errors=("eth0 is down",), complete=False)
    junit = ElementTree.fromstring(junit_xml(nothing, "b"))
    check_schema(junit)
    assert outcomes(junit) == {
        "bench": ("error", "bench"),
        "completion": ("error", "incomplete"),
        "cases": ("error", "inconclusive"),
    }


def test_junit_counts_field_findings_when_the_run_is_strict(sample: tuple[Bundle, RunRecord]) -> None:
    strict = ElementTree.fromstring(junit_xml(replace(sample[1], strict_field=True), "b"))
    assert outcomes(strict)["TC_SECC_DC_BPT_003"] == ("failure", "nonconformity")


@pytest.fixture(scope="module")
def allure(sample: tuple[Bundle, RunRecord]) -> dict[str, dict[str, Any]]:
    files = (sample[0].folder / "allure-results").glob("*-result.json")
    results = [json.loads(each.read_text(encoding="utf-8")) for each in files]
    return {each["testCaseId"]: each for each in results}


def test_allure_maps_every_verdict(allure: dict[str, dict[str, Any]]) -> None:
    assert {id: result["status"] for id, result in allure.items()} == {
        "TC_SECC_DC_BPT_001": "passed",
        "TC_SECC_DC_BPT_002": "failed",
        "TC_SECC_DC_BPT_003": "unknown",
        "TC_SECC_timing_001": "unknown",
        "TC_SECC_timing_002": "broken",
        "TC_SECC_AC_001": "skipped",
        "TC_SECC_notify_001": "skipped",
        "TC_SECC_long_001": "skipped",
        "RULE_loop_response_002": "failed",
        "RULE_session_001": "skipped",
    }


def test_allure_labels_name_topic_and_requirements(allure: dict[str, dict[str, Any]]) -> None:
    labels = {(each["name"], each["value"]) for each in allure["TC_SECC_DC_BPT_002"]["labels"]}
    assert {("feature", "SECC / DC BPT"), ("requirement", "[V2G20-2188]")} <= labels


def test_allure_result_holds_text_findings_times_and_checks(allure: dict[str, dict[str, Any]]) -> None:
    result = allure["TC_SECC_DC_BPT_002"]
    assert result["description"].startswith("Hostile.")
    assert "11200 W" in result["statusDetails"]["trace"]
    assert result["stop"] - result["start"] == 12_500
    (step,) = result["steps"]
    assert (step["status"], step["name"]) == ("failed", "discharge power: at most 9000 W (+200 W) ([V2G20-2188])")


def test_allure_attachments_are_there(allure: dict[str, dict[str, Any]], sample: tuple[Bundle, RunRecord]) -> None:
    folder: Path = sample[0].folder / "allure-results"
    attached = {each["name"]: folder / each["source"] for each in allure["TC_SECC_DC_BPT_002"]["attachments"]}
    assert set(attached) == {"messages", "capture", "meter samples", "power curve"}
    assert all(path.stat().st_size for path in attached.values())
    ElementTree.parse(attached["power curve"])


def test_allure_ids_are_stable_over_builds_and_unique(allure: dict[str, dict[str, Any]]) -> None:
    assert len({result["uuid"] for result in allure.values()}) == len(allure)
    assert len({result["historyId"] for result in allure.values()}) == len(allure)


def test_no_verdict_is_without_a_mapping() -> None:
    from harness.report.allure import STATUSES
    from harness.report.words import VERDICTS

    assert set(STATUSES) == set(VERDICTS) == set(Verdict)
