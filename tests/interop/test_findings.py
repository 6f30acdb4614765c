"""What `make interop` makes of findings: known ones pass, unknown ones and missing ones ask for a decision."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from harness.catalogue import case_functions
from harness.device.description import load_description
from harness.evidence.record import RECORD_VERSION, CaseRecord, RunRecord
from harness.verdict.declare import rules
from harness.verdict.verdict import Axis, Finding, Verdict
from interop.description import VARIANTS, Variant, write_description
from interop.findings import Cause, Trait, missed, names_of, read_causes, seen_in, table, undecided
from interop.partner import PARTNERS, Partner, describe
from interop.variants import ALL, FAMILIES, chosen

CASE, RULE, V = "TC_SECC_Sdp_001", "RULE_SDP_001", "plain-dc"
SILENT = Finding(CASE, Verdict.FAIL, "V2G20:sdp-answer", "an answer", "Silence", frame=7)
LATE = Finding(RULE, Verdict.FAIL, "V2G20:sdp-answer", "in time", "late", frame=9, axis=Axis.FIELD)


def cause(source: str, says: str = "", *, sometimes: bool = False) -> Cause:
    return Cause("deaf", "device", "udp.receive", "It sleeps.", (Trait(source, re.compile(says), (V,), sometimes),))


def run(*findings: Finding, keyword: str = "") -> RunRecord:
    own = tuple(each for each in findings if each.source == CASE)
    ruled = tuple(each for each in findings if each.source == RULE)
    verdict = Verdict.FAIL if own else Verdict.PASS
    case = CaseRecord(CASE, "secc", "", "", (), "", (), verdict, "", 1.0, findings=own, rule_findings=ruled)
    stamp = "2026-01-02T03:04:05+00:00"
    record = RunRecord(RECORD_VERSION, "0", "", stamp, stamp, 60.0, verdict, "", 1, {}, "device.yaml", {}, {})
    return replace(record, cases=(case,), options={"keyword": keyword})


def test_a_finding_with_a_cause_needs_no_decision() -> None:
    found = seen_in(V, run(SILENT, LATE))
    assert undecided([cause(CASE, "Silence"), cause(RULE)], found) == []


def test_a_finding_without_a_cause_is_told_with_its_frame() -> None:
    (told,) = undecided([cause(CASE, "something else"), cause(RULE)], seen_in(V, run(SILENT, LATE)))
    assert told == f"{V}: {CASE} in {CASE}, frame 7: fail: V2G20:sdp-answer: expected an answer, got Silence"


def test_a_case_that_broke_needs_a_decision() -> None:
    broken = replace(run(), cases=(replace(run().cases[0], verdict=Verdict.ERROR, error="Traceback"),))
    assert undecided([cause(CASE, "Silence")], seen_in(V, broken))


def test_a_cause_that_is_met_no_more_is_told() -> None:
    assert missed([cause(CASE, "Silence")], [], {V: run()}) == [f"{V}: {CASE} no longer finds 'Silence' (deaf)"]


@pytest.mark.parametrize(
    ("known", "met"),
    [(cause(CASE, sometimes=True), run()), (cause("TC_SECC_Loop_001"), run()), (cause(RULE), run(keyword="Sdp"))],
    ids=["sometimes", "case not run", "rule in part of a run"],
)
def test_nothing_is_missed_that_could_not_be_met(known: Cause, met: RunRecord) -> None:
    assert missed([known], [], {V: met}) == []


def test_the_table_shows_kind_and_frame_for_each_variant() -> None:
    runs = {V: run(SILENT, LATE), "tls-dc": run()}
    found = [each for variant, record in runs.items() for each in seen_in(variant, record)]
    lines = table([cause(CASE), replace(cause(RULE), id="slow")], found, runs).splitlines()
    assert f"| {CASE} | fail: frame 7 | - | deaf |" in lines
    assert f"| {RULE} | field: Sdp_001 frame 9 | - | slow |" in lines


@pytest.mark.parametrize("family", FAMILIES)
def test_every_cause_names_cases_rules_and_variants_that_exist(family: str) -> None:
    met = {role: rules(role) for role in ("secc", "station", "csms")}
    known = {*case_functions(), *(each.id for found in met.values() for each in found)}
    traits = [trait for each in read_causes(family) for trait in each.traits]
    assert {trait.source for trait in traits} - known == set()
    assert {name for trait in traits for name in trait.variants} <= set(names_of(family))


def test_a_quick_run_names_cases_that_exist() -> None:
    for variant in ALL:
        for each in variant.selection(quick=True).split(" or "):
            assert each in case_functions(), variant.name


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda each: each.name)
def test_each_partner_has_a_sound_description(partner: Partner, tmp_path: Path) -> None:
    path = tmp_path / "device.yaml"
    path.write_text(yaml.safe_dump(describe(partner, 9200, 9201)))
    claims = load_description(path).claims
    assert claims == {f"{partner.role.upper()}.{each}" for each in partner.claims}


def test_a_family_or_one_variant_can_be_chosen() -> None:
    assert [each.name for each in chosen("csms-npm", quick=True)] == ["csms-npm"]
    assert {each.family for each in chosen("ocpp", quick=False)} == {"ocpp"}
    assert list(chosen(None, quick=False)) == list(ALL)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_each_variant_has_a_sound_description(variant: Variant, tmp_path: Path) -> None:
    path = write_description(tmp_path / "device.yaml", variant, interface="lo", tester=None)
    claims = load_description(path).claims
    assert ("SECC.DC_BPT" in claims) is variant.bidirectional
    assert ("SECC.TLS" in claims) is variant.tls
