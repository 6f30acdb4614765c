"""The same station in the words of 2.0.1 and 1.6."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import Bench
from tests.ocpp.station.profiles import limit, profile


def test_a_transaction_of_2_0_1_holds_nothing_newer() -> None:
    bench = Bench("2.0.1", variables={"SampledDataCtrlr.TxUpdatedInterval": "10"})
    transaction = bench.charge()
    answer = bench.ask(
        "SetChargingProfile", {"evseId": 1, "chargingProfile": profile(5, limit(3000), transactionId=transaction)}
    )
    assert answer["status"] == "Accepted"
    bench.run(15)
    assert bench.power() == 3000
    bench.present()
    bench.ask("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert not any("operationMode" in event["transactionInfo"] for event in bench.events())
    assert not bench.wrong


def test_messages_of_2_1_are_unknown_in_2_0_1() -> None:
    bench = Bench("2.0.1")
    assert bench.ask("AFRRSignal", {"timestamp": bench.at(0), "signal": 1}) == {"error": "NotImplemented"}


def test_a_transaction_of_1_6_is_told_in_its_pieces() -> None:
    bench = Bench("1.6", variables={"SampledDataCtrlr.TxUpdatedInterval": "10"})
    bench.charge(ev=None)
    bench.run(25)
    bench.present()
    bench.unplug()
    assert [action for _, action, _ in bench.sent if action in ("StartTransaction", "StopTransaction")] == [
        "StartTransaction",
        "StopTransaction",
    ]
    assert [each["status"] for each in bench.said("StatusNotification")] == [
        "Available",
        "Preparing",
        "Charging",
        "Finishing",
        "Available",
    ]
    assert {each["transactionId"] for each in bench.said("MeterValues")} == {77}
    stop = bench.said("StopTransaction")[0]
    assert (stop["transactionId"], stop["reason"]) == (77, "Local")
    assert stop["meterStop"] > bench.said("StartTransaction")[0]["meterStart"]
    assert not bench.wrong


def test_an_outage_of_1_6_is_told_afterwards_with_the_right_number() -> None:
    bench = Bench(
        "1.6", variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "SampledDataCtrlr.TxUpdatedInterval": "10"}
    )
    bench.disconnect()
    bench.charge(ev=None)
    bench.run(20)
    bench.unplug()
    bench.connect()
    assert bench.said("StopTransaction")[0]["transactionId"] == 77
    assert {each["transactionId"] for each in bench.said("MeterValues")} == {77}
    assert not bench.wrong


def requests_1_6(bench: Bench) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    profiles = {
        "chargingProfileId": 5,
        "transactionId": 77,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "numberPhases": 3}],
        },
    }
    entry = {"idTag": "A", "idTagInfo": {"status": "Accepted"}}
    return [
        ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profiles}, {"status": "Accepted"}),
        ("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "20"}, {"status": "Accepted"}),
        ("ChangeConfiguration", {"key": "Unheard", "value": "20"}, {"status": "NotSupported"}),
        ("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "x"}, {"status": "Rejected"}),
        ("GetLocalListVersion", {}, {"listVersion": 0}),
        (
            "SendLocalList",
            {"listVersion": 2, "updateType": "Full", "localAuthorizationList": [entry]},
            {"status": "Accepted"},
        ),
        ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}, {"status": "Accepted"}),
        ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}, {"status": "Accepted"}),
        ("ClearChargingProfile", {"id": 5}, {"status": "Accepted"}),
        ("RemoteStopTransaction", {"transactionId": 77}, {"status": "Accepted"}),
        ("UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"}),
        (
            "ReserveNow",
            {"connectorId": 1, "expiryDate": bench.at(60), "idTag": "A", "reservationId": 2},
            {"status": "Occupied"},
        ),
        ("Reset", {"type": "Hard"}, {"status": "Accepted"}),
    ]


def test_requests_of_1_6_are_understood_and_answered_in_its_words() -> None:
    bench = Bench("1.6")
    bench.charge(ev=None)
    for action, payload, expected in requests_1_6(bench):
        assert bench.ask(action, payload) == expected, action
    assert not bench.wrong


def test_a_limit_of_1_6_is_followed_and_reported() -> None:
    bench = Bench("1.6")
    bench.charge(ev=None)
    _, payload, _ = requests_1_6(bench)[0]
    bench.ask("SetChargingProfile", payload)
    assert bench.power() == pytest.approx(6900)
    answer = bench.ask("GetCompositeSchedule", {"connectorId": 1, "duration": 60, "chargingRateUnit": "A"})
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 10.0}]
    assert not bench.wrong


def test_the_configuration_of_1_6_names_unknown_keys_and_hides_secrets() -> None:
    bench = Bench("1.6")
    answer = bench.ask("GetConfiguration", {"key": ["HeartbeatInterval", "AuthorizationKey", "Unheard"]})
    assert answer["unknownKey"] == ["Unheard"]
    assert answer["configurationKey"][0] == {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    assert "value" not in answer["configurationKey"][1]
    assert not bench.wrong


def _old_profile(identifier: int, watts: float, purpose: str = "TxProfile", **more: Any) -> dict[str, Any]:
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": watts}]}
    return {
        "chargingProfileId": identifier,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
        **more,
    }


def test_a_transaction_profile_of_1_6_need_not_name_its_transaction_and_takes_the_place_of_the_last() -> None:
    bench = Bench("1.6")
    refused = bench.ask("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": _old_profile(1, 3000)})
    assert refused == {"status": "Rejected"}
    bench.charge(ev=None)
    for identifier, watts in ((1, 3000), (2, 2000)):
        sent = {"connectorId": 1, "csChargingProfiles": _old_profile(identifier, watts)}
        assert bench.ask("SetChargingProfile", sent) == {"status": "Accepted"}
        assert bench.power() == watts
    bench.present()
    assert not bench.station.profiles.held


def test_a_default_of_one_connector_stands_beside_that_of_all_in_1_6() -> None:
    bench = Bench("1.6")
    for connector, watts in ((0, 3000), (1, 2000)):
        content = _old_profile(10 + connector, watts, "TxDefaultProfile")
        sent = {"connectorId": connector, "csChargingProfiles": content}
        assert bench.ask("SetChargingProfile", sent) == {"status": "Accepted"}
    bench.charge(ev=None)
    assert bench.power() == 2000
