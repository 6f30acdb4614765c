"""A believable bundle made by the real recorder: passes, failures, everything in between, and hostile texts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.evidence.bundle import Bundle, new_bundle
from harness.evidence.record import CaseRecord, NotRun, RuleRecord, RunRecord
from harness.evidence.recorder import CaseRecorder, assemble, begin_run
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.observation import BenchAction, Closed, Connected, Sample, Silence
from harness.link.trace import Timeline
from harness.link.transport import Address
from harness.link.virtual import VirtualTimeLoop
from harness.messages import common_messages as common
from harness.messages import common_types as types
from harness.messages import dc
from harness.quantity import rational as q
from harness.verdict.check import Checked
from harness.verdict.verdict import Axis, Finding, Verdict

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
HOSTILE = '<script>alert("1")</script> & "Ünïcode" ✓ \x07'
DEVICE = {
    "vendor": "Ünïcode & Söhne",
    "model": "<b>X</b> 1",
    "serial": "0007",
    "firmware": HOSTILE,
    "password": "hunter2",
}
HEADER = types.MessageHeaderType(SessionID=b"\x01\x02\x03\x04\x05\x06\x07\x08", TimeStamp=1_777_777_777)
OK = types.responseCodeType.OK


@dataclass
class Drive:
    """The tester's side of a session, by hand: every call is one observation some time later."""

    timeline: Timeline
    capture: Capture = field(default_factory=Capture)

    async def exchange(self, request: object, response: object, after: float = 0.05, altered_by: str = "") -> None:
        await asyncio.sleep(0.02)
        self.timeline.observe("v2g", "evcc", request, octets=b"\x80" * 40, connection=1, altered_by=altered_by)
        await asyncio.sleep(after)
        self.timeline.observe("v2g", "secc", response, octets=b"\x80" * 60, connection=1)

    async def open(self) -> None:
        flow = self.capture.flow(Address("fe80::1", 50001), Address("fe80::2", 61341))
        self.capture.add(self.timeline.clock.now(), flow, b"hello", outbound=True)
        self.timeline.observe("v2g", "evcc", Connected("[fe80::2]:61341", "TLSv1.3", "AES"), connection=1)
        setup = common.SessionSetupReq(Header=HEADER, EVCCID="WMIV1234567890ABCDEX")
        await self.exchange(setup, common.SessionSetupRes(Header=HEADER, ResponseCode=OK, EVSEID="DE*ABC*E1"))
        for waiting in (True, True, True, True, True, True, False):
            processing = types.processingType.Ongoing if waiting else types.processingType.Finished
            answer = dc.DC_CableCheckRes(Header=HEADER, ResponseCode=OK, EVSEProcessing=processing)
            await self.exchange(dc.DC_CableCheckReq(Header=HEADER), answer)

    async def loop(self, amperes: Iterable[float], asked: float | None = None, altered: int = -1) -> None:
        for n, current in enumerate(amperes):
            await self.exchange(
                loop_req(asked),
                loop_res(current),
                altered_by="Changes(EVMaximumDischargePower)" if n == altered else "",
            )
            if n % 2 == 0:
                self.timeline.observe("meter", "meter", Sample(current * 400.0 * 1.02, voltage=400.0, current=current))

    async def stop(self) -> None:
        stop = common.SessionStopReq(Header=HEADER, ChargingSession=common.chargingSessionType.Terminate)
        await self.exchange(stop, common.SessionStopRes(Header=HEADER, ResponseCode=OK))
        self.timeline.observe("v2g", "secc", Closed("closed"), connection=1)


def loop_req(asked: float | None) -> dc.DC_ChargeLoopReq:
    mode: object = dc.BPT_Dynamic_DC_CLReqControlMode(
        EVTargetEnergyRequest=q(40e3), EVMaximumEnergyRequest=q(60e3), EVMinimumEnergyRequest=q(-20e3),
        EVMaximumChargePower=q(30e3), EVMinimumChargePower=q(0), EVMaximumChargeCurrent=q(75), EVMaximumVoltage=q(450),
        EVMinimumVoltage=q(300), EVMaximumDischargePower=q(9e3), EVMinimumDischargePower=q(0),
        EVMaximumDischargeCurrent=q(30),
    )  # fmt: skip
    if asked is not None:
        mode = dc.BPT_Scheduled_DC_CLReqControlMode(EVTargetCurrent=q(asked), EVTargetVoltage=q(420))
    return dc.DC_ChargeLoopReq(Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=q(400), CLReqControlMode=mode)


def loop_res(current: float) -> dc.DC_ChargeLoopRes:
    mode = dc.BPT_Dynamic_DC_CLResControlMode(
        EVSEMaximumChargePower=q(22e3), EVSEMinimumChargePower=q(0), EVSEMaximumChargeCurrent=q(60),
        EVSEMaximumVoltage=q(920), EVSEMaximumDischargePower=q(-11e3), EVSEMinimumDischargePower=q(0),
        EVSEMaximumDischargeCurrent=q(30), EVSEMinimumVoltage=q(150),
    )  # fmt: skip
    return dc.DC_ChargeLoopRes(
        Header=HEADER, ResponseCode=OK, EVSEPresentCurrent=q(round(current, 1)), EVSEPresentVoltage=q(400),
        EVSEPowerLimitAchieved=False, EVSECurrentLimitAchieved=False, EVSEVoltageLimitAchieved=False,
        CLResControlMode=mode,
    )  # fmt: skip


Scenario = Callable[[Drive], Awaitable[CaseRecord]]


def case(id: str, verdict: Verdict, **more: object) -> CaseRecord:
    text = (
        f"SECC does what {id} asks for.\n\nGiven   a DC_BPT session\nwhen    the EV lowers its limit\n"
        "then    the power follows within the settling time"
    )
    plain = CaseRecord(
        id, "secc", text.splitlines()[0], text, ("[V2G20-2188]",), "SECC.DC_BPT", ("discharge-too-much",), verdict,
        START.isoformat(), 12.5,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


CHECKED = Checked("discharge power", "at most 9000 W (+200 W)", "[V2G20-2188]", True, 120, 0)
RULE_FINDING = Finding(
    "RULE_loop_response_002", Verdict.FAIL, "[V2G20-2654]", "loop limits within the announced ones",
    "EVSEMaximumChargePower 22000 W, announced 20000 W", "Keep the announced limits in the loop.", 20, 0.66,
)  # fmt: skip


async def passing(drive: Drive) -> CaseRecord:
    await drive.open()
    drive.timeline.observe("bench", "bench", BenchAction("setpoint", {"watts": -8000.0}))
    await drive.loop([min(20.0, n) for n in range(30)] + [-20.0] * 30, asked=-20.0)
    await drive.stop()
    return case("TC_SECC_DC_BPT_001", Verdict.PASS, checks=(CHECKED,), rules_checked={"RULE_loop_response_002": 60})


async def failing(drive: Drive) -> CaseRecord:
    await drive.open()
    await drive.loop([-20.0] * 60 + [-28.0] * 60, altered=60)
    bad = dc.DC_WeldingDetectionRes(
        Header=HEADER, ResponseCode=types.responseCodeType.FAILED_SequenceError, EVSEPresentVoltage=q(400)
    )
    welding = dc.DC_WeldingDetectionReq(Header=HEADER, EVProcessing=types.processingType.Ongoing)
    await drive.exchange(welding, bad)
    seen = drive.timeline.observations[211]
    findings = (
        Finding(
            "TC_SECC_DC_BPT_002", Verdict.FAIL, "[V2G20-2188]", "discharge power: at most 9000 W", f"11200 W {HOSTILE}",
            "Follow EVMaximumDischargePower of the latest request.", seen.number, seen.at,
        ),
        Finding("TC_SECC_DC_BPT_002", Verdict.FAIL, "[V2G20-99999]", "OK", "FAILED_SequenceError",
                frame=len(drive.timeline.observations), at=drive.timeline.clock.now()),
    )  # fmt: skip
    return case(
        "TC_SECC_DC_BPT_002", Verdict.FAIL, findings=findings, checks=(replace(CHECKED, broken=60),),
        rule_findings=(replace(RULE_FINDING, at=drive.timeline.clock.now()),),
        rules_checked={"RULE_loop_response_002": 120}, text=f"Hostile.\n\n{HOSTILE}",
    )  # fmt: skip


async def provisional(drive: Drive) -> CaseRecord:
    await drive.open()
    await drive.loop([10.0] * 10)
    found = Finding("TC_SECC_DC_BPT_003", Verdict.FAIL, "V2G20:ramp", "ramp: at most 1 s", "1.4 s", "Ramp faster.",
                    21, drive.timeline.clock.now(), provisional=True)  # fmt: skip
    field_found = Finding("TC_SECC_DC_BPT_003", Verdict.FAIL, "FIELD-DISCHARGE-LIMIT-SIGN", "one sign", "both signs",
                          frame=22, at=drive.timeline.clock.now(), axis=Axis.FIELD)  # fmt: skip
    loose = replace(CHECKED, confirmed=False)
    return case("TC_SECC_DC_BPT_003", Verdict.INCONC, findings=(found, field_found), checks=(loose,))


async def inconclusive(drive: Drive) -> CaseRecord:
    drive.timeline.observe("v2g", "secc", Silence(5.0))
    found = Finding("TC_SECC_timing_001", Verdict.INCONC, "[V2G20-459]", "a response", "no observation to judge")
    return case("TC_SECC_timing_001", Verdict.INCONC, findings=(found,), covers=("[V2G20-459]",))


async def broken(_: Drive) -> CaseRecord:
    return case("TC_SECC_timing_002", Verdict.ERROR, error=f"the meter is silent {HOSTILE}", covers=("[V2G20-459]",))


SCENARIOS: tuple[Scenario, ...] = (passing, failing, provisional, inconclusive, broken)
_IDS = {
    passing: "TC_SECC_DC_BPT_001",
    failing: "TC_SECC_DC_BPT_002",
    provisional: "TC_SECC_DC_BPT_003",
    inconclusive: "TC_SECC_timing_001",
    broken: "TC_SECC_timing_002",
}
NOT_RUN = (
    NotRun("TC_SECC_AC_001", "AC is left alone.", ("[V2G20-425]",), "not applicable", "SECC.AC is not claimed"),
    NotRun("TC_SECC_notify_001", HOSTILE, ("[V2G20-167]",), "not testable", "the bench cannot notify"),
    NotRun("TC_SECC_long_001", "An hour of charging.", ("[V2G20-2188]",), "left out", "needs 3600 s"),
)
RULES = (
    RuleRecord("RULE_loop_response_002", "Loop limits.", "", ("[V2G20-2654]",), Verdict.NONE, 0, 0),
    RuleRecord("RULE_session_001", "The session id stays.", "", ("[V2G20-1]",), Verdict.NONE, 0, 0),
)


def run_record() -> RunRecord:
    return RunRecord(
        version=1, harness="0.1.0", command="v2x-harness run acme.yaml --token hunter2", started=START.isoformat(),
        ended=START.isoformat(), elapsed=0.0, verdict=Verdict.NONE, sentence="", exit_code=2, device=DEVICE,
        description="", environment={"python": "3.11", "interface": "veth0"}, options={"seed": 1, "select": None},
        rules=RULES, not_run=NOT_RUN,
    )  # fmt: skip


def make_bundle(
    out: Path, scenarios: Iterable[Scenario] = SCENARIOS, run: RunRecord | None = None
) -> tuple[Bundle, RunRecord]:
    """Play the scenarios in virtual time; returns the bundle and its assembled record."""
    bundle = new_bundle(out, DEVICE, START)
    begin_run(bundle, run or run_record(), "device: {password: hunter2}\n")
    for scenario in scenarios:
        _play(bundle, scenario)
    return bundle, assemble(bundle, ended=START.replace(minute=5), complete=True)


def _play(bundle: Bundle, scenario: Scenario) -> None:
    async def whole() -> None:
        await asyncio.sleep(500)
        drive = Drive(Timeline(Clock(START)))
        recorder = CaseRecorder(bundle, case(_IDS[scenario], Verdict.NONE), drive.timeline)
        recorder.close(await scenario(drive), drive.capture)

    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(whole())
    finally:
        loop.close()
