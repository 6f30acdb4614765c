"""Edits of payloads: what happens at a path, and what stays as it was."""

from harness.fault.ocpp import add, drop, prune, put, scale

VALUES = {
    "meterValue": [
        {"sampledValue": [{"measurand": "Power.Reactive.Import", "value": 1.0}, {"measurand": "SoC", "value": 50.0}]},
        {"sampledValue": [{"measurand": "Power.Reactive.Import", "value": 2.0}]},
    ]
}


def test_a_list_is_pruned_of_the_members_with_a_value_and_of_no_others() -> None:
    pruned = prune("meterValue.*.sampledValue", "measurand", "Power.Reactive.Import").apply(VALUES)
    assert pruned == {"meterValue": [{"sampledValue": [{"measurand": "SoC", "value": 50.0}]}, {"sampledValue": []}]}


def test_members_are_found_by_a_value_that_lies_deeper() -> None:
    report = {"reportData": [{"variable": {"name": "MaxVA"}}, {"variable": {"name": "MaxW"}}, {}]}
    pruned = prune("reportData", "variable.name", "MaxVA").apply(report)
    assert pruned == {"reportData": [{"variable": {"name": "MaxW"}}, {}]}


def test_a_path_that_is_not_there_stays_so() -> None:
    for edit in (prune("other", "name", 1), scale("other", 2), add("other", 2), drop("other"), put("other.deeper", 1)):
        assert edit.apply({"kept": 1}) == {"kept": 1}
