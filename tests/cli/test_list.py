"""`v2x-harness list` names every case and rule, for people and for machines."""

from __future__ import annotations

import json

import pytest

from harness.catalogue import cases
from harness.cli import main
from harness.mutants import MUTANTS
from harness.resources import resource
from harness.verdict.declare import rules
from tests.runs import PLAIN


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["list", *arguments]) == 0
    return capsys.readouterr().out


def test_every_case_and_rule_stands_in_the_tables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = listed(capsys)
    assert [each.id for each in (*cases(), *rules()) if each.id not in said] == []
    assert f"{len(cases())} cases, {len(rules())} rules, {len(MUTANTS)} mutants" in said


def test_json_holds_what_is_known_before_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(listed(capsys, "--json"))
    assert [each["id"] for each in said["cases"]] == [each.id for each in cases()]
    assert {each["id"] for each in said["rules"]} == {each.id for each in rules()}
    assert {each["name"] for each in said["mutants"]} == set(MUTANTS)
    for case in said["cases"]:
        assert case["purpose"] and case["covers"] and case["minimum_duration"] > 0
        assert set(case["detects"]) <= set(MUTANTS)
        assert "runs" not in case


def test_with_a_device_each_case_says_whether_it_runs_and_why_not(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.yaml").write_text(PLAIN.replace("PORT", "50000"), encoding="utf-8")
    said = json.loads(listed(capsys, "--json", "--device", str(tmp_path / "acme.yaml")))
    by_id = {each["id"]: each for each in said["cases"]}
    assert by_id["TC_SECC_Session_001"]["runs"]
    assert by_id["TC_SECC_Session_001"]["why_not"] == ""
    assert not by_id["TC_SECC_Tls_001"]["runs"]
    assert by_id["TC_SECC_Tls_001"]["why_not"].startswith("not applicable: not claimed: SECC.TLS")
    lacking = {each["why_not"].partition(":")[0] for each in said["cases"] if not each["runs"]}
    assert lacking == {"not applicable", "not testable"}


def test_with_a_device_the_table_says_the_same(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    said = listed(capsys, "--device", str(resource("fixtures", "devices", "charger-sdp.yaml")))
    (line,) = [each for each in said.splitlines() if "TC_SECC_Session_001" in each]
    assert "runs" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--device", "nowhere.yaml"], "nowhere.yaml: there is no such file"), (["--yaml"], "unrecognized arguments")],
)
def test_wrong_use_is_said_with_code_3(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["list", *arguments]) == 3
    heard = capsys.readouterr()
    assert said in heard.err
    assert heard.out == ""
