"""Evidence is on disk as the case goes, and the run record can be put together from what lies there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from harness.errors import BenchError, UsageError
from harness.evidence.bundle import Bundle, new_bundle, newest_bundle, open_bundle
from harness.evidence.json import read_case, read_run
from harness.evidence.record import CaseRecord, NotRun, RuleRecord, RunRecord
from harness.evidence.recorder import CaseRecorder, assemble, begin_run
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.observation import Sample, Silence
from harness.link.trace import Timeline
from harness.link.transport import Address
from harness.link.virtual import VirtualTimeLoop
from harness.verdict.verdict import Finding, Verdict

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
DEVICE = {"vendor": "Ünïcode & Söhne", "model": "../X 1", "serial": "", "password": "hunter2"}


class ResponseCode(Enum):
    FAILED = "FAILED"


@dataclass(frozen=True)
class RationalNumberType:
    Exponent: int
    Value: int


@dataclass(frozen=True)
class BPT_Dynamic_DC_CLReqControlMode:
    EVMaximumDischargePower: RationalNumberType
    DepartureTime: int | None = None


@dataclass(frozen=True)
class DC_ChargeLoopReq:
    SessionID: bytes
    CLReqControlMode: BPT_Dynamic_DC_CLReqControlMode
    ResponseCode: ResponseCode


LOOP = DC_ChargeLoopReq(
    b"\x01\xff", BPT_Dynamic_DC_CLReqControlMode(RationalNumberType(-1, 20005)), ResponseCode.FAILED
)


def case(id: str = "TC_SECC_DC_BPT_001", **changes: Any) -> CaseRecord:
    plain = CaseRecord(id, "secc", "purpose", "text", ("[V2G20-1]",), "", ("m",), Verdict.NONE, START.isoformat(), 0.0)
    return replace(plain, **changes)


def run_record(**changes: Any) -> RunRecord:
    plain = RunRecord(
        version=1,
        harness="0.1.0",
        command="v2x-harness run --password hunter2",
        started=START.isoformat(),
        ended=START.isoformat(),
        elapsed=0.0,
        verdict=Verdict.NONE,
        sentence="",
        exit_code=2,
        device=DEVICE,
        description="",
        environment={},
        options={},
    )
    return replace(plain, **changes)


def in_virtual_time(scenario: Callable[[Timeline], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.sleep(1000)  # a real loop's clock does not begin at 0 either
        await scenario(Timeline(Clock(START)))

    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(whole())
    finally:
        loop.close()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    bundle = new_bundle(tmp_path, DEVICE, START)
    begin_run(bundle, run_record(), "device: {vendor: x}\n")
    return bundle


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_bundle_name_is_safe_and_says_when_and_what(tmp_path: Path) -> None:
    assert new_bundle(tmp_path, DEVICE, START).folder.name == "20260504T030201Z_Unicode-Sohne-X-1_unknown"


def test_second_bundle_of_the_same_second_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    first, second = new_bundle(tmp_path, DEVICE, START), new_bundle(tmp_path, DEVICE, START)
    assert second.folder.name == f"{first.folder.name}-2"


def test_bundle_that_cannot_be_made_names_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match=r"file.*--out"):
        new_bundle(tmp_path / "file", DEVICE, START)


def test_newest_bundle_is_the_one_of_the_latest_second(tmp_path: Path) -> None:
    for minute in (3, 9, 5):
        begin_run(new_bundle(tmp_path, DEVICE, START.replace(minute=minute)), run_record(), "")
    assert newest_bundle(tmp_path).folder.name.startswith("20260504T030901Z")


def test_folder_without_a_run_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report bundle"):
        open_bundle(tmp_path)
    with pytest.raises(UsageError, match="v2x-harness run"):
        newest_bundle(tmp_path)


def test_observations_are_on_disk_before_the_case_ends(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        await asyncio.sleep(2.5)
        timeline.observe("v2g", "evcc", LOOP, octets=b"\x80\x01", connection=2, altered_by="cut", facts={"type": 5})
        timeline.observe("v2g", "secc", Silence(0.5))
        (message, event) = lines(recorder.folder / "messages.jsonl")

        assert message["at"] == 2.5
        assert message["wall"] == "2026-05-04T03:02:03.500000Z"
        assert message["octets"] == "8001"
        assert (message["altered_by"], message["connection"], message["facts"]) == ("cut", 2, {"type": 5})
        assert (event["kind"], event["says"]) == ("event", "nothing for 0.500 s")
        in_flight = read_case(recorder.folder / "case.json")
        assert in_flight.verdict is Verdict.ERROR
        assert "in flight" in in_flight.error
        recorder.close(case(verdict=Verdict.PASS))

    in_virtual_time(scenario)


def test_message_is_written_with_the_names_of_the_standard(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        timeline.observe("v2g", "evcc", LOOP)
        (line,) = lines(recorder.folder / "messages.jsonl")
        assert line["message"] == {
            "SessionID": "01ff",
            "BPT_Dynamic_DC_CLReqControlMode": {
                "EVMaximumDischargePower": {"Exponent": -1, "Value": 20005, "value": 2000.5}
            },
            "ResponseCode": "FAILED",
        }
        recorder.close(case(verdict=Verdict.PASS))

    in_virtual_time(scenario)


def test_hostile_message_content_is_written_and_stops_nothing(bundle: Bundle) -> None:
    nested: Any = "deep"
    for _ in range(5000):
        nested = [nested]

    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        timeline.observe("ocpp", "station", {"\ud800": "\udfff", "number": float("inf"), "object": object()})
        timeline.observe("ocpp", "station", nested)
        timeline.observe("v2g", "secc", RationalNumberType(10**9, 1))
        recorder.close(case(verdict=Verdict.PASS))
        first, second, third = lines(recorder.folder / "messages.jsonl")
        assert first["message"]["number"] == "inf"
        assert "nested too deeply" in json.dumps(second)
        assert third["message"]["value"] is None

    in_virtual_time(scenario)


def test_meter_samples_stand_in_a_file_of_their_own(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        timeline.observe("meter", "meter", Sample(-3000.0, voltage=400.0))
        (sample,) = lines(recorder.folder / "samples.jsonl")
        assert (sample["power"], sample["voltage"], sample["at"]) == (-3000.0, 400.0, 0.0)
        assert "current" not in sample
        recorder.close(case(verdict=Verdict.PASS))

    in_virtual_time(scenario)


def test_times_of_findings_count_from_the_start_of_the_case(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        await asyncio.sleep(3)
        seen = timeline.observe("v2g", "secc", LOOP)
        finding = Finding("TC", Verdict.FAIL, "[V2G20-1]", "a", "b", frame=1, at=seen.at)
        record = recorder.close(case(verdict=Verdict.FAIL, findings=(finding,), rule_findings=(finding,)))
        assert record.findings[0].at == record.rule_findings[0].at == 3.0
        assert read_case(recorder.folder / "case.json") == record
        assert record.evidence == "evidence/TC_SECC_DC_BPT_001"

    in_virtual_time(scenario)


def test_what_is_seen_after_the_case_is_closed_is_not_recorded(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        timeline.observe("v2g", "secc", LOOP)
        recorder.close(case(verdict=Verdict.PASS))
        timeline.observe("v2g", "secc", LOOP)
        assert len(lines(recorder.folder / "messages.jsonl")) == 1

    in_virtual_time(scenario)


def test_repeated_case_keeps_the_evidence_of_both(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        for _ in range(2):
            CaseRecorder(bundle, case(), timeline).close(case(verdict=Verdict.PASS))

    in_virtual_time(scenario)
    assert [each.evidence for each in assemble(bundle, complete=True).cases] == [
        "evidence/TC_SECC_DC_BPT_001",
        "evidence/TC_SECC_DC_BPT_001-2",
    ]


def test_evidence_that_cannot_be_written_is_said_when_the_case_closes(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        (recorder.folder / "messages.jsonl").mkdir()  # the name is taken
        timeline.observe("v2g", "secc", LOOP)
        with pytest.raises(BenchError, match="cannot write evidence"):
            recorder.close(case(verdict=Verdict.PASS))

    in_virtual_time(scenario)


def test_run_is_assembled_from_the_cases_and_concluded(bundle: Bundle) -> None:
    found = Finding("RULE_sign_001", Verdict.FAIL, "[V2G20-2]", "negative", "positive", frame=1)

    async def scenario(timeline: Timeline) -> None:
        CaseRecorder(bundle, case("TC_SECC_b_002"), timeline).close(
            case("TC_SECC_b_002", verdict=Verdict.PASS, rule_findings=(found,), rules_checked={"RULE_sign_001": 7})
        )
        CaseRecorder(bundle, case("TC_SECC_a_001"), timeline).close(
            case("TC_SECC_a_001", verdict=Verdict.PASS, rules_checked={"RULE_sign_001": 4, "RULE_other_001": 0})
        )

    in_virtual_time(scenario)
    rule = RuleRecord("RULE_sign_001", "sign", "", ("[V2G20-2]",), Verdict.NONE, 0, 0)
    begin_run(bundle, run_record(rules=(rule,)), "")
    run = assemble(bundle, ended=START.replace(second=31), complete=True)

    assert [each.id for each in run.cases] == ["TC_SECC_a_001", "TC_SECC_b_002"]
    other, sign = run.rules
    assert (sign.verdict, sign.checked, sign.cases, sign.purpose) == (Verdict.FAIL, 11, 2, "sign")
    assert sign.findings == (("TC_SECC_b_002", found),)
    assert (other.verdict, other.cases) == (Verdict.NONE, 0)
    assert (run.verdict, run.exit_code, run.elapsed) == (Verdict.FAIL, 1, 30.0)
    assert read_run(bundle.run) == run


def test_crashed_run_keeps_finished_cases_and_says_what_is_missing(bundle: Bundle) -> None:
    planned = [NotRun(id, "p", ("r",), "not reached", "") for id in ("TC_A_x_001", "TC_A_x_002", "TC_A_x_003")]
    begin_run(bundle, run_record(not_run=(*planned, NotRun("TC_A_x_004", "p", ("r",), "not applicable", "x"))), "")

    async def scenario(timeline: Timeline) -> None:
        CaseRecorder(bundle, case("TC_A_x_001"), timeline).close(case("TC_A_x_001", verdict=Verdict.PASS))
        CaseRecorder(bundle, case("TC_A_x_002"), timeline)  # never closed

    in_virtual_time(scenario)
    run = assemble(bundle)

    assert not run.complete
    assert [(each.id, each.verdict) for each in run.cases] == [
        ("TC_A_x_001", Verdict.PASS),
        ("TC_A_x_002", Verdict.ERROR),
    ]
    assert [(each.id, each.why) for each in run.not_run] == [
        ("TC_A_x_003", "not reached"),
        ("TC_A_x_004", "not applicable"),
    ]
    assert run.exit_code == 4


def test_damaged_case_record_costs_its_case_and_not_the_report(bundle: Bundle) -> None:
    folder = bundle.new_case_folder("TC_A_x_001")
    (folder / "case.json").write_text("{", encoding="utf-8")
    for _ in range(2):  # assembling twice says it once
        run = assemble(bundle, complete=True)
        assert len(run.bench_errors) == 1
    assert "evidence/TC_A_x_001/case.json is damaged" in run.bench_errors[0]
    assert run.exit_code == 4


def test_secrets_reach_neither_record_nor_description_copy(tmp_path: Path) -> None:
    bundle = new_bundle(tmp_path, DEVICE, START)
    begin_run(bundle, run_record(options={"token": "hunter2"}), "bench:\n  password: hunter2  # keep safe\n")
    for path in (bundle.run, bundle.description):
        assert "hunter2" not in path.read_text(encoding="utf-8")
    assert "# keep safe" in bundle.description.read_text(encoding="utf-8")


def test_capture_of_a_case_lies_beside_its_messages(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        capture = Capture()
        flow = capture.flow(Address("fe80::1", 50000), Address("fe80::2", 61341))
        capture.add(timeline.clock.now(), flow, b"hello there", outbound=True)
        recorder.close(case(verdict=Verdict.PASS), capture)
        octets = (recorder.folder / "capture.pcapng").read_bytes()
        assert octets.startswith(b"\x0a\x0d\x0d\x0a")
        assert b"hello there" in octets

    in_virtual_time(scenario)


def test_case_without_traffic_has_no_capture(bundle: Bundle) -> None:
    async def scenario(timeline: Timeline) -> None:
        recorder = CaseRecorder(bundle, case(), timeline)
        recorder.close(case(verdict=Verdict.PASS), Capture())
        assert not (recorder.folder / "capture.pcapng").exists()

    in_virtual_time(scenario)
