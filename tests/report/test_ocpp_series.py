"""Powers in recorded OCPP frames: what stations report and what accepted profiles ask for, on the curve and in the ladder."""

from __future__ import annotations

from typing import Any

from harness.evidence.reading import Frame
from harness.report.curve import curve_svg
from harness.report.keyfields import key_text
from harness.report.ladder import ladder_svg
from harness.report.ocpp_series import profile_steps, reported_power
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
    assert profile_steps(seen, "setpoint").points == ((20.0, -3000.0), (50.0, 2000.0))
    begun = [profile(10.0, "2026-03-01T11:00:00Z", *periods), answer(10.1, "Accepted")]
    assert profile_steps(begun, "setpoint").points[0] == (10.0, -3000.0)


def test_a_refused_profile_asks_for_nothing() -> None:
    seen = [profile(1.0, "", {"startPeriod": 0, "limit": 5000}), answer(1.1, "Rejected")]
    assert profile_steps(seen, "limit").points == ()


def test_pushed_and_pulled_values_are_steps_too() -> None:
    pushed = frame(5.0, "UpdateDynamicSchedule.req", {"scheduleUpdate": {"setpoint": 700}}, message_id="u")
    pulled = frame(6.0, "PullDynamicScheduleUpdate.conf", {"status": "Accepted", "scheduleUpdate": {"setpoint": 800}})
    taken = frame(5.1, "UpdateDynamicSchedule.conf", {"status": "Accepted"}, message_id="u")
    assert profile_steps([pushed, taken, pulled], "setpoint").points == ((5.0, 700.0), (6.0, 800.0))


def installed(at: float, number: int, watts: float, level: int = 0) -> list[Frame]:
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": watts}]}
    content = {"id": number, "stackLevel": level, "chargingProfilePurpose": "TxProfile", "chargingSchedule": [schedule]}
    name = f"p{number}"
    asked = frame(at, "SetChargingProfile.req", {"evseId": 1, "chargingProfile": content}, message_id=name)
    return [asked, answer(at, "Accepted", name)]


def cleared(at: float, status: str = "Accepted", **asked: Any) -> list[Frame]:
    done = frame(at, "ClearChargingProfile.conf", {"status": status}, message_id=f"c{at}", sender="station")
    return [frame(at, "ClearChargingProfile.req", asked, message_id=f"c{at}"), done]


def test_a_cleared_profile_ends_its_steps() -> None:
    seen = [*installed(1.0, 7, 4000), *cleared(2.0, "Unknown", chargingProfileId=8), *cleared(5.0, chargingProfileId=7)]
    steps = profile_steps(seen, "limit")
    assert (steps.points, steps.ends) == (((1.0, 4000.0),), (5.0,))
    again = profile_steps([*seen, *installed(9.0, 7, 4000)], "limit")
    assert (again.points, again.ends) == (((1.0, 4000.0), (9.0, 4000.0)), (5.0,))


def test_what_stays_shows_again_when_another_profile_is_cleared() -> None:
    criteria = {"chargingProfilePurpose": "TxProfile", "stackLevel": 1, "evseId": 1}
    seen = [*installed(1.0, 7, 4000), *installed(2.0, 8, 3000, level=1)]
    steps = profile_steps([*seen, *cleared(5.0, chargingProfileCriteria=criteria)], "limit")
    assert (steps.points, steps.ends) == (((1.0, 4000.0), (2.0, 3000.0), (5.0, 4000.0)), ())


def test_amperes_are_no_powers() -> None:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]}
    content = {"csChargingProfiles": {"chargingProfileId": 1, "chargingSchedule": schedule}, "connectorId": 1}
    seen = [frame(1.0, "SetChargingProfile.req", content, message_id="p1"), answer(1.1, "Accepted")]
    assert profile_steps(seen, "limit").points == ()
    assert key_text(seen[0]).startswith("limit 16 A")


def test_a_line_is_drawn_in_stretches() -> None:
    seen = [*installed(1.0, 7, 4000), *cleared(5.0, chargingProfileId=7), metered(8.0, Import=9000.0)]
    curve = power_curve([*seen, *installed(9.0, 7, 4000), metered(12.0, Import=4000.0)])
    assert curve is not None
    assert curve_svg(curve, key="k").count("CSMS sets (limit)") == 2  # once in the picture, once in its description


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
    assert profile_steps([odd, answer(1.1, "Accepted", "m1")], "limit").points == ()
    assert key_text(odd) == ""
