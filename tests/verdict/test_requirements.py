"""The catalogue of requirements is complete, consistent, and found by the ids as they are cited."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from harness.device.pics import VOCABULARIES
from harness.errors import DeclarationError
from harness.verdict.requirements import Certainty, is_known, requirement, requirements
from harness.verdict.verdict import Axis

EVERYTHING = tuple(requirements())


@pytest.mark.parametrize(
    "id",
    [
        "[V2G20-459]",
        "V2G20:timing-loop-response",
        "FIELD-LOOP-SEQUENCE-TIMER",
        "IEEE 1547-2018 6.4.1",
        "Q02.FR.07",
        "R04.FR.06",
        "K01.FR.31",
        "V2X.03",
        "SC.01",
        "TC_A_01_CS",
        "TC_K_53_CSMS",
    ],
)
def test_an_id_is_found_as_it_is_cited(id):
    found = requirement(id)
    assert found.id == id
    assert found.text and found.source and found.edition and found.roles


def test_brackets_may_be_left_out_when_a_person_asks():
    assert requirement("V2G20-459") is requirement("[V2G20-459]")


def test_an_unknown_id_names_the_nearest_one():
    with pytest.raises(DeclarationError, match=r"nearest: V2G20:timing-loop-response"):
        requirement("V2G20:timing-loop-respons")
    assert not is_known("[V2G20-99999]")


def test_what_is_no_id_is_told():
    with pytest.raises(DeclarationError, match="no form of a requirement id"):
        requirement("chapter 8")


def test_ids_are_unique_over_all_files():
    assert [id for id, count in Counter(each.id for each in EVERYTHING).items() if count > 1] == []


def test_every_id_leads_back_to_its_entry():
    assert all(requirement(each.id) is each for each in EVERYTHING)


def test_the_catalogue_holds_the_whole_of_its_sources():
    per_source = Counter(each.source for each in EVERYTHING)
    assert per_source["OCPP 2.1"] == 1155
    assert per_source["OCPP 2.0.1 part 6"] == 674
    assert sum(bool(re.match(r"\[V2G20-", each.id)) for each in EVERYTHING) >= 193


def test_every_entry_says_who_owes_it_and_what():
    for each in EVERYTHING:
        assert each.roles and set(each.roles) <= set(VOCABULARIES), each.id
        assert set(each.judged_on) <= set(VOCABULARIES), each.id
        assert each.text.endswith(".") and each.basis, each.id


def test_field_practice_is_on_the_field_axis_and_says_so():
    field = [each for each in EVERYTHING if each.id.startswith("FIELD-")]
    assert field and all(each.axis is Axis.FIELD for each in field)


def test_a_verdict_on_an_unverified_requirement_is_provisional():
    assert requirement("V2G20:timing-precharge").certainty is Certainty.UNVERIFIED
    assert not requirement("V2G20:timing-precharge").confirmed
    assert requirement("V2G20:exi-schema").confirmed
    assert requirement("[V2G20-459]").confirmed


def test_requirements_that_refer_to_others_of_a_known_block_refer_to_known_ones():
    """Official cases also cite blocks and numbers of OCPP 2.0.1 that 2.1 has dropped; most must lead somewhere."""
    cited = [ref for each in EVERYTHING for ref in each.refers_to if re.match(r"[QRKJ]\d\d\.FR\.\d", ref)]
    known = [ref for ref in cited if is_known(ref)]
    assert len(known) > 0.9 * len(cited) > 0


def test_a_citation_names_document_and_edition():
    assert requirement("[V2G20-459]").citation == "[V2G20-459] (ISO 15118-20, 2022)"


def test_asking_for_one_id_reads_one_file():
    program = (
        "from harness.verdict import requirements as r; r.requirement('[V2G20-459]'); "
        "print(r._catalogue.cache_info().currsize)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "1"
