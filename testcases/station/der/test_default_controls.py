"""Default DER controls: stored, reported, weighed by priority, refused and cleared (OCPP 2.1 block R, R04)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, satisfies, test_case

CAP = "LimitMaxDischarge"
STRICTER = {"priority": 1, "pctMaxDischargePower": 40}
LOOSER = {"priority": 5, "pctMaxDischargePower": 80}
DROOP = {"priority": 1, "overFreq": 50.2, "underFreq": 49.8, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 1}
_STORE = "See how the station stores DER controls, and whether its answer comes from that store."


async def emptied(csms: Csms, station: StationUnderTest) -> None:
    """A station without DER controls, as far as it clears what it had."""
    await station.ready()
    await csms.clear_der(True)
    await csms.clear_der(False)


async def report(csms: Csms, **criteria: Any) -> Observation:
    """The report that follows a question for controls; `Silence` where none comes."""
    await csms.call("GetDERControl", {"requestId": 4711, **criteria})
    return await csms.expect("ReportDERControl", within=csms.answer_time)


def controls(member: str, field: str) -> Any:
    """A reading: a field of each control that a report lists under a member, by control id."""

    def listed(seen: Observation) -> dict[str, Any] | None:
        found = reading(member)(seen)
        return {each["id"]: {**each[member], **each}.get(field) for each in found} if isinstance(found, list) else None

    listed.__name__ = f"{member} {field}"
    return listed


def ids(seen: Observation) -> list[str] | None:
    """The ids of all caps and droops that a report lists."""
    payload = getattr(seen.message, "payload", None)
    if payload is None:
        return None
    members = ("limitMaxDischarge", "freqDroop")
    return sorted(each["id"] for member in members for each in payload.get(member, ()))


@test_case(
    "TC_STATION_Der_001",
    covers=("R04.FR.02", "R04.FR.31", "R04.FR.35"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=(
        "station-ignores-der-controls",
        "station-ignores-questions-for-der-controls",
        "station-wrong-request-id",
        "station-refuses-der",
        "station-mute-on-der",
        "station-der-switched-off",
        "station-rubber-stamp",
    ),
)
async def test_a_default_control_is_stored_and_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station stores a default DER control and reports it as it was sent.

    Given   a station without DER controls
    when    the CSMS sets a default LimitMaxDischarge and asks for it by its id
    then    it is accepted, and the report has the id of the question and the values that were sent
    """
    await emptied(csms, station)
    sent = await csms.set_der(CAP, STRICTER, number="tester-a")
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_STORE)
    told = await report(csms, controlId="tester-a")
    check.that(told, reading("requestId"), equals(4711), requirement="R04.FR.31", advice="Copy the requestId.")
    value = controls("limitMaxDischarge", "pctMaxDischargePower")
    check.that(told, value, equals({"tester-a": 40}), requirement="R04.FR.35", advice=_STORE)


@test_case(
    "TC_STATION_Der_002",
    covers=("R04.FR.03",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=(
        "station-no-superseded-ids",
        "station-der-forgets-superseded",
        "station-der-priorities-lost",
        "station-rubber-stamp",
    ),
)
async def test_a_default_of_higher_priority_supersedes(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets a default control of higher priority supersede the one that it has.

    Given   a default LimitMaxDischarge of priority 5
    when    another one of priority 1 is set (the lower number counts more)
    then    the answer names the former as superseded, and a report marks that one, and only that one, so
    """
    await emptied(csms, station)
    await csms.set_der(CAP, LOOSER, number="tester-loose")
    sent = await csms.set_der(CAP, STRICTER, number="tester-strict")
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_STORE)
    check.that(
        sent.outcome, reading("supersededIds"), equals(["tester-loose"]), advice="Name what the new control ousts."
    )
    told = await report(csms, controlType=CAP, isDefault=True)
    marked = {"tester-loose": True, "tester-strict": False}
    kept = satisfies(f"{marked}, or the superseded one gone", lambda value: value in (marked, {"tester-strict": False}))
    check.that(told, controls("limitMaxDischarge", "isSuperseded"), kept, advice=_STORE)


@test_case(
    "TC_STATION_Der_003",
    covers=("R04.FR.17", "R04.FR.13"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-accepts-der-blindly", "station-ignores-der-controls", "station-rubber-stamp"),
)
async def test_controls_that_contradict_themselves_are_rejected(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station rejects DER controls whose parts do not fit together, and keeps none of them.

    Given   a station without DER controls
    when    the CSMS sends a default with a duration, and a control whose object is that of another type
    then    each is answered with Rejected (or a CALLERROR), and a question for controls finds none
    """
    await emptied(csms, station)
    refused = satisfies("Rejected or a CALLERROR", lambda said: said == "Rejected" or said.startswith("CALLERROR"))
    timed = await csms.set_der(CAP, {**STRICTER, "duration": 60}, number="tester-timed")
    check.that(timed.outcome, outcome, refused, requirement="R04.FR.13", advice="A default has no duration.")
    other = {"isDefault": True, "controlId": "tester-other", "controlType": CAP, "freqDroop": DROOP}
    unfit = await csms.call("SetDERControl", other)
    check.that(unfit.outcome, outcome, refused, requirement="R04.FR.17", advice="Compare object and controlType.")
    asked = await csms.call("GetDERControl", {"requestId": 4712})
    check.that(asked.outcome, outcome, equals("NotFound"), requirement="R04.FR.30", advice=_STORE)


@test_case(
    "TC_STATION_Der_004",
    covers=("R04.FR.46", "R04.FR.42"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=(
        "station-der-clears-everything",
        "station-ignores-clearing-der-controls",
        "station-ignores-der-controls",
        "station-rubber-stamp",
    ),
)
async def test_clearing_by_id_takes_that_control_alone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears the DER control that is named, and no other.

    Given   a default LimitMaxDischarge and a default FreqDroop
    when    the CSMS clears the LimitMaxDischarge by its id, twice
    then    the first is Accepted, the second NotFound, and the FreqDroop is still reported, alone
    """
    await emptied(csms, station)
    await csms.set_der(CAP, STRICTER, number="tester-cap")
    await csms.set_der("FreqDroop", DROOP, number="tester-droop")
    first = await csms.clear_der(True, controlId="tester-cap")
    check.that(first.outcome, outcome, equals("Accepted"), advice=_STORE)
    again = await csms.clear_der(True, controlId="tester-cap")
    check.that(again.outcome, outcome, equals("NotFound"), requirement="R04.FR.42", advice=_STORE)
    check.that(await report(csms), ids, equals(["tester-droop"]), advice="Clear by controlId, where one is given.")


@test_case(
    "TC_STATION_Der_005",
    covers=("R04.FR.34", "R04.FR.30"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=(
        "station-der-reports-everything",
        "station-ignores-questions-for-der-controls",
        "station-rubber-stamp",
    ),
)
async def test_a_question_by_type_gets_that_type_alone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the DER controls that are asked for, and no others.

    Given   a default LimitMaxDischarge and a default FreqDroop
    when    the CSMS asks for controls of the one type, then for an id that was never used
    then    that type alone is reported, and the unknown id is NotFound
    """
    await emptied(csms, station)
    await csms.set_der(CAP, STRICTER, number="tester-cap")
    await csms.set_der("FreqDroop", DROOP, number="tester-droop")
    told = await report(csms, controlType=CAP, isDefault=True)
    check.that(told, ids, equals(["tester-cap"]), advice="Apply controlType and isDefault as filters, both.")
    unknown = await csms.call("GetDERControl", {"requestId": 4713, "controlId": "tester-none"})
    check.that(unknown.outcome, outcome, equals("NotFound"), requirement="R04.FR.30", advice=_STORE)


@test_case(
    "TC_STATION_Der_006",
    covers=("R04.FR.01", "R04.FR.36", "R04.FR.43"),
    pics=STATION.DER_DC & ~STATION.DER_POWER_MONITORING,
    detects=("station-accepts-der-blindly", "station-ignores-clearing-der-controls", "station-rubber-stamp"),
)
async def test_a_type_that_is_missing_is_not_supported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says NotSupported to every request about a control type that it does not have.

    Given   a station without PowerMonitoringMustTrip
    when    the CSMS sets, asks for and clears a control of that type
    then    each is answered with NotSupported
    """
    kind, missing = "PowerMonitoringMustTrip", equals("NotSupported")
    advice = "Hold controlType against ModesSupported first."
    await station.ready()
    points = [{"x": 90, "y": 1}, {"x": 110, "y": 1}]
    curve = {"priority": 1, "yUnit": "Not_Applicable", "curveData": points}
    sent = await csms.set_der(kind, curve, number="tester-trip")
    check.that(sent.outcome, outcome, missing, requirement="R04.FR.01", advice=advice)
    asked = await csms.call("GetDERControl", {"requestId": 4714, "controlType": kind})
    check.that(asked.outcome, outcome, missing, requirement="R04.FR.36", advice=advice)
    cleared = await csms.clear_der(True, controlType=kind)
    check.that(cleared.outcome, outcome, missing, requirement="R04.FR.43", advice=advice)


@test_case(
    "TC_STATION_Der_007",
    covers=("R01.FR.03", "R02.FR.02", "R03.FR.02"),
    pics=(STATION.DER_DC | STATION.DER_AC) & STATION.DER_LIMIT_MAX_DISCHARGE,
    needs=("power_cycle",),
    detects=("station-der-forgets-at-boot", "station-ignores-der-controls", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_controls_survive_a_power_cycle(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its DER controls over a loss of its supply.

    Given   a default LimitMaxDischarge
    when    the station is switched off and on again, and has booted
    then    a question for that control gets it with its values
    """
    await emptied(csms, station)
    await csms.set_der(CAP, STRICTER, number="tester-kept")
    cycled = await station.power_cycle()
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number)
    await station.ready()
    told = await report(csms, controlId="tester-kept")
    value = controls("limitMaxDischarge", "pctMaxDischargePower")
    check.that(told, value, equals({"tester-kept": 40}), advice="Keep DER controls where they outlast the supply.")
