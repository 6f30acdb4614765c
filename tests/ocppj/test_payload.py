"""Payload checks: sound messages pass, each kind of fault is found where it is, and nothing raises."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ocppj import codes
from harness.ocppj.actions import actions
from harness.ocppj.payload import check_payload
from harness.ocppj.payload_fault import MOST_FAULTS, FaultKind, PayloadFault
from harness.ocppj.versions import Version

NOON = "2026-06-21T12:00:00Z"


def profile(**changes: Any) -> dict[str, Any]:
    """A SetChargingProfile of 2.1 that discharges by setpoint, per phase."""
    period = {
        "startPeriod": 0,
        "operationMode": "CentralSetpoint",
        "setpoint": -3000.5,
        "limit": 3700,
        "limit_L2": 3700,
    }
    schedule = {
        "id": 7,
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [period],
        "startSchedule": NOON,
        "duration": 900,
    }
    content = {
        "id": 11,
        "stackLevel": 2,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
        "transactionId": "tx-1",
    }
    return {"evseId": 1, "chargingProfile": content | changes}


SOUND: tuple[tuple[Version, str, str, dict[str, Any]], ...] = (
    ("2.1", "SetChargingProfile", "request", profile()),
    ("2.1", "Heartbeat", "request", {}),
    ("2.1", "Heartbeat", "request", {"customData": {"vendorId": "acme", "anything": [None, {"deep": {}}]}}),
    ("2.1", "GetChargingProfiles", "request", {"requestId": 1, "chargingProfile": {}}),
    ("2.1", "AFRRSignal", "request", {"timestamp": "2026-06-21T14:00:00.5+02:00", "signal": -40}),
    (
        "2.1",
        "NotifyPeriodicEventStream",
        "request",
        {"id": 1, "pending": 0, "basetime": NOON, "data": [{"t": 0.25, "v": "1"}]},
    ),
    ("2.1", "Authorize", "request", {"idToken": {"idToken": "04ab", "type": "AcmeToken"}}),
    (
        "2.1",
        "SetDERControl",
        "request",
        {
            "isDefault": True,
            "controlId": "pf-1",
            "controlType": "FixedPFInject",
            "fixedPFInject": {"priority": 0, "displacement": 0.95, "excitation": False},
        },
    ),
    ("2.0.1", "BootNotification", "response", {"currentTime": NOON, "interval": 300, "status": "Accepted"}),
    ("2.0.1", "DataTransfer", "request", {"vendorId": "acme", "data": {"any": [1, None]}}),
    ("1.6", "Heartbeat", "response", {"currentTime": "2026-06-21T12:00:00.123456789Z"}),
    ("1.6", "SecurityEventNotification", "request", {"type": "StartupOfTheDevice", "timestamp": NOON}),
    (
        "1.6",
        "StartTransaction",
        "request",
        {"connectorId": 1, "idTag": "04AB", "meterStart": 0, "timestamp": NOON},
    ),
)


@pytest.mark.parametrize(("version", "action", "direction", "payload"), SOUND, ids=[f"{s[0]}-{s[1]}" for s in SOUND])
def test_sound_payloads_pass(version: Version, action: str, direction: Any, payload: dict[str, Any]) -> None:
    assert check_payload(version, action, direction, payload) == ()


def only(faults: tuple[PayloadFault, ...]) -> PayloadFault:
    (fault,) = faults
    return fault


def without(payload: dict[str, Any], *path: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    *to, last = path
    inner: Any = changed
    for step in to:
        inner = inner[step]
    del inner[last]
    return changed


def with_value(payload: dict[str, Any], value: Any, *path: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    *to, last = path
    inner: Any = changed
    for step in to:
        inner = inner[step]
    inner[last] = value
    return changed


PROFILE = ("chargingProfile",)
SCHEDULE = ("chargingProfile", "chargingSchedule", 0)
PERIOD = (*SCHEDULE, "chargingSchedulePeriod", 0)
PERIOD_PATH = "$.chargingProfile.chargingSchedule[0].chargingSchedulePeriod[0]"

FAULTY: dict[str, tuple[dict[str, Any], FaultKind, str, str]] = {
    "missing": (
        without(profile(), *PROFILE, "stackLevel"),
        FaultKind.MISSING,
        "$.chargingProfile.stackLevel",
        codes.OCCURRENCE_CONSTRAINT,
    ),
    "wrong type": (with_value(profile(), "1", "evseId"), FaultKind.TYPE, "$.evseId", codes.TYPE_CONSTRAINT),
    "null": (
        with_value(profile(), None, *PROFILE, "validFrom"),
        FaultKind.TYPE,
        "$.chargingProfile.validFrom",
        codes.TYPE_CONSTRAINT,
    ),
    "unexpected": (with_value(profile(), 1, "evse"), FaultKind.UNEXPECTED, "$.evse", codes.FORMAT_VIOLATION),
    "snake case": (
        with_value(profile(), 1, *PERIOD, "limit_l2"),
        FaultKind.UNEXPECTED,
        f"{PERIOD_PATH}.limit_l2",
        codes.FORMAT_VIOLATION,
    ),
    "enumeration": (
        with_value(profile(), "Hourly", *PROFILE, "chargingProfileKind"),
        FaultKind.VALUE,
        "$.chargingProfile.chargingProfileKind",
        codes.PROPERTY_CONSTRAINT,
    ),
    "below minimum": (
        with_value(profile(), -1, *PROFILE, "stackLevel"),
        FaultKind.VALUE,
        "$.chargingProfile.stackLevel",
        codes.PROPERTY_CONSTRAINT,
    ),
    "positive discharge limit": (
        with_value(profile(), 1, *PERIOD, "dischargeLimit"),
        FaultKind.VALUE,
        f"{PERIOD_PATH}.dischargeLimit",
        codes.PROPERTY_CONSTRAINT,
    ),
    "too long": (
        with_value(profile(), "ä" * 37, *PROFILE, "transactionId"),
        FaultKind.LENGTH,
        "$.chargingProfile.transactionId",
        codes.PROPERTY_CONSTRAINT,
    ),
    "empty list": (
        with_value(profile(), [], *SCHEDULE, "chargingSchedulePeriod"),
        FaultKind.COUNT,
        "$.chargingProfile.chargingSchedule[0].chargingSchedulePeriod",
        codes.OCCURRENCE_CONSTRAINT,
    ),
    "no time zone": (
        with_value(profile(), "2026-06-21T12:00:00", *SCHEDULE, "startSchedule"),
        FaultKind.FORMAT,
        "$.chargingProfile.chargingSchedule[0].startSchedule",
        codes.PROPERTY_CONSTRAINT,
    ),
    "no such day": (
        with_value(profile(), "2026-02-30T12:00:00Z", *SCHEDULE, "startSchedule"),
        FaultKind.FORMAT,
        "$.chargingProfile.chargingSchedule[0].startSchedule",
        codes.PROPERTY_CONSTRAINT,
    ),
}


@pytest.mark.parametrize(("payload", "kind", "path", "code"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_is_found_where_it_is_with_the_code_that_answers_it(
    payload: dict[str, Any], kind: FaultKind, path: str, code: str
) -> None:
    fault = only(check_payload("2.1", "SetChargingProfile", "request", payload))
    assert (fault.kind, fault.path, fault.code("2.1")) == (kind, path, code)
    assert fault.confirmed
    assert not fault.tolerated


def test_text_is_counted_in_characters_of_any_script() -> None:
    assert (
        check_payload(
            "2.1", "SetChargingProfile", "request", with_value(profile(), "😀" * 36, *PROFILE, "transactionId")
        )
        == ()
    )


@pytest.mark.parametrize("action", ["GetVariables2", "heartbeat", "Héartbeat", "", "X" * 1_000_000])
def test_an_unknown_action_is_not_implemented(action: str) -> None:
    fault = only(check_payload("2.1", action, "request", {}))
    assert (fault.kind, fault.code("2.1")) == (FaultKind.UNKNOWN_ACTION, codes.NOT_IMPLEMENTED)


def test_an_unknown_action_is_told_with_the_nearest_known_one() -> None:
    assert "such as Heartbeat" in only(check_payload("1.6", "heartbeat", "request", {})).expected


def test_actions_of_2_1_are_unknown_before() -> None:
    assert only(check_payload("2.0.1", "AFRRSignal", "request", {})).kind is FaultKind.UNKNOWN_ACTION


def test_1_6_spells_its_codes_its_own_way() -> None:
    fault = only(check_payload("1.6", "Authorize", "request", {}))
    assert fault.code("1.6") == "OccurenceConstraintViolation"


def test_1_6_limits_have_one_decimal_exactly() -> None:
    def limit(value: float) -> tuple[PayloadFault, ...]:
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": value}]}
        content = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": schedule,
        }
        return check_payload("1.6", "SetChargingProfile", "request", {"connectorId": 1, "csChargingProfiles": content})

    assert all(limit(tenths / 10) == () for tenths in range(0, 3200, 7))
    assert only(limit(6.25)).kind is FaultKind.VALUE


def test_a_local_time_is_tolerated_in_1_6_alone() -> None:
    local = {"currentTime": "2026-06-21T12:00:00"}
    assert only(check_payload("1.6", "Heartbeat", "response", local)).tolerated
    assert not only(check_payload("2.0.1", "Heartbeat", "response", local)).tolerated
    assert not only(check_payload("1.6", "Heartbeat", "response", {"currentTime": "noon"})).tolerated


def test_an_empty_object_in_place_of_an_absent_member_is_a_fault_of_2_x() -> None:
    fault = only(check_payload("2.1", "ClearChargingProfile", "request", {"chargingProfileCriteria": {}}))
    assert (fault.kind, fault.path, fault.confirmed) == (FaultKind.EMPTY, "$.chargingProfileCriteria", True)


def test_fine_decimals_of_a_second_are_a_provisional_fault_of_2_x() -> None:
    fault = only(check_payload("2.1", "Heartbeat", "response", {"currentTime": "2026-06-21T12:00:00.1234Z"}))
    assert (fault.kind, fault.confirmed) == (FaultKind.FORMAT, False)


def test_more_than_six_decimals_are_a_provisional_fault_towards_a_station_only() -> None:
    setpoint = with_value(profile(), -3000.1234567, *PERIOD, "setpoint")
    fault = only(check_payload("2.1", "SetChargingProfile", "request", setpoint))
    assert (fault.kind, fault.path, fault.confirmed) == (FaultKind.FORMAT, f"{PERIOD_PATH}.setpoint", False)
    reading = {"timestamp": NOON, "sampledValue": [{"value": 230.123456789}]}
    assert check_payload("2.1", "MeterValues", "request", {"evseId": 1, "meterValue": [reading]}) == ()


def test_numbers_with_an_exponent_are_counted_by_their_value() -> None:
    assert check_payload("2.1", "SetChargingProfile", "request", with_value(profile(), 1e-6, *PERIOD, "setpoint")) == ()
    assert check_payload("2.1", "SetChargingProfile", "request", with_value(profile(), 1e-7, *PERIOD, "setpoint")) != ()


def test_a_whole_number_with_a_fraction_part_is_a_remark() -> None:
    fault = only(check_payload("2.1", "SetChargingProfile", "request", with_value(profile(), 1.0, "evseId")))
    assert (fault.kind, fault.tolerated) == (FaultKind.FORMAT, True)


def test_a_whole_number_beyond_32_bits_is_a_provisional_fault() -> None:
    fault = only(check_payload("2.1", "GetBaseReport", "request", {"requestId": 2**31, "reportBase": "FullInventory"}))
    assert (fault.kind, fault.confirmed) == (FaultKind.VALUE, False)
    assert (
        check_payload("2.1", "GetBaseReport", "request", {"requestId": 2**31 - 1, "reportBase": "FullInventory"}) == ()
    )


def test_the_same_schedule_twice_is_a_remark() -> None:
    doubled = profile()
    doubled["chargingProfile"]["chargingSchedule"] *= 2
    fault = only(check_payload("2.1", "SetChargingProfile", "request", doubled))
    assert (fault.kind, fault.path, fault.tolerated) == (
        FaultKind.DUPLICATE,
        "$.chargingProfile.chargingSchedule[1]",
        True,
    )


def report(*items: dict[str, Any]) -> dict[str, Any]:
    return {"requestId": 1, "tbc": False, "seqNo": 0, "generatedAt": NOON, "reportData": list(items)}


def test_the_faults_that_are_told_have_an_end() -> None:
    assert len(check_payload("2.1", "NotifyReport", "request", report(*[{}] * 1000))) == MOST_FAULTS


def test_of_a_huge_faulty_payload_one_fault_is_told() -> None:
    assert len(check_payload("2.1", "NotifyReport", "request", report(*[{}] * 1_000_000))) == 1


def test_what_schemas_cannot_say_has_an_end_too() -> None:
    reading = {"timestamp": "2026-06-21T12:00:00.1234Z", "sampledValue": [{"value": 1}]}
    faults = check_payload("2.1", "MeterValues", "request", {"evseId": 1, "meterValue": [reading] * 10_000})
    assert len(faults) == MOST_FAULTS
    assert {fault.kind for fault in faults} == {FaultKind.FORMAT}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=15,
)


@given(st.data())
def test_no_payload_raises(data: st.DataObject) -> None:
    version: Version = data.draw(st.sampled_from(["1.6", "2.0.1", "2.1"]))
    action = data.draw(st.sampled_from(sorted(actions(version))))
    for fault in check_payload(version, action, data.draw(st.sampled_from(["request", "response"])), data.draw(_JSON)):
        assert str(fault)
        assert fault.code(version) in codes.CODES[version]


@given(st.sampled_from([PROFILE, SCHEDULE, PERIOD]), st.data())
def test_one_changed_member_never_raises(path: tuple[Any, ...], data: st.DataObject) -> None:
    whole = profile()
    inner: Any = whole
    for step in path:
        inner = inner[step]
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(_JSON)
    for fault in check_payload("2.1", "SetChargingProfile", "request", whole):
        assert str(fault).startswith("$")


@pytest.mark.parametrize(
    ("location", "sound"),
    [
        ("http://[fe80::1%25eth0]:80/file", True),
        ("http://[::1]/file", True),
        ("http://[fe80::1%eth0]/file", False),
        ("no place", False),
    ],
)
def test_a_url_may_name_the_zone_of_its_address(location: str, sound: bool) -> None:
    assert (not check_payload("1.6", "GetDiagnostics", "request", {"location": location})) == sound
