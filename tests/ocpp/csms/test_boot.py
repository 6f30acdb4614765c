"""Registration: what a station is told at boot, and what is taken from it before."""

from __future__ import annotations

import pytest

from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.visit import Refusal
from harness.ocppj.versions import Version
from tests.ocpp.csms.desk import Desk


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_station_is_accepted_with_the_time_and_the_heartbeat_interval(version: Version) -> None:
    desk = Desk(version, CsmsPolicy(heartbeat_interval=300))
    assert desk.boot() == {"status": "Accepted", "currentTime": "2026-03-01T12:00:00.000Z", "interval": 300}
    standing = desk.station.standing
    assert (standing.status, standing.vendor, standing.model, standing.boots) == ("Accepted", "V", "M", 1)
    assert desk.ask("Heartbeat") == {"currentTime": "2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_before_acceptance_other_messages_are_a_security_error_and_change_nothing(status) -> None:
    desk = Desk(policy=CsmsPolicy(boot_status=status, boot_interval=7))
    assert (desk.boot()["status"], desk.boot()["interval"]) == (status, 7)
    token = {"idToken": {"idToken": "TAG", "type": "ISO14443"}}
    assert desk.refused("Authorize", token).code == "SecurityError"
    assert desk.refused("Heartbeat").code == "SecurityError"
    assert not desk.station.transactions


def test_while_pending_a_station_may_send_what_it_was_triggered_to_send_and_reports_that_were_asked_for() -> None:
    desk = Desk(policy=CsmsPolicy(boot_status="Pending"))
    desk.boot()
    desk.settle("TriggerMessage", {"requestedMessage": "Heartbeat"})
    assert "currentTime" in desk.ask("Heartbeat")
    desk.settle("GetBaseReport", {"requestId": 4, "reportBase": "FullInventory"})
    part = {"requestId": 4, "generatedAt": "2026-03-01T12:00:00Z", "seqNo": 0}
    assert desk.ask("NotifyReport", part) == {}
    assert desk.refused("NotifyReport", {**part, "requestId": 5}).code == "SecurityError"


def test_a_station_that_never_booted_here_is_served_or_refused_as_the_policy_says() -> None:
    assert "currentTime" in Desk(policy=CsmsPolicy(unbooted="serve")).ask("Heartbeat")
    assert Desk(policy=CsmsPolicy(unbooted="refuse")).refused("Heartbeat").code == "SecurityError"


def test_a_status_that_a_case_gives_in_place_of_the_ordinary_one_counts() -> None:
    desk = Desk(policy=CsmsPolicy().answering("BootNotification", status="Rejected"))
    assert desk.boot()["status"] == "Rejected"
    assert desk.orders == ()
    assert desk.refused("Heartbeat").code == "SecurityError"


def test_after_a_boot_settings_and_inventory_are_asked_for() -> None:
    desk = Desk(policy=CsmsPolicy(inventory=True, settings=(("TxCtrlr", "EVConnectionTimeOut", "60"),)))
    desk.boot()
    assert [order.action for order in desk.orders] == ["SetVariables", "GetBaseReport"]
    older = Desk("1.6", desk.policy)
    older.boot()
    assert [order.action for order in older.orders] == ["ChangeConfiguration", "GetConfiguration"]


def test_a_serial_number_that_is_not_in_the_certificate_ends_the_connection() -> None:
    desk = Desk()
    desk.system.connected("CS1", "2.1", desk.now, "CS1-SERIAL-77")
    station = {"vendorName": "V", "model": "M", "serialNumber": "OTHER"}
    answer = desk.give("BootNotification", {"reason": "PowerUp", "chargingStation": station}).answer
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.close) == ("SecurityError", True)
    assert desk.boot(serialNumber="SERIAL-77")["status"] == "Accepted"


def test_an_unknown_action_is_not_implemented() -> None:
    answer = Desk().system.answer("CS1", "Nonsense", {}, CsmsPolicy(), Desk().now).answer
    assert isinstance(answer, Refusal)
    assert answer.code == "NotImplemented"
