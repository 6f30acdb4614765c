"""`v2x-harness run` as its user sees it: exit code, what is said, and what lies in the report."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from harness.actor import scene
from harness.catalogue import case_functions
from harness.link.memory import MemoryNetwork
from harness.link.tls import TlsProfile, tls_accept
from harness.link.transport import Transport
from harness.link.virtual import VirtualTimeLoop
from harness.pki.factory import Pki, make_pki
from harness.pki.recipe import ChainRecipe, Recipe
from harness.verdict.verdict import Verdict
from tests.hostile import DEVICES, Device, answering, hollow
from tests.runs import PLAIN, ROOT, Runs, serving, serving_once, unused_port

ORDINARY = "TC_SECC_Session_001"
TWO = f"{ORDINARY} or TC_SECC_Negotiation_001"
TLS = PLAIN.replace("tls: false", "tls: lab").replace("EIM]", "EIM, TLS]")
FILES = (
    "certificates: {v2g: {chain: pki/vehicle/chain.pem, key: pki/vehicle/key.pem, roots: [pki/roots/v2g_root.pem]}}\n"
)
RECIPE = Recipe((ChainRecipe("secc", "secc"), ChainRecipe("vehicle", "vehicle")))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.chdir(tmp_path)
    return Runs(tmp_path, capsys)


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real devices, in a network where nothing is and time jumps."""
    monkeypatch.setattr(scene, "SocketNetwork", lambda **_place: MemoryNetwork())
    monkeypatch.setattr(asyncio, "Runner", JumpingRunner)


class JumpingRunner(asyncio.Runner):
    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "loop_factory": VirtualTimeLoop})


# --- wrong arguments and descriptions ---------------------------------------------------------------------------------

WRONG_USES = [
    (["nowhere.yaml"], "nowhere.yaml: there is no such file"),
    (["."], "this is a directory"),
    (["empty.yaml"], "the file is empty"),
    (["wrong.yaml"], "wrong.yaml:2 device.modle: .*did you mean model"),
    (["acme.yaml", "--virtual-time"], "--virtual-time is for the embedded reference device"),
    (["acme.yaml", "--mutant", "secc-hangs"], "--mutant is for the embedded reference device"),
    (["acme.yaml", "-n", "3"], "one outlet"),
    (["-n", "0"], "at least one case"),
    (["--mutant", "secc-hang"], "did you mean secc-hangs"),
    (["--select", "TC_SECC_Sesion_001"], "did you mean TC_SECC_Session_001"),
    (["--select", "xyzzy"], "matches no case: `v2x-harness list`"),
    (["--select", "Session and"], "cannot be read: .*joined by and, or, not"),
    (["--slect", "Session"], "unrecognized arguments: --slect"),
    (["--seed", "many"], "invalid int value: 'many'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_USES, ids=[" ".join(each) for each, _ in WRONG_USES])
def test_wrong_use_is_said_in_one_message_and_leaves_nothing_behind(run: Runs, arguments: list[str], said: str) -> None:
    run.describe(unused_port())
    (run.where / "empty.yaml").touch()
    (run.where / "wrong.yaml").write_text("device:\n  modle: Box\n  vendor: Acme\nroles: {}\n", encoding="utf-8")
    ran = run("run", *arguments)
    assert ran.code == 3
    assert re.search(said, ran.err.replace("\n", " ")), ran.err
    assert ran.out == ""
    assert ran.bundles == []


def test_plain_pytest_refuses_the_same_with_the_same_code(run: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert pytest.main([str(ROOT / "testcases"), "--device", "nowhere.yaml", "-p", "no:cacheprovider"]) == 3
    assert capsys.readouterr().err.count("nowhere.yaml: there is no such file") == 1
    assert not (run.where / "reports").exists()


def test_reports_that_can_be_written_nowhere_are_a_broken_bench(run: Runs) -> None:
    (run.where / "occupied").touch()
    ran = run("run", "--virtual-time", "--select", ORDINARY, "--out", "occupied")
    assert ran.code == 4
    assert "choose another place with --out" in ran.err


# --- a device that cannot be reached ----------------------------------------------------------------------------------


def test_a_closed_port_ends_the_run_at_once_and_sends_to_the_doctor(run: Runs) -> None:
    ran = run("run", run.describe(unused_port()))
    assert ran.code == 4
    assert "the device cannot be reached: tcp to 127.0.0.1:" in ran.err
    assert "Connection refused" in ran.err
    assert "`v2x-harness doctor acme.yaml`" in ran.err
    (only,) = ran.record.cases
    assert only.verdict is Verdict.ERROR
    assert (only.findings, only.rule_findings) == ((), ())
    assert set(case_functions()) <= {each.id for each in (*ran.record.cases, *ran.record.not_run)}
    assert {each.why for each in ran.record.not_run} >= {"not reached", "not applicable"}
    assert not ran.record.complete


def test_a_missing_interface_is_a_broken_bench(run: Runs) -> None:
    ran = run(
        "run", run.describe(0, PLAIN.replace("transport: direct, host: 127.0.0.1, port: PORT", "interface: nosuch0"))
    )
    assert ran.code == 4
    assert "Interface nosuch0 does not exist" in ran.err
    (only,) = ran.record.cases
    assert "Interface nosuch0 does not exist" in only.error
    assert "Traceback" not in only.error


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize("select", ["Session_001", "Sdp_001", "Sdp_002", "Tls_001"])
def test_where_nobody_answers_sdp_nothing_is_said_of_the_device(run: Runs, select: str) -> None:
    text = TLS.replace("transport: direct, host: 127.0.0.1, port: PORT", "interface: eth9").replace("EIM", "EIM, SDP")
    ran = run("run", run.describe(0, text + "certificates: {v2g: {generated: lab}}\n"), "--select", select)
    assert ran.code == 4
    assert "nobody answered the SDP requests" in ran.err
    assert [each.verdict for each in ran.record.cases] == [Verdict.ERROR]


def test_a_device_that_vanishes_keeps_what_it_earned_before(run: Runs) -> None:
    with serving_once(DEVICES["refusing"]) as port:
        ran = run("run", run.describe(port), "--select", "TC_SECC_Negotiation_00")
    assert ran.code == 1
    assert [each.verdict for each in ran.record.cases] == [Verdict.FAIL, Verdict.INCONC]
    assert "the device can no longer be reached" in ran.record.sentence
    assert "Not conformant" in ran.record.sentence
    assert {each.why for each in ran.record.not_run if each.id.startswith("TC_SECC_Neg")} == {"not reached"}


# --- certificates -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki(RECIPE, datetime.now(UTC))


@pytest.fixture(scope="module")
def foreign() -> Pki:
    return make_pki(RECIPE, datetime.now(UTC))


def charger(presents: Pki, trusts: Pki) -> Device:
    """A charger with TLS whose answers are hollow."""
    own = presents.chains["secc"]
    profile = TlsProfile(own.chain_pem, own.key_pem, trusts.roots_pem(), lab=True)

    async def serve(transport: Transport) -> None:
        try:
            secured = await tls_accept(transport, profile)
        except ConnectionError:
            return
        await answering(hollow)(secured)

    return serve


def test_a_charger_of_a_foreign_root_ends_the_run_and_is_not_blamed(run: Runs, pki: Pki, foreign: Pki) -> None:
    pki.write(run.where / "pki")
    with serving(charger(presents=foreign, trusts=pki)) as port:
        ran = run("run", run.describe(port, TLS + FILES))
    assert ran.code == 2
    assert [each.verdict for each in ran.record.cases] == [Verdict.INCONC] * 3
    assert "certificate verify failed" in ran.record.sentence
    assert "doctor acme.yaml" in ran.record.sentence
    assert ran.err.count("inconc TC_SECC") == 3


def test_a_charger_that_does_not_know_our_root_is_not_blamed(run: Runs, pki: Pki, foreign: Pki) -> None:
    pki.write(run.where / "pki")
    with serving(charger(presents=pki, trusts=foreign)) as port:
        ran = run("run", run.describe(port, TLS + FILES), "--select", f"{TWO} or Session_002")
    assert ran.code == 2
    assert {each.verdict for each in ran.record.cases} == {Verdict.INCONC}
    assert "unknown ca" in ran.record.sentence


def test_a_key_behind_a_password_opens_with_it(run: Runs, pki: Pki) -> None:
    pki.write(run.where / "pki")
    lock(run.where / "pki/vehicle/key.pem", b"sesame")
    text = TLS + FILES.replace("key.pem,", "key.pem, password: sesame,")
    with serving(charger(presents=pki, trusts=pki)) as port:
        ran = run("run", run.describe(port, text), "--select", "TC_SECC_Negotiation_001")
    assert ran.code == 0, ran.err
    assert "sesame" not in (ran.folder / "device.yaml").read_text(encoding="utf-8")


def lock(path: Path, password: bytes) -> None:
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda pki: lock(pki / "vehicle/key.pem", b"sesame"), "needs a password"),
        (lambda pki: (pki / "vehicle/key.pem").write_text("no key"), "holds no private key"),
        (lambda pki: (pki / "vehicle/chain.pem").write_text("no chain"), "holds no certificate"),
        (lambda pki: (pki / "roots/v2g_root.pem").write_bytes(b"\x30\x82"), "holds no certificate"),
        (lambda pki: (pki / "vehicle/key.pem").write_bytes((pki / "secc/key.pem").read_bytes()), "key values mismatch"),
        (lambda pki: (pki / "vehicle/key.pem").unlink(), "key.pem does not exist"),
    ],
    ids=["locked", "no key", "no chain", "half a root", "foreign key", "missing"],
)
def test_unusable_certificate_files_are_said_before_anything_begins(run: Runs, pki: Pki, spoil, said: str) -> None:
    pki.write(run.where / "pki")
    spoil(run.where / "pki")
    ran = run("run", run.describe(unused_port(), TLS + FILES))
    assert ran.code == 3
    assert said in ran.err
    assert ran.bundles == []


# --- hostile devices, over real sockets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["garbage", "closing", "mute", "echo", "flood of garbage", "flood of frames", "huge", "slow", "refusing"]
)
def test_a_hostile_device_fails_with_a_whole_report_of_sane_size(run: Runs, name: str) -> None:
    with serving(DEVICES[name]) as port:
        ran = run("run", run.describe(port), "--select", ORDINARY)
    assert ran.code == 1
    (only,) = ran.record.cases
    assert only.verdict is Verdict.FAIL
    assert only.findings[0].frame is not None
    evidence = ran.folder / only.evidence
    assert (evidence / "messages.jsonl").is_file()
    assert (evidence / "capture.pcapng").is_file()
    assert sum(path.stat().st_size for path in ran.folder.rglob("*") if path.is_file()) < 12 * 2**20
    assert "Not conformant: 1 case failed" in ran.err


# --- sound and faulty reference chargers ------------------------------------------------------------------------------


def test_a_sound_charger_is_conformant_and_the_run_says_so(run: Runs) -> None:
    ran = run("run", "--virtual-time", "-n", "1", "--select", TWO, "--seed", "7")
    assert ran.code == 0
    assert ran.out == ""
    record = ran.record
    assert record.complete
    assert record.options["seed"] == 7
    assert record.options["keyword"] == TWO
    assert set(case_functions()) <= {each.id for each in (*record.cases, *record.not_run)}
    lines = ran.err.splitlines()
    assert lines[0].startswith("Testing v2x-harness reference-charger (0001): 2 cases, in virtual time")
    assert [line for line in lines if line.startswith("[1/2] pass   TC_SECC_Negotiation_001")]
    assert "\r" not in ran.err and "\x1b" not in ran.err
    assert lines[-1] == f"Report: {Path('reports') / ran.folder.name / 'report.html'}"


def test_json_is_all_that_stdout_holds(run: Runs) -> None:
    ran = run("run", "--virtual-time", "-n", "1", "--select", ORDINARY, "--json")
    said = json.loads(ran.out)
    assert said["verdict"] == "PASS"
    assert said == json.loads((ran.folder / "run.json").read_text(encoding="utf-8"))
    assert "Conformant" in ran.err


def test_a_second_run_overwrites_nothing(run: Runs) -> None:
    for _ in range(2):
        ran = run("run", "--virtual-time", "-n", "1", "--select", "TC_SECC_Negotiation_001")
        assert ran.code == 0
    assert len(ran.bundles) == 2


def test_a_faulty_charger_is_not_conformant_and_its_finding_stands_in_the_progress(run: Runs) -> None:
    ran = run("run", "--virtual-time", "-n", "1", "--select", TWO, "--mutant", "secc-answers-with-wrong-type")
    assert ran.code == 1
    assert re.search(r"\[2/2\] fail   TC_SECC_Session_001 .*so far fail\)\n +\S+: expected .*\(frame \d+\)", ran.err)
    assert "rules broken in its traffic: " in ran.err
    assert "RULE_Session_001 in " in ran.err


def test_field_findings_count_where_that_is_asked_for(run: Runs) -> None:
    faulty = ("run", "--virtual-time", "-n", "1", "--select", ORDINARY, "--mutant", "secc-odd-exponents")
    lenient = run(*faulty)
    assert (lenient.code, lenient.record.rules[0].id) == (0, lenient.record.rules[0].id)
    strict = run(*faulty, "--strict-field", "--out", "strict")
    assert strict.code in (1, 2)
    assert "field finding" in strict.err


def test_cases_that_need_long_are_left_out_of_a_quick_run_and_said(run: Runs) -> None:
    ran = run("run", "--virtual-time", "-n", "1", "--quick", "--select", "Timing_00")
    left_out = {each.id: each.reason for each in ran.record.not_run if each.reason != "not selected"}
    assert "add --all" in left_out["TC_SECC_Timing_001"]
    assert "Cases that need longer than 10 s are left out" in ran.err


def test_where_no_selected_case_applies_the_run_shows_nothing_and_says_why(run: Runs) -> None:
    ran = run("run", run.describe(unused_port()), "--select", "Sdp_001")
    assert ran.code == 2
    assert "no case was run" in ran.err
    assert "not claimed: SECC.SDP" in " ".join(each.reason for each in ran.record.not_run)


@pytest.fixture(scope="module", autouse=True)
def _no_cache_of_verdicts() -> Iterator[None]:
    """Cases are imported once for all runs of this process."""
    case_functions()
    yield
