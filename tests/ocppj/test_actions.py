"""The list of actions against the schemas that the `ocpp` package ships: each has the other."""

from __future__ import annotations

from importlib.resources import files

import pytest

from harness.ocppj.actions import actions, other
from harness.ocppj.schemas import schema, validator
from harness.ocppj.versions import Version

FOLDERS: dict[Version, str] = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
COUNTS: dict[Version, int] = {"1.6": 39, "2.0.1": 64, "2.1": 91}


@pytest.mark.parametrize("version", COUNTS)
def test_every_shipped_schema_belongs_to_an_action_and_every_action_has_its_schemas(version: Version) -> None:
    shipped = {file.name for file in files("ocpp").joinpath(FOLDERS[version], "schemas").iterdir()}
    requests, responses = set(), set()
    for action in actions(version).values():
        requests.add(action.name)
        assert schema(version, action.name, "request")["type"] == "object"
        if action.answered:
            responses.add(f"{action.name}Response.json")
    stems = {name.removesuffix(".json").removesuffix("Request") for name in shipped - responses}
    assert stems == requests
    assert responses <= shipped
    assert len(requests) == COUNTS[version]


@pytest.mark.parametrize("version", COUNTS)
def test_every_schema_compiles(version: Version) -> None:
    for action in actions(version).values():
        assert not validator(version, action.name, "request").is_valid([])
        if action.answered:
            assert not validator(version, action.name, "response").is_valid([])


def test_2_1_has_all_of_2_0_1_with_the_same_starters() -> None:
    newer = actions("2.1")
    assert all(newer[name] == action for name, action in actions("2.0.1").items())


def test_data_transfer_is_the_only_action_of_both_parties() -> None:
    for version in COUNTS:
        assert [name for name, action in actions(version).items() if len(action.starters) > 1] == ["DataTransfer"]


def test_only_periodic_event_streams_are_not_answered() -> None:
    assert [name for name, action in actions("2.1").items() if not action.answered] == ["NotifyPeriodicEventStream"]


def test_each_party_has_the_other() -> None:
    assert (other("station"), other("csms")) == ("csms", "station")
