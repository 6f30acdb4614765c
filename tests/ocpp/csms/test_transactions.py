"""Transactions of 2.x and 1.6: order, repetition, offline, registers, limits, cost."""

from __future__ import annotations

import pytest

from harness.ocpp.csms.policy import CsmsPolicy, Prices
from harness.ocpp.csms.records import Token
from tests.ocpp.csms.desk import TOKEN, Desk, sampled

EXPORT = "Energy.Active.Export.Register"


def test_a_transaction_runs_from_its_first_to_its_last_event() -> None:
    desk = Desk()
    assert desk.start(info={"remoteStartId": 7})["idTokenInfo"] == {"status": "Accepted"}
    desk.later(60).event("Updated", 1, info={"chargingState": "Charging", "operationMode": "CentralSetpoint"})
    running = desk.station.transaction_at(1)
    assert (running.transaction_id, running.charging_state, running.operation_mode) == (
        "t1",
        "Charging",
        "CentralSetpoint",
    )
    desk.later(60).event("Ended", 2, info={"stoppedReason": "Remote"})
    ended = desk.station.transactions["t1"]
    assert (ended.running, ended.stopped_reason, ended.remote_start_id, ended.odd) == (False, "Remote", 7, ())
    assert (ended.ended_at - ended.started_at).total_seconds() == 120


def test_a_gap_in_the_sequence_is_known_and_can_be_filled_later() -> None:
    desk = Desk()
    desk.start()
    desk.event("Updated", 3)
    assert desk.station.transactions["t1"].missing == (1, 2)
    desk.event("Updated", 1, offline=True)
    assert desk.station.transactions["t1"].missing == (2,)


def test_a_repeated_event_counts_once() -> None:
    desk = Desk()
    desk.start()
    for _ in range(2):
        desk.event("Updated", 1, meterValue=[sampled(500.0)])
    assert len(desk.station.readings) == 1


def test_late_events_never_revive_what_has_ended() -> None:
    desk = Desk()
    desk.start()
    desk.event("Ended", 2, info={"chargingState": "Idle"})
    desk.event("Updated", 1, offline=True, info={"chargingState": "Charging"})
    known = desk.station.transactions["t1"]
    assert (known.running, known.charging_state, known.missing) == (False, "Idle", ())


def test_an_end_without_a_start_and_two_starts_are_odd() -> None:
    desk = Desk()
    desk.event("Ended", 5)
    assert "its start was never reported" in desk.station.transactions["t1"].odd
    desk.start("t2")
    desk.event("Started", 1, "t2")
    assert "Started came twice" in desk.station.transactions["t2"].odd


def test_the_place_need_not_be_repeated_and_the_connector_may_be_absent() -> None:
    desk = Desk()
    desk.event("Started", 0, evse={"id": 2})
    desk.event("Updated", 1)
    known = desk.station.transactions["t1"]
    assert (known.evse_id, known.connector_id) == (2, None)


def test_registers_give_energy_in_both_directions_in_wh() -> None:
    desk = Desk(policy=CsmsPolicy(prices=Prices(0.30, 0.50), report_cost=True))
    desk.start(meterValue=[sampled(1.0, unitOfMeasure={"unit": "kWh"}), sampled(200.0, EXPORT)])
    answer = desk.event("Updated", 1, meterValue=[sampled(2, unitOfMeasure={"unit": "Wh", "multiplier": 3})])
    assert answer["totalCost"] == 0.3
    answer = desk.event("Ended", 2, meterValue=[sampled(4200.0, EXPORT)])
    known = desk.station.transactions["t1"]
    assert (known.imported, known.exported) == (1000.0, 4000.0)
    assert answer["totalCost"] == pytest.approx(0.3 - 2.0)


def test_a_register_that_falls_is_odd_and_not_taken() -> None:
    desk = Desk()
    desk.start(meterValue=[sampled(5000.0)])
    desk.event("Updated", 1, meterValue=[sampled(0.0)])
    known = desk.station.transactions["t1"]
    assert (known.imported, len(known.odd)) == (0.0, 1)


def test_meter_values_outside_of_events_belong_to_the_transaction_of_their_evse() -> None:
    desk = Desk()
    desk.start()
    desk.ask("MeterValues", {"evseId": 1, "meterValue": [sampled(-3000, "Power.Active.Setpoint")]})
    desk.ask("MeterValues", {"evseId": 2, "meterValue": [sampled(10)]})
    first, second = desk.station.readings.values()
    assert (first.transaction_id, first.value, second.transaction_id) == ("t1", -3000.0, "")


def test_the_evccid_is_read_from_the_token() -> None:
    desk = Desk()
    token = {"idToken": "X", "type": "eMAID", "additionalInfo": [{"additionalIdToken": "WMIV1", "type": "EVCCID"}]}
    desk.event("Started", 0, evse={"id": 1}, idToken=token)
    assert desk.station.transactions["t1"].evcc_id == "WMIV1"


def test_a_limit_of_the_csms_is_told_once_and_not_to_an_event_from_the_past() -> None:
    desk = Desk(policy=CsmsPolicy(transaction_limit={"maxEnergy": 5000}))
    assert "transactionLimit" not in desk.start(offline=True)
    assert desk.event("Updated", 1)["transactionLimit"] == {"maxEnergy": 5000}
    assert "transactionLimit" not in desk.event("Updated", 2)


def test_a_token_that_charges_elsewhere_is_concurrent_where_the_policy_minds() -> None:
    desk = Desk(policy=CsmsPolicy(concurrent_transactions=False))
    desk.start("t1", 1)
    assert desk.start("t2", 2)["idTokenInfo"]["status"] == "ConcurrentTx"
    assert desk.station.transactions["t2"].authorised == "ConcurrentTx"


# --- 1.6 ---


def begin(desk: Desk, **more):
    base = {"connectorId": 1, "idTag": "TAG", "meterStart": 100, "timestamp": "2026-03-01T12:00:00Z"}
    return desk.ask("StartTransaction", {**base, **more})


def test_1_6_starts_and_stops_with_the_ids_of_the_csms() -> None:
    desk = Desk("1.6")
    number = begin(desk)["transactionId"]
    values = [{"timestamp": "2026-03-01T12:05:00Z", "sampledValue": [{"value": "600", "unit": "Wh"}]}]
    desk.ask("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values})
    desk.ask("StopTransaction", {"transactionId": number, "meterStop": 1100, "timestamp": "2026-03-01T13:00:00Z"})
    known = desk.station.transactions[str(number)]
    assert (known.imported, known.running, known.odd) == (1000.0, False, ())
    assert begin(desk, connectorId=2)["transactionId"] != number


def test_1_6_a_start_that_is_sent_again_gets_its_first_id() -> None:
    desk = Desk("1.6")
    assert begin(desk)["transactionId"] == begin(desk)["transactionId"]
    assert len(desk.station.transactions) == 1


def test_1_6_a_stop_of_an_unknown_transaction_is_answered_and_noted() -> None:
    desk = Desk("1.6")
    assert desk.ask("StopTransaction", {"transactionId": -1, "meterStop": 0, "timestamp": "2026-03-01T13:00:00Z"}) == {}
    assert not desk.station.transactions
    assert desk.station.notes


def test_1_6_a_stop_before_the_start_is_odd_and_a_second_stop_changes_nothing() -> None:
    desk = Desk("1.6")
    number = begin(desk)["transactionId"]
    stop = {"transactionId": number, "meterStop": 50, "timestamp": "2026-03-01T11:00:00Z"}
    desk.ask("StopTransaction", stop)
    known = desk.station.transactions[str(number)]
    assert len(known.odd) == 2
    desk.ask("StopTransaction", {**stop, "meterStop": 9000})
    assert desk.station.transactions[str(number)] == known


def test_1_6_knows_fewer_statuses_of_tokens() -> None:
    desk = Desk("1.6", CsmsPolicy(tokens=(Token("TAG"), Token("POOR", status="NoCredit"))))
    assert desk.ask("Authorize", {"idTag": "tag"})["idTagInfo"] == {"status": "Accepted"}
    assert desk.ask("Authorize", {"idTag": "POOR"})["idTagInfo"] == {"status": "Invalid"}
    assert desk.ask("Authorize", {"idTag": "NOBODY"})["idTagInfo"] == {"status": "Invalid"}


def test_a_remote_start_makes_its_token_known_and_its_profile_that_of_the_transaction() -> None:
    desk = Desk(policy=CsmsPolicy(tokens=(Token("SOMEBODY"),)))
    period = {"startPeriod": 0, "limit": 6000}
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "startSchedule": "2026-03-01T12:00:00Z",
        "chargingSchedulePeriod": [period],
    }
    profile = {"id": 9, "stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute"}
    profile["chargingSchedule"] = [schedule]
    asked = {
        "remoteStartId": 3,
        "idToken": {"idToken": "APP", "type": "Central"},
        "evseId": 1,
        "chargingProfile": profile,
    }
    desk.settle("RequestStartTransaction", asked)
    assert desk.event(
        "Started", 0, evse={"id": 1}, idToken={"idToken": "APP", "type": "Central"}, info={"remoteStartId": 3}
    )["idTokenInfo"] == {"status": "Accepted"}
    assert desk.station.profiles["9"].transaction_id == "t1"
    assert desk.ask("Authorize", {"idToken": TOKEN})["idTokenInfo"]["status"] == "Unknown"
    desk.event("Ended", 1)
    assert not desk.station.profiles
