"""Claims and expressions over claims."""

from __future__ import annotations

import pytest

from harness.device.pics import AGGREGATOR, CSMS, EVCC, SECC, STATION, VOCABULARIES, all_names, item
from harness.errors import DeclarationError


def test_an_expression_holds_for_a_device_that_claims_what_it_needs():
    needed = SECC.DC_BPT & SECC.DYNAMIC
    assert needed.evaluate(frozenset({"SECC.DC_BPT", "SECC.DYNAMIC"})) == (True, ())


def test_an_expression_names_every_missing_claim_in_words():
    needed = SECC.DC_BPT & SECC.DYNAMIC & SECC.DC_BPT
    assert needed.missing(frozenset()) == (
        "SECC.DC_BPT (bidirectional DC energy transfer)",
        "SECC.DYNAMIC (Dynamic control)",
    )


def test_of_alternatives_one_is_enough_and_none_names_both():
    needed = STATION.RATE_UNIT_A | STATION.RATE_UNIT_W
    assert needed.holds(frozenset({"STATION.RATE_UNIT_W"}))
    assert needed.missing(frozenset()) == ("STATION.RATE_UNIT_A (limits in A) or STATION.RATE_UNIT_W (limits in W)",)


def test_an_excluded_claim_must_not_be_made():
    needed = SECC.DC & ~SECC.TLS
    assert needed.holds(frozenset({"SECC.DC"}))
    assert needed.missing(frozenset({"SECC.DC", "SECC.TLS"})) == (
        "a device that does not claim SECC.TLS (TLS 1.3 with both certificates)",
    )


def test_an_expression_prints_as_it_is_written():
    assert str((SECC.DC | SECC.DC_BPT) & ~SECC.TLS) == "(SECC.DC | SECC.DC_BPT) & ~SECC.TLS"
    assert str(~(EVCC.DC | EVCC.AC)) == "~(EVCC.DC | EVCC.AC)"


def test_an_unknown_name_says_which_one_was_meant():
    with pytest.raises(DeclarationError, match=r"SECC\.DC_BTP is no PICS item; did you mean DC_BPT\?"):
        SECC.DC_BTP  # noqa: B018


def test_every_item_says_what_it_promises_and_where_the_term_comes_from():
    for vocabulary in VOCABULARIES.values():
        for each in vocabulary:
            assert each.title and each.meaning.endswith(".") and each.source, each.name


def test_what_an_item_needs_is_of_its_own_role():
    for vocabulary in VOCABULARIES.values():
        for each in vocabulary:
            needed = [] if each.needs is None else list(each.needs.items())
            assert all(other.role == each.role for other in needed), each.name


def test_items_are_found_by_their_full_names():
    assert item("SECC.DC_BPT") is SECC.DC_BPT
    assert item("CSMS.V2X") is CSMS.V2X
    assert item("AGGREGATOR.REPORTS") is AGGREGATOR.REPORTS
    assert item("SECC.NOTHING") is None
    assert item("nobody") is None
    assert len(all_names()) == len(set(all_names())) == sum(len(each.names) for each in VOCABULARIES.values())
