"""Scheduled DER controls: told when they begin and end, weighed against the one that runs (OCPP 2.1 block R, R04)."""

from datetime import timedelta
from typing import Any

from harness.ocpp.readings import outcome, payload, reading, request
from harness.vocabulary import (
    SETTINGS_TIME,
    STATION,
    Axis,
    Check,
    Csms,
    Observation,
    StationUnderTest,
    equals,
    test_case,
)

CAP = "LimitMaxDischarge"
_CLOCK = "See the timers of scheduled controls, and whether the station's clock follows the CSMS."


def timed(csms: Csms, after: float, lasting: float, priority: int) -> dict[str, Any]:
    """A discharge limit of half power from `after` s from now on, for `lasting` s."""
    start = csms.clock.wall() + timedelta(seconds=after)
    return {
        "priority": priority,
        "pctMaxDischargePower": 50,
        "startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "duration": lasting,
    }


@test_case(
    "TC_STATION_Der_010",
    covers=("R04.FR.05", "R04.FR.20", "R04.FR.22"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-silent-der-start", "station-ignores-der-controls", "station-rubber-stamp"),
    lasts=65.0,
)
async def test_begin_and_end_of_a_scheduled_control_are_told(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells when a scheduled DER control begins and when it ends.

    Given   a station without scheduled controls
    when    the CSMS sets a LimitMaxDischarge that begins in 5 s and lasts 60 s
    then    NotifyDERStartStop says that it has started, and later that it has ended
    """
    await station.ready()
    await csms.clear_der(False)
    sent = await csms.set_der(CAP, timed(csms, 5, 60, 1), default=False, number="tester-timed")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses it.")
    patience = station.pixit.reaction_time + SETTINGS_TIME + 5.0
    began = await csms.expect("NotifyDERStartStop", within=patience, controlId="tester-timed")
    check.that(began, reading("started"), equals(True), requirement="R04.FR.20", advice=_CLOCK)
    ended = await csms.expect("NotifyDERStartStop", within=patience + 60.0, controlId="tester-timed")
    check.that(ended, reading("started"), equals(False), requirement="R04.FR.22", advice=_CLOCK)


@test_case(
    "TC_STATION_Der_011",
    covers=("R04.FR.07", "R04.FR.21"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=(
        "station-der-start-without-ousted",
        "station-der-priorities-lost",
        "station-silent-der-start",
        "station-rubber-stamp",
    ),
    lasts=6.0,
)
async def test_a_start_names_the_control_that_it_ousts(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says which running DER control a starting one supersedes.

    Given   a scheduled LimitMaxDischarge of priority 5 that runs
    when    one of priority 1 is scheduled, and its time comes
    then    NotifyDERStartStop of the second says started and names the first as superseded
    """
    await station.ready()
    await csms.clear_der(False)
    patience = station.pixit.reaction_time + SETTINGS_TIME + 5.0
    await csms.set_der(CAP, timed(csms, 2, 180, 5), default=False, number="tester-first")
    await csms.expect("NotifyDERStartStop", within=patience, controlId="tester-first")
    sent = await csms.set_der(CAP, timed(csms, 5, 60, 1), default=False, number="tester-second")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A lower number is the higher priority.")
    began = await csms.expect("NotifyDERStartStop", within=patience, controlId="tester-second")
    check.that(began, reading("started"), equals(True), advice=_CLOCK)
    check.that(began, reading("supersededIds"), equals(["tester-first"]), requirement="R04.FR.21", advice=_CLOCK)


@test_case(
    "TC_STATION_Der_012",
    covers=("R04.FR.08", "R04.FR.09"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-no-superseded-ids", "station-ignores-der-controls", "station-rubber-stamp"),
    lasts=2.0,
)
async def test_a_weaker_control_is_superseded_from_the_start(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes a scheduled DER control of lower priority as superseded at once.

    Given   a scheduled LimitMaxDischarge of priority 1 that runs
    when    one of priority 5 is scheduled
    then    it is accepted, and its own id is named as superseded
    """
    await station.ready()
    await csms.clear_der(False)
    await csms.set_der(CAP, timed(csms, 2, 120, 1), default=False, number="tester-first")
    await csms.expect(
        "NotifyDERStartStop", within=station.pixit.reaction_time + SETTINGS_TIME + 5.0, controlId="tester-first"
    )
    sent = await csms.set_der(CAP, timed(csms, 5, 10, 5), default=False, number="tester-weak")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="It is accepted although it never runs.")
    check.that(sent.outcome, reading("supersededIds"), equals(["tester-weak"]), advice="Name the new control itself.")


@test_case(
    "TC_STATION_Der_013",
    covers=("R04.FR.10",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-ignores-questions-for-der-controls", "station-rubber-stamp"),
    lasts=35.0,
)
async def test_a_control_is_gone_when_its_time_is_over(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station deletes a scheduled DER control once it is over.

    Given   a scheduled LimitMaxDischarge that begins in 2 s and lasts 5 s
    when    the CSMS asks for it after that time
    then    the answer is NotFound, where it was Accepted before
    """
    await station.ready()
    await csms.clear_der(False)
    await csms.set_der(CAP, timed(csms, 2, 5, 1), default=False, number="tester-brief")
    known = await csms.call("GetDERControl", {"requestId": 4715, "controlId": "tester-brief"})
    check.that(known.outcome, outcome, equals("Accepted"), requirement="R04.FR.35", advice="It is stored until then.")
    await station.watch(7.0 + SETTINGS_TIME + station.pixit.reaction_time)
    gone = await csms.call("GetDERControl", {"requestId": 4716, "controlId": "tester-brief"})
    check.that(gone.outcome, outcome, equals("NotFound"), advice=_CLOCK)


@test_case(
    "TC_STATION_Der_014",
    covers=("R04.FR.06", "R04.FR.09"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=(
        "station-no-superseded-ids",
        "station-der-priorities-lost",
        "station-der-priorities-upside-down",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_waiting_control_is_superseded_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station supersedes a DER control that has not begun yet as soon as a stronger one comes in.

    Given   a LimitMaxDischarge of priority 5 that begins in 6 s
    when    one of priority 1 is scheduled that begins in 90 s, after the former would have
    then    the answer names the former as superseded, and it never begins
    """
    await station.ready()
    await csms.clear_der(False)
    await csms.set_der(CAP, timed(csms, 6, 60, 5), default=False, number="tester-first")
    sent = await csms.set_der(CAP, timed(csms, 90, 20, 1), default=False, number="tester-second")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A lower number is the higher priority.")
    named = equals(["tester-first"])
    check.that(sent.outcome, reading("supersededIds"), named, advice="Supersede what waits, even if it begins earlier.")
    seen = await station.watch(8.0 + SETTINGS_TIME + station.pixit.reaction_time)
    begun = seen.where(started).last
    said: dict[str, Any] = {"requirement": "R04.FR.09", "advice": "A superseded control is never executed."}
    check.holds(
        begun is None, expected="no control begins", actual=f"{begun and started(begun)} began", seen=begun, **said
    )


def begins_or_ends(seen: Observation) -> bool:
    """Whether the station tells that a control begins or ends."""
    return request(seen, "NotifyDERStartStop") is not None


def started(seen: Observation) -> str | None:
    """The control that a NotifyDERStartStop tells to begin."""
    said = request(seen, "NotifyDERStartStop")
    return str(said["controlId"]) if said is not None and said["started"] else None


@test_case(
    "TC_STATION_Der_015",
    covers=("R04.FR.04",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-der-default-ousts-scheduled", "station-refuses-der", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_default_leaves_the_scheduled_control_running(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station accepts a default DER control while a scheduled one of its type runs, and lets that run on.

    Given   a scheduled LimitMaxDischarge that runs
    when    the CSMS sets a default LimitMaxDischarge of higher priority
    then    it is accepted, the scheduled one is not told to have ended, and is still reported as not superseded
    """
    await station.ready()
    await csms.clear_der(True)
    await csms.clear_der(False)
    await csms.set_der(CAP, timed(csms, 2, 120, 5), default=False, number="tester-timed")
    await csms.expect(
        "NotifyDERStartStop", within=station.pixit.reaction_time + SETTINGS_TIME + 5.0, controlId="tester-timed"
    )
    default = {"priority": 0, "pctMaxDischargePower": 80}
    sent = await csms.set_der(CAP, default, number="tester-default")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Defaults and scheduled controls are weighed apart.")
    await station.watch(station.pixit.reaction_time + 3.0)
    told = station.seen.after(sent.outcome.number).where(begins_or_ends).last
    advice = "A default waits until no scheduled control of its type runs."
    check.holds(told is None, expected="no control begins or ends", actual="one did", seen=told, advice=advice)
    await csms.call("GetDERControl", {"requestId": 4717, "controlId": "tester-timed"})
    told = await csms.expect("ReportDERControl", within=csms.answer_time)
    listed = (payload(told) or {}).get("limitMaxDischarge", [])
    runs_on = [each["isSuperseded"] for each in listed] == [False]
    check.holds(runs_on, expected="tester-timed not superseded", actual=f"{listed}", seen=told, advice=advice)


@test_case(
    "TC_STATION_Der_016",
    covers=("R04.FR.20", "R04.FR.22"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-silent-der-start", "station-ignores-der-controls"),
    lasts=35.0,
)
async def test_what_began_while_offline_is_told_afterwards(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station runs a scheduled DER control while it is offline, and tells its begin and end when it is back.

    Given   a LimitMaxDischarge that begins in 5 s and lasts 10 s
    when    the connection is lost until that time is over
    then    begin and end are told after the station has reconnected
    """
    await station.ready()
    await csms.clear_der(False)
    await csms.set_der(CAP, timed(csms, 5, 10, 1), default=False, number="tester-offline")
    await csms.stop()
    await station.watch(18.0)
    await csms.start()
    back = csms.trace.last
    after = 0 if back is None else back.number
    await csms.connected(station.pixit.reconnect_time)
    patience = station.pixit.reaction_time + SETTINGS_TIME
    began = await csms.expect("NotifyDERStartStop", within=patience, after=after, controlId="tester-offline")
    check.that(began, reading("started"), equals(True), requirement="R04.FR.20", advice=_LATE, axis=Axis.FIELD)
    ended = await csms.expect("NotifyDERStartStop", within=patience, after=began.number, controlId="tester-offline")
    check.that(ended, reading("started"), equals(False), requirement="R04.FR.22", advice=_LATE, axis=Axis.FIELD)


_LATE = "Keep the notices of DER controls for when the connection is back; the CSMS does not know else what has run."
