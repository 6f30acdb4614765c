"""What a station with a bad memory hears, says and works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.fault.forgetful import (
    CountsAnew,
    Decorative,
    ForgetsAtBoot,
    GivesUp,
    KeepsFirst,
    NeverRepeats,
    TakesErrorsForAnswers,
)
from harness.ocppj.frame import Call, CallError, CallResult

TIMEOUT = {"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"}}
OTHER = {"component": {"name": "TxCtrlr"}, "variable": {"name": "StopTxOnInvalidId"}}


@dataclass(frozen=True)
class Settings:
    variables: dict[str, str] = field(default_factory=dict)


def test_a_decorative_variable_is_told_as_written_and_used_as_it_was() -> None:
    fault: Any = Decorative("TxCtrlr.EVConnectionTimeOut", "9", "ConnectionTimeOut").armed()
    assert fault.on_settings(Settings()).variables == {"TxCtrlr.EVConnectionTimeOut": "9"}
    items = [{**TIMEOUT, "attributeValue": "60"}, {**OTHER, "attributeValue": "true"}]
    (heard,) = fault.on_message(Call("1", "SetVariables", {"setVariableData": items}), "in")
    assert [each["attributeValue"] for each in heard.payload["setVariableData"]] == ["9", "true"]
    results = [{**TIMEOUT, "attributeValue": "9"}, {**OTHER, "attributeValue": "true"}]
    (said,) = fault.on_message(CallResult("2", {"getVariableResult": results}, "GetVariables"), "out")
    assert [each["attributeValue"] for each in said.payload["getVariableResult"]] == ["60", "true"]


def test_a_decorative_key_of_1_6_is_too() -> None:
    fault = Decorative("TxCtrlr.EVConnectionTimeOut", "9", "ConnectionTimeOut").armed()
    asked = Call("1", "ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "60"})
    (heard,) = fault.on_message(asked, "in")
    assert heard.payload["value"] == "9"
    keys = [{"key": "ConnectionTimeOut", "value": "9"}, {"key": "ResetRetries", "value": "1"}]
    (said,) = fault.on_message(CallResult("2", {"configurationKey": keys}, "GetConfiguration"), "out")
    assert [each["value"] for each in said.payload["configurationKey"]] == ["60", "1"]


def test_what_is_forgotten_at_boot_is_undone_by_a_request_that_nobody_sees_answered() -> None:
    fault = ForgetsAtBoot("ClearCache", {}).armed()
    fault.on_message(Call("1", "BootNotification"), "out")
    answer = CallResult("1", {"status": "Accepted"})
    heard = fault.on_message(answer, "in")
    assert heard[0] == answer
    assert (heard[1].action, heard[1].payload) == ("ClearCache", {})
    assert fault.on_message(CallResult(heard[1].message_id), "out") == ()
    assert fault.on_message(CallResult("2"), "in") == (CallResult("2"),)


def test_who_never_repeats_says_something_harmless_the_second_time() -> None:
    fault = NeverRepeats("TransactionEvent").armed()
    (first,) = fault.on_message(Call("1", "TransactionEvent", {"seqNo": 1}), "out")
    (second,) = fault.on_message(Call("2", "TransactionEvent", {"seqNo": 1, "offline": True}), "out")
    assert (first.action, second.action) == ("TransactionEvent", "Heartbeat")
    (answer,) = fault.on_message(CallResult("2", {"currentTime": "2026-03-01T12:00:00Z"}), "in")
    assert answer.action == "TransactionEvent"


def test_who_gives_up_says_it_so_often_and_no_more() -> None:
    fault = GivesUp("BootNotification", 1).armed()
    boots = [fault.on_message(Call(str(number), "BootNotification"), "out") for number in range(2)]
    assert [len(each) for each in boots] == [1, 0]


def test_an_error_is_taken_for_an_answer() -> None:
    fault = TakesErrorsForAnswers("TransactionEvent").armed()
    fault.on_message(CallResult("0"), "in")
    fault.on_message(Call("1", "TransactionEvent"), "out")
    (heard,) = fault.on_message(CallError("1", "InternalError"), "in")
    assert heard == CallResult("1", {}, action="TransactionEvent")
    assert fault.on_message(CallError("9", "InternalError"), "in") == (CallError("9", "InternalError"),)


def test_a_register_that_counts_anew_begins_at_zero_after_each_boot() -> None:
    fault = CountsAnew("energy_import").armed()
    assert [fault.on_signal("energy_import", value, 0.0) for value in (5.0, 8.0)] == [0.0, 3.0]
    fault.on_message(Call("1", "BootNotification"), "out")
    assert fault.on_signal("energy_import", 9.0, 0.0) == 0.0
    assert fault.on_signal("energy_export", 9.0, 0.0) == 9.0


def test_only_the_first_items_are_kept() -> None:
    (said,) = KeepsFirst("GetVariables", "getVariableResult", 1).on_message(
        CallResult("1", {"getVariableResult": [1, 2]}, "GetVariables"), "out"
    )
    assert said.payload == {"getVariableResult": [1]}
