"""What is documented is what is read: the page's tables and its example against the code."""

from __future__ import annotations

import re

import pytest

from harness.device.description import load_description
from harness.device.pics import VOCABULARIES
from harness.device.vocabulary import SECTIONS, explain, names, renewed, tables, tables_of
from harness.resources import resource

PAGE = resource("docs", "device-description.md").read_text(encoding="utf-8")
MERELY_A_LIST = {
    "section pixit",
    "section bench.trigger.actions.* (reference)",
    "section bench.trigger.actions.* (none)",
}


def test_the_tables_of_the_page_are_those_of_the_code():
    assert renewed(PAGE) == PAGE, "run: python -m harness.device.vocabulary docs/device-description.md"


def test_every_table_stands_on_the_page_once():
    assert sorted(tables_of(PAGE)) == sorted(tables().keys() - MERELY_A_LIST)


def test_the_example_of_the_page_loads(tmp_path):
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    path = tmp_path / "example.yaml"
    path.write_text(example[1])
    description = load_description(path)
    assert description.roles.names == ("secc", "station")
    assert description.bench.trigger.available >= {"plug", "setpoint", "authorise"}
    assert "reject_authorisation" not in description.bench.trigger.available


def test_every_item_of_every_section_has_a_meaning():
    for section, model in SECTIONS.items():
        for key, field in model.model_fields.items():
            assert field.description or key == "kind", f"{section}.{key}"


@pytest.mark.parametrize("name", names())
def test_everything_that_can_be_asked_for_is_explained(name):
    assert name.split(".")[-1].lower() in (explain(name) or "").lower()


def test_a_claim_is_explained_from_the_data_it_is_declared_with():
    assert explain("secc.mobility_needs_2") == (
        "SECC.MOBILITY_NEEDS_2: mobility needs set by EV and charger\n"
        "Offers MobilityNeedsMode 2: the charger may change departure time and SOC targets.\n"
        "Source: [V2G20-2663]\n"
        "Goes with: SECC.DYNAMIC\n"
        "Claimed in a description by: pics: {secc: [MOBILITY_NEEDS_2]}"
    )


def test_a_value_is_explained_with_unit_and_default():
    assert explain("pixit.secc.cable_check_duration") == (
        "pixit.secc.cable_check_duration: Longest that the cable check takes; at most 40 s.\n"
        "Kind: s; default: 30 s\n"
        "Source: V2G_EVCC_CableCheck_Timeout"
    )


def test_a_role_is_explained_by_its_claims():
    said = explain("SECC") or ""
    assert all(each.name in said for each in VOCABULARIES["secc"])


def test_what_is_unknown_is_not_explained():
    assert explain("SECC.NOTHING") is None
    assert explain("pixit.secc.nothing") is None
