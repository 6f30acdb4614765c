"""What the station tells of its inverter (OCPP 2.1 block R, R01)."""

from typing import Any

from harness.ocpp.readings import outcome, request
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, test_case

_RATINGS = (
    "MaxW OverExcitedW OverExcitedPF UnderExcitedW UnderExcitedPF MaxVA MaxVar MaxVarNeg MaxChargeRateW MaxChargeRateVA"
    " ReactiveSusceptance"
)
_NAMES = "ModesSupported InverterManufacturer InverterModel InverterSwVersion InverterHwVersion"
MANDATORY = frozenset(f"{_RATINGS} {_NAMES}".split())
_TELL = "Report every variable of DCDERCtrlr that the device model demands where there is DER control, for each EVSE."


def told(seen: Observation) -> dict[tuple[int, str], str] | None:
    """What a NotifyReport tells of DCDERCtrlr: values by EVSE and variable."""
    said = request(seen, "NotifyReport")
    if said is None:
        return None
    of_inverters = [each for each in said.get("reportData", ()) if each["component"]["name"] == "DCDERCtrlr"]
    return {(evse_of(each), each["variable"]["name"]): value_of(each) for each in of_inverters}


def evse_of(each: Any) -> int:
    """The EVSE of an entry; 0 for the whole station."""
    return int(each["component"].get("evse", {}).get("id", 0))


def value_of(each: Any) -> str:
    """The actual value of an entry."""
    return next(
        (str(at.get("value", "")) for at in each["variableAttribute"] if at.get("type", "Actual") == "Actual"), ""
    )


@test_case(
    "TC_STATION_Der_047",
    covers=("R01.FR.01", "R01.FR.02"),
    pics=STATION.DER_DC,
    detects=("station-der-nameplate-missing", "station-ignores-questions-for-variables", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_the_nameplate_of_each_inverter_is_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the nameplate of the inverter of each EVSE.

    Given   a station with an inverter of its own
    when    the CSMS asks for a report of DCDERCtrlr
    then    for each EVSE every variable that DER control demands is in it, with a rated power above 0
    """
    await station.ready()
    asked = await csms.call(
        "GetReport", {"requestId": 4801, "componentVariable": [{"component": {"name": "DCDERCtrlr"}}]}
    )
    check.that(asked.outcome, outcome, equals("Accepted"), requirement="R01.FR.02", advice=_TELL)
    seen = await station.watch(2 * csms.answer_time)
    values: dict[tuple[int, str], str] = {}
    for each in seen.where(told):
        values |= told(each) or {}
    for evse in range(1, station.evses + 1):
        missing = ", ".join(sorted(MANDATORY - {name for number, name in values if number == evse}))
        expected = f"every variable of the inverter of EVSE {evse}"
        said: dict[str, Any] = {"seen": asked.outcome, "advice": _TELL}
        check.holds(not missing, expected=expected, actual=f"{missing} missing", requirement="R01.FR.02", **said)
        rated = values.get((evse, "MaxW"), "nothing")
        expected = f"a power above 0 as MaxW of EVSE {evse}"
        check.holds(is_power(rated), expected=expected, actual=rated, requirement="R01.FR.01", **said)


def is_power(text: str) -> bool:
    """Whether a text is a number above 0."""
    try:
        return float(text) > 0
    except ValueError:
        return False
