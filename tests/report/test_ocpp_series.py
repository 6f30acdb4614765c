"""Powers in recorded OCPP frames: what stations report and what accepted profiles ask for, on the curve and in the ladder."""

from __future__ import annotations

from typing import Any

from harness.evidence.reading import Frame
from harness.report.keyfields import key_text
from harness.report.ladder import ladder_svg
from harness.report.ocpp_series import profile_points, reported_power
from harness.report.series import power_curve


def frame(
    at: float, name: str, payload: Any, *, number: int = 1, message_id: str = "m1", sender: str = "csms"
) -> Frame:
    message = {"message_id": message_id, "action": name.partition(".")[0], "payload": payload}
    return Frame(number, at, "ocpp", 1, sender, False, name, "", "", message, f"2026-03-01T12:00:{at:06.3f}Z")


def metered(at: float, **powers: float) -> Frame:
    sampled = [{"measurand": f"Power.Active.{name}", "value": value} for name, value in powers.items()]
    payload = {"eventType": "Updated", "seqNo": 3, "meterValue": [{"timestamp": "x", "sampledValue": sampled}]}
    return frame(at, "TransactionEvent.req", payload, sender="station")


def profile(at: float, start: str, *periods: dict[str, Any], message_id: str = "p1") -> Frame:
    schedule = {"chargingRateUnit": "W", "startSchedule": start, "chargingSchedulePeriod": list(periods)}
    content = {"chargingProfilePurpose": "TxProfile", "chargingSchedule": [schedule]}
    return frame(at, "SetChargingProfile.req", {"evseId": 1, "chargingProfile": content}, message_id=message_id)


def answer(at: float, status: str, message_id: str = "p1") -> Frame:
    return frame(at, "SetChargingProfile.conf", {"status": status}, message_id=message_id, sender="station")


def test_export_is_negative_and_kilowatts_and_multipliers_are_minded() -> None:
    assert reported_power(metered(1.0, Import=0.0, Export=2500.0)) == -2500.0
    scaled = {"measurand": "Power.Active.Import", "value": 2.5, "unitOfMeasure": {"unit": "kW"}}
    tens = {"measurand": "Power.Active.Import", "value": 25, "unitOfMeasure": {"unit": "W", "multiplier": 2}}
    for sample in (scaled, tens, {"measurand": "Power.Active.Import", "value": "2.5", "unit": "kW"}):
        payload = {"meterValue": [{"sampledValue": [sample]}]}
        assert reported_power(frame(1.0, "MeterValues.req", payload)) == 2500.0


def test_an_accepted_schedule_makes_steps_from_its_start_on() -> None:
    periods = ({"startPeriod": 0, "setpoint": -3000}, {"startPeriod": 30, "setpoint": 2000})
    seen = [profile(10.0, "2026-03-01T12:00:20Z", *periods), answer(10.1, "Accepted")]
    assert profile_points(seen, "setpoint") == ((20.0, -3000.0), (50.0, 2000.0))
    begun = [profile(10.0, "2026-03-01T11:00:00Z", *periods), answer(10.1, "Accepted")]
    assert profile_points(begun, "setpoint")[0] == (10.0, -3000.0)


def test_a_refused_profile_asks_for_nothing() -> None:
    seen = [profile(1.0, "", {"startPeriod": 0, "limit": 5000}), answer(1.1, "Rejected")]
    assert profile_points(seen, "limit") == ()


def test_pushed_and_pulled_values_are_steps_too() -> None:
    pushed = frame(5.0, "UpdateDynamicSchedule.req", {"scheduleUpdate": {"setpoint": 700}}, message_id="u")
    pulled = frame(6.0, "PullDynamicScheduleUpdate.conf", {"status": "Accepted", "scheduleUpdate": {"setpoint": 800}})
    taken = frame(5.1, "UpdateDynamicSchedule.conf", {"status": "Accepted"}, message_id="u")
    assert profile_points([pushed, taken, pulled], "setpoint") == ((5.0, 700.0), (6.0, 800.0))


def test_the_curve_shows_reports_setpoints_and_limits() -> None:
    asked = profile(1.0, "", {"startPeriod": 0, "setpoint": -2500, "dischargeLimit": -4000})
    curve = power_curve([asked, answer(1.1, "Accepted"), metered(5.0, Export=2400.0)])
    assert curve is not None
    assert {line.label: line.points for line in curve.lines} == {
        "station reports (Power.Active.Import − Export)": ((5.0, -2400.0),),
        "CSMS sets (setpoint)": ((1.0, -2500.0),),
        "CSMS sets (dischargeLimit)": ((1.0, -4000.0),),
    }


def test_the_ladder_says_what_a_frame_is_about() -> None:
    asked = profile(1.0, "", {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -2500})
    assert key_text(asked) == "TxProfile · CentralSetpoint · setpoint -2500 W · evseId 1"
    assert key_text(metered(5.0, Export=2400.0)) == "Updated · reports -2400 W · seqNo 3"
    drawn = "".join(ladder_svg([answer(2.0, "Rejected")], frames=[answer(2.0, "Rejected")], sut="station", key="k"))
    assert 'class="row failed"' in drawn


def test_broken_payloads_show_nothing_and_break_nothing() -> None:
    for payload in (None, [], {"meterValue": 3}, {"meterValue": [{"sampledValue": [{"value": "x"}]}]}):
        assert reported_power(frame(1.0, "TransactionEvent.req", payload)) is None
    odd = frame(
        1.0, "SetChargingProfile.req", {"chargingProfile": {"chargingSchedule": [{"chargingSchedulePeriod": [3]}]}}
    )
    assert profile_points([odd, answer(1.1, "Accepted", "m1")], "limit") == ()
    assert key_text(odd) == ""
