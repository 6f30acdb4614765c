"""GetDERControl and ClearDERControl: by class, by type, all of them, in several parts (OCPP 2.1 block R, R04)."""

from typing import Any

from harness.ocpp.readings import outcome, payload, reading, request
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    Observation,
    StationUnderTest,
    Trace,
    der_curve,
    equals,
    install_der,
    satisfies,
    scheduled,
    test_case,
    without_der,
)

CAP, DROOP = "LimitMaxDischarge", "FreqDroop"
HALF = {"pctMaxDischargePower": 50}
SLOPE = {"overFreq": 50.2, "underFreq": 49.8, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 1}
_FILTER = "isDefault, controlType and controlId are filters, each of which lets through what fits; one that is absent lets through all."


async def three_controls(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """A default cap, a default droop, and a cap that is scheduled for later."""
    await without_der(csms, station)
    await install_der(csms, check, CAP, HALF, number="tester-cap")
    await install_der(csms, check, DROOP, SLOPE, number="tester-droop")
    later = scheduled(csms, HALF, after=3600, lasting=60)
    await install_der(csms, check, CAP, later, default=False, number="tester-later")


async def reported(csms: Csms, station: StationUnderTest, **criteria: Any) -> tuple[Observation, Trace]:
    """The answer to a question for controls, and the reports that follow it."""
    asked = await csms.call("GetDERControl", {"requestId": 4821, **criteria})
    seen = await station.watch(csms.answer_time)
    return asked.outcome, seen.where(lambda each: request(each, "ReportDERControl") is not None)


def judge_ids(check: Check, parts: Trace, *expected: str, requirement: str = "") -> None:
    """The controls that reports list must be these, and no others."""
    lists = [value for part in parts for value in (payload(part) or {}).values() if isinstance(value, list)]
    found = sorted(each["id"] for listed in lists for each in listed)
    check.holds(
        found == sorted(expected),
        expected=f"a report of {', '.join(expected) or 'nothing'}",
        actual=", ".join(found) or "nothing",
        seen=parts.last,
        requirement=requirement,
        advice=_FILTER,
    )


def goes_on(part: Observation) -> bool | None:
    """Whether a report says that another one follows."""
    said = request(part, "ReportDERControl")
    return None if said is None else bool(said.get("tbc", False))


@test_case(
    "TC_STATION_Der_048",
    covers=("R04.FR.33", "R04.FR.31"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-der-reports-defaults-only", "station-ignores-questions-for-der-controls", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_question_without_filters_gets_all(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports every DER control when nothing is said of which.

    Given   a default LimitMaxDischarge, a default FreqDroop, and a LimitMaxDischarge that is scheduled for later
    when    the CSMS asks for controls without a filter
    then    the answer is Accepted, and the report has all three
    """
    await three_controls(csms, station, check)
    answered, parts = await reported(csms, station)
    check.that(answered, outcome, equals("Accepted"), advice=_FILTER)
    judge_ids(check, parts, "tester-cap", "tester-droop", "tester-later")


@test_case(
    "TC_STATION_Der_049",
    covers=("R04.FR.37",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-der-reports-without-class", "station-der-reports-everything", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_question_for_a_class_gets_that_class(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports default, or scheduled, DER controls when isDefault is all that is said.

    Given   two default controls, and one that is scheduled for later
    when    the CSMS asks with isDefault alone, true and then false
    then    each is Accepted, the former gets the two, the latter the one
    """
    await three_controls(csms, station, check)
    for default, expected in ((True, ["tester-cap", "tester-droop"]), (False, ["tester-later"])):
        answered, parts = await reported(csms, station, isDefault=default)
        check.that(answered, outcome, equals("Accepted"), advice=_FILTER)
        judge_ids(check, parts, *expected)


@test_case(
    "TC_STATION_Der_050",
    covers=("R04.FR.32", "R04.FR.31"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-der-no-tbc", "station-wrong-request-id"),
    lasts=6.0,
)
async def test_a_report_in_parts_says_that_it_goes_on(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station marks every part of a report but the last with tbc.

    Given   a station with 25 scheduled LimitMaxDischarge, more than one report can hold
    when    the CSMS asks for all of them
    then    the reports all have the id of the question, and tbc is true in each but the last
    """
    await without_der(csms, station)
    for number in range(25):
        later = scheduled(csms, {**HALF, "priority": number}, after=3600 + 120 * number, lasting=60)
        sent = await csms.set_der(CAP, later, default=False, number=f"tester-{number}")
        if not sent.accepted:
            raise NotTestable(f"the station takes no more than {number} controls of a type")
    answered, parts = await reported(csms, station)
    check.that(answered, outcome, equals("Accepted"), requirement="R04.FR.33", advice=_FILTER)
    if len(parts) < 2:
        raise Inconclusive(
            f"the station told its controls in {len(parts)} parts, so that none has to say that it goes on"
        )
    told_id = reading("requestId")
    check.every(parts, told_id, equals(4821), requirement="R04.FR.31", advice="Copy the requestId into each part.")
    advice = "tbc is true while parts follow."
    check.every(parts[:-1], goes_on, equals(True), advice=advice)
    check.that(parts.last, goes_on, equals(False), advice=advice)


@test_case(
    "TC_STATION_Der_051",
    covers=("R04.FR.41", "R04.FR.42"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-der-clears-blindly", "station-ignores-clearing-der-controls", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_what_is_not_stored_cannot_be_cleared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says NotFound where nothing of the type, or under the id, is stored in the class that is named.

    Given   a default LimitMaxDischarge, and no other control
    when    the CSMS clears scheduled controls of that type, default ones of another type, and the id as a scheduled one
    then    each is answered with NotFound, and the control is still there
    """
    await without_der(csms, station)
    await install_der(csms, check, CAP, HALF, number="tester-cap")
    advice = "Look for what fits both, the class and the type or id."
    for default, criteria, needed in (
        (False, {"controlType": CAP}, "R04.FR.41"),
        (True, {"controlType": DROOP}, "R04.FR.41"),
        (False, {"controlId": "tester-cap"}, "R04.FR.42"),
    ):
        cleared = await csms.clear_der(default, **criteria)
        check.that(cleared.outcome, outcome, equals("NotFound"), requirement=needed, advice=advice)
    _, parts = await reported(csms, station)
    judge_ids(check, parts, "tester-cap", requirement="R04.FR.42")


@test_case(
    "TC_STATION_Der_052",
    covers=("R04.FR.44",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-der-clears-defaults", "station-ignores-clearing-der-controls", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_class_is_cleared_as_a_whole(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears all controls of a class, and none of the other, when neither type nor id is named.

    Given   two default controls, and one that is scheduled for later
    when    the CSMS clears the scheduled ones, and then the default ones
    then    both are Accepted; after the former the two defaults are left, after the latter nothing
    """
    await three_controls(csms, station, check)
    for default, left in ((False, ["tester-cap", "tester-droop"]), (True, [])):
        cleared = await csms.clear_der(default)
        check.that(cleared.outcome, outcome, equals("Accepted"), advice="Clear all of the class.")
        _, parts = await reported(csms, station)
        judge_ids(check, parts, *left)


@test_case(
    "TC_STATION_Der_053",
    covers=("R04.FR.45",),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE & STATION.DER_FREQ_DROOP,
    detects=("station-der-clears-everything", "station-ignores-clearing-der-controls", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_type_is_cleared_within_its_class(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears the controls of a type in the class that is named, and no others.

    Given   a default LimitMaxDischarge, a default FreqDroop, and a LimitMaxDischarge that is scheduled for later
    when    the CSMS clears default controls of the type LimitMaxDischarge
    then    it is Accepted, and the other two are left
    """
    await three_controls(csms, station, check)
    cleared = await csms.clear_der(True, controlType=CAP)
    check.that(cleared.outcome, outcome, equals("Accepted"), advice=_FILTER)
    _, parts = await reported(csms, station)
    judge_ids(check, parts, "tester-droop", "tester-later")


@test_case(
    "TC_STATION_Der_054",
    covers=("R04.FR.15",),
    pics=STATION.DER_ENTER_SERVICE & STATION.DER_GRADIENTS,
    detects=("station-accepts-der-blindly", "station-ignores-der-controls", "station-rubber-stamp"),
)
async def test_settings_of_the_inverter_are_defaults_only(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station rejects EnterService and Gradients that are not defaults.

    Given   a station without DER controls
    when    the CSMS sends an EnterService, and Gradients, with isDefault false
    then    each is answered with Rejected
    """
    await without_der(csms, station)
    service = {"priority": 1, "highVoltage": 105, "lowVoltage": 92, "highFreq": 50.1, "lowFreq": 49.5, "delay": 10}
    gradients = {"priority": 1, "gradient": 10, "softGradient": 10}
    refused = satisfies("Rejected or a CALLERROR", lambda said: said == "Rejected" or said.startswith("CALLERROR"))
    for kind, body in (("EnterService", service), ("Gradients", gradients)):
        sent = await csms.set_der(kind, body, default=False, number=f"tester-{kind}")
        check.that(sent.outcome, outcome, refused, advice=f"{kind} has no times, and is a default only.")


@test_case(
    "TC_STATION_Der_064",
    covers=("OCPP:der-curve-unit", "R04.FR.30"),
    pics=STATION.DER_VOLT_VAR & STATION.DER_VOLT_WATT & STATION.DER_FREQ_WATT & STATION.DER_FREQUENCY_TRIP,
    detects=("station-accepts-der-blindly", "station-ignores-der-controls", "station-rubber-stamp"),
)
async def test_a_curve_in_the_unit_of_another_is_rejected(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station rejects curves whose yUnit is none for their type, and keeps none of them.

    Given   a station without DER controls
    when    the CSMS sets a VoltVar of active power, a VoltWatt and a FreqWatt of reactive power, and a trip curve of either
    then    each is answered with Rejected (or a CALLERROR), and a question for controls finds none
    """
    await without_der(csms, station)
    refused = satisfies("Rejected or a CALLERROR", lambda said: said == "Rejected" or said.startswith("CALLERROR"))
    volts, hertz = ((95, 50), (105, 10)), ((50.2, 50), (50.6, 10))
    for kind, points, unit in (
        ("VoltVar", volts, "PctMaxW"),
        ("VoltWatt", volts, "PctMaxVar"),
        ("FreqWatt", hertz, "PctVarAvail"),
        ("HFMustTrip", ((51.5, 5), (52, 1)), "PctMaxW"),
    ):
        sent = await csms.set_der(kind, {"priority": 1, **der_curve(*points, unit=unit)}, number=f"tester-{kind}")
        check.that(sent.outcome, outcome, refused, advice=f"See which units a curve of {kind} may have.")
    asked = await csms.call("GetDERControl", {"requestId": 4822})
    check.that(asked.outcome, outcome, equals("NotFound"), advice="Keep nothing of what was rejected.")
