"""Transactions: their events, what starts and ends them, meter values, limits, outages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import OTHER, TAG, Bench


def triggers(bench: Bench) -> list[str]:
    return [event["triggerReason"] for event in bench.events()]


def refused(_payload: Any) -> dict[str, Any]:
    return {"idTokenInfo": {"status": "Invalid"}}


def samples(event: Any, measurand: str) -> list[float]:
    values = [sample for each in event.get("meterValue", []) for sample in each["sampledValue"]]
    return [sample["value"] for sample in values if sample["measurand"] == measurand]


def test_plug_first_gives_a_whole_transaction() -> None:
    bench = Bench()
    bench.charge()
    bench.run(60)
    bench.present()
    bench.unplug()
    assert triggers(bench) == [
        "CablePluggedIn",
        "Authorized",
        "ChargingStateChanged",
        "MeterValuePeriodic",
        "StopAuthorized",
    ]
    assert [event["seqNo"] for event in bench.events()] == [0, 1, 2, 3, 4]
    assert [event["eventType"] for event in bench.events()] == ["Started", *["Updated"] * 3, "Ended"]
    assert len({event["transactionInfo"]["transactionId"] for event in bench.events()}) == 1
    assert bench.events("Ended")[0]["transactionInfo"]["stoppedReason"] == "Local"
    assert not bench.wrong


def test_the_evse_stands_in_the_first_event_only_and_the_evccid_with_the_token() -> None:
    bench = Bench()
    bench.charge()
    assert ["evse" in event for event in bench.events()] == [True, False, False]
    token = next(event["idToken"] for event in bench.events() if "idToken" in event)
    assert token["additionalInfo"] == [{"additionalIdToken": "EV-1", "type": "EVCCID"}]


def test_authorising_first_names_the_evse_when_it_is_known() -> None:
    bench = Bench()
    bench.present()
    bench.plug_in()
    started, plugged = bench.events()[:2]
    assert (started["triggerReason"], "evse" in started) == ("Authorized", False)
    assert (plugged["triggerReason"], plugged["evse"]) == ("CablePluggedIn", {"id": 1, "connectorId": 1})


def test_whoever_does_not_plug_in_loses_the_authorisation() -> None:
    bench = Bench()
    bench.present()
    bench.run(61)
    ended = bench.events("Ended")[0]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("EVConnectTimeout", "Timeout")


def test_a_token_that_is_refused_starts_nothing() -> None:
    bench = Bench(replies={"Authorize": refused})
    bench.plug_in()
    bench.present()
    bench.run(5)
    assert bench.power() == 0
    assert not any("idToken" in event for event in bench.events())


def test_another_token_does_not_stop_a_transaction() -> None:
    bench = Bench()
    bench.charge()
    bench.present(OTHER)
    assert not bench.events("Ended")


def test_a_token_of_the_same_group_stops_it() -> None:
    group = {"idTokenInfo": {"status": "Accepted", "groupIdToken": {"idToken": "G", "type": "Central"}}}
    bench = Bench(replies={"Authorize": lambda _payload: group})
    bench.charge()
    bench.present(OTHER)
    assert bench.events("Ended")


def test_a_token_that_the_event_refuses_ends_the_transaction() -> None:
    bench = Bench(replies={"TransactionEvent": lambda event: refused(event) if "idToken" in event else {}})
    bench.plug_in()
    bench.present()
    ended = bench.events("Ended")[0]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("Deauthorized", "DeAuthorized")
    assert bench.power() == 0


def test_a_refused_token_may_still_take_a_little_where_that_is_set() -> None:
    variables = {"TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "20"}
    bench = Bench(
        variables=variables, replies={"TransactionEvent": lambda event: refused(event) if "idToken" in event else {}}
    )
    bench.plug_in()
    bench.present()
    bench.run(3)
    assert bench.power() > 0
    bench.run(30)
    assert bench.power() == 0
    assert bench.events()[-1]["transactionInfo"]["chargingState"] == "SuspendedEVSE"


def test_unplugging_ends_with_the_reason() -> None:
    bench = Bench()
    bench.charge()
    bench.unplug()
    info = bench.events("Ended")[0]["transactionInfo"]
    assert (info["stoppedReason"], info["chargingState"]) == ("EVDisconnected", "Idle")


def test_one_car_has_one_transaction_until_somebody_authorises_again() -> None:
    bench = Bench()
    bench.charge()
    bench.present()
    bench.run(5)
    assert len(bench.events("Started")) == 1
    bench.present()
    assert len(bench.events("Started")) == 2


@pytest.mark.parametrize(
    ("point", "trigger"), [("PowerPathClosed", "Authorized"), ("EnergyTransfer", "ChargingStateChanged")]
)
def test_a_transaction_begins_where_the_start_point_says(point: str, trigger: str) -> None:
    bench = Bench(variables={"TxCtrlr.TxStartPoint": point})
    bench.plug_in()
    assert not bench.events()
    bench.present()
    bench.run(3)
    assert bench.events("Started")[0]["triggerReason"] == trigger


def test_registers_never_fall_over_charging_and_discharging() -> None:
    bench = Bench(variables={"SampledDataCtrlr.TxUpdatedInterval": "10"})
    transaction = bench.charge()
    bench.run(60)
    from tests.ocpp.station.profiles import dynamic, setpoint

    bench.ask(
        "SetChargingProfile", {"evseId": 1, "chargingProfile": dynamic(7, setpoint(-5000), transactionId=transaction)}
    )
    bench.run(60)
    bench.unplug()
    for register in ("Energy.Active.Import.Register", "Energy.Active.Export.Register"):
        values = [value for event in bench.events() for value in samples(event, register)]
        assert values == sorted(values) and values[-1] > 0
    exported = [value for event in bench.events() for value in samples(event, "Power.Active.Export")]
    assert max(exported) == pytest.approx(5000)
    assert not bench.wrong


def test_values_at_the_clock_come_on_the_grid_of_the_clock() -> None:
    bench = Bench(variables={"AlignedDataCtrlr.Interval": "30"})
    bench.run(45)
    assert [values["meterValue"][0]["timestamp"][11:19] for values in bench.said("MeterValues")] == ["12:00:30"]
    bench.charge()
    bench.run(31)
    assert "MeterValueClock" in triggers(bench)


@pytest.mark.parametrize(
    ("limit", "trigger"), [({"maxEnergy": 20.0}, "EnergyLimitReached"), ({"maxTime": 20}, "TimeLimitReached")]
)
def test_a_limit_of_the_csms_is_confirmed_and_kept(limit: dict[str, Any], trigger: str) -> None:
    bench = Bench(
        replies={
            "TransactionEvent": lambda event: {"transactionLimit": limit} if event["eventType"] == "Started" else {}
        }
    )
    bench.charge()
    confirmed = next(event for event in bench.events() if event["triggerReason"] == "LimitSet")
    assert confirmed["transactionInfo"]["transactionLimit"] == limit
    bench.run(30)
    reached = next(event for event in bench.events() if event["triggerReason"] == trigger)
    assert reached["transactionInfo"]["chargingState"] == "SuspendedEVSE"
    assert bench.power() == 0
    assert not bench.wrong


def test_events_of_an_outage_are_told_afterwards_in_order_as_offline() -> None:
    bench = Bench()
    transaction = bench.charge()
    bench.disconnect()
    bench.run(130)
    bench.unplug()
    before = len(bench.events())
    assert bench.ask("GetTransactionStatus", {"transactionId": transaction}) == {
        "ongoingIndicator": False,
        "messagesInQueue": True,
    }
    bench.connect()
    late = bench.events()[before:]
    assert len(late) >= 3 and all(event["offline"] for event in late)
    assert [event["seqNo"] for event in bench.events()] == list(range(len(bench.events())))
    assert not bench.station.queued(transaction)
    assert not bench.wrong


def test_an_event_that_is_refused_is_tried_again_and_then_dropped() -> None:
    variables = {
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "3",
        "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "5",
    }
    bench = Bench(variables=variables, replies={"TransactionEvent": lambda _event: "InternalError"})
    bench.plug_in()
    bench.run(30)
    times = [at - bench.sent[0][0] for at, action, _ in bench.sent if action == "TransactionEvent"]
    assert times == pytest.approx([0, 5, 15], abs=1.1)


def test_unknown_tokens_start_offline_only_where_that_is_set() -> None:
    for allowed in ("false", "true"):
        bench = Bench(variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": allowed})
        bench.disconnect()
        bench.plug_in()
        bench.present()
        bench.run(3)
        assert (bench.power() > 0) == (allowed == "true")


def test_the_local_list_beats_the_csms_and_the_cache() -> None:
    bench = Bench()
    entry = {"idToken": TAG, "idTokenInfo": {"status": "Accepted"}}
    answer = bench.ask("SendLocalList", {"versionNumber": 4, "updateType": "Full", "localAuthorizationList": [entry]})
    assert answer == {"status": "Accepted"}
    bench.plug_in()
    bench.present()
    assert not bench.said("Authorize")
    assert bench.ask("GetLocalListVersion") == {"versionNumber": 4}
    assert bench.ask("SendLocalList", {"versionNumber": 4, "updateType": "Differential"}) == {
        "status": "VersionMismatch"
    }


def test_the_cache_serves_until_it_is_cleared() -> None:
    bench = Bench()
    bench.charge()
    bench.unplug()
    bench.charge()
    assert len(bench.said("Authorize")) == 1
    bench.unplug()
    assert bench.ask("ClearCache") == {"status": "Accepted"}
    bench.charge()
    assert len(bench.said("Authorize")) == 2
