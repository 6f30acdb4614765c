"""Runs as processes of their own: interrupted, killed, on a terminal, on several cores, and under plain pytest."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from harness.catalogue import case_functions
from harness.evidence.json import read_run
from harness.evidence.recorder import IN_FLIGHT
from harness.verdict.verdict import Verdict
from tests.hostile import DEVICES
from tests.runs import COMMAND, PYTEST, REPORTS, ROOT, Ran, Runs, clean, serving

MUTE_FOR_LONG = "TC_SECC_Negotiation_00 or TC_SECC_Session_00"
"""Cases that each wait for a mute device, so that a run is surely under way when the first has ended."""
FEW = "TC_SECC_Session_001 or TC_SECC_Session_002 or TC_SECC_Negotiation_001 or TC_SECC_Sdp_001"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runs:
    return Runs(tmp_path, capsys)


@contextmanager
def under_way(run: Runs, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A run that has ended its first case; with what it said until then."""
    process = subprocess.Popen(
        [COMMAND, "run", *arguments], cwd=run.where, stderr=subprocess.PIPE, text=True, env=clean(), process_group=0
    )
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.lstrip("[ ").startswith("1/"):
                break
        yield process, said
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stderr.close()


def pressed_until_it_ends(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C as a person does: again, where nothing came of it; what the run still said."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=25)[1]
    raise AssertionError("the run goes on whatever is pressed")


def test_ctrl_c_ends_with_a_report_of_what_was_done(run: Runs) -> None:
    with serving(DEVICES["mute"]) as port:
        device = run.describe(port)
        with under_way(run, device, "--select", MUTE_FOR_LONG) as (process, said):
            rest = pressed_until_it_ends(process)
    ran = Ran(process.returncode, "", "".join(said) + rest, run.where / "reports")
    assert "Traceback" not in ran.err
    assert ran.code == 1  # what was seen before counts
    assert "The run ended early, for it was interrupted" in ran.err
    assert "Report: " in ran.err
    assert ran.err.count("[ 1/") == 1
    assert {each.rule_findings for each in ran.record.cases if each.verdict is Verdict.INCONC} <= {()}
    record = ran.record
    assert not record.complete
    *before, last = [each.verdict for each in record.cases]
    assert set(before) <= {Verdict.FAIL}
    assert last in (Verdict.FAIL, Verdict.INCONC)
    not_reached = {each.id for each in record.not_run if each.why == "not reached"}
    assert len(not_reached) + len(record.cases) == 10
    assert "not reached" in (ran.folder / "report.html").read_text(encoding="utf-8")


def test_a_killed_run_leaves_evidence_that_becomes_a_report(run: Runs) -> None:
    with serving(DEVICES["mute"]) as port:
        device = run.describe(port)
        with under_way(run, device, "--select", MUTE_FOR_LONG) as (process, _):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    (folder,) = (run.where / "reports").iterdir()
    assert not (folder / "report.html").exists()

    built = run("report", "build", str(folder))
    assert built.code == 0
    assert "the run did not end" in built.err
    assert all((folder / name).exists() for name in REPORTS)
    record = read_run(folder / "run.json")
    assert not record.complete
    assert record.cases[0].verdict is Verdict.FAIL
    assert all(case.error == IN_FLIGHT for case in record.cases[1:])
    assert "not reached" in {each.why for each in record.not_run}


def test_a_terminal_shows_the_case_in_flight(run: Runs) -> None:
    ours, theirs = pty.openpty()
    shown = bytearray()

    def watch() -> None:
        try:
            while octets := os.read(ours, 4096):
                shown.extend(octets)
        except OSError:  # how Linux says that the last writer has left
            return

    watching = threading.Thread(target=watch)
    watching.start()
    arguments = [COMMAND, "run", "--virtual-time", "-n", "1", "--select", "TC_SECC_Negotiation_001"]
    with closing(os.fdopen(ours, "rb", closefd=False)):
        code = subprocess.run(arguments, cwd=run.where, stderr=theirs, env={**clean(), "TERM": "xterm"}, check=False)
        os.close(theirs)
        watching.join(timeout=20)
    os.close(ours)
    said = shown.decode()
    assert code.returncode == 0
    assert "[1/1] ...    TC_SECC_Negotiation_001" in said
    assert "\x1b[2K" in said.partition("...    TC_SECC")[2]  # and the verdict takes its place
    assert "pass" in said


def test_several_processes_leave_one_whole_record(run: Runs) -> None:
    ran = run.process("run", "--virtual-time", "-n", "2", "--select", f"({FEW}) or Timing_001", "--quick", "--json")
    assert ran.code == 0, ran.err
    record = ran.record
    assert json.loads(ran.out)["sentence"] == record.sentence
    assert record.complete
    assert len(record.cases) == 4
    assert set(case_functions()) <= {each.id for each in (*record.cases, *record.not_run)}
    (long,) = [each for each in record.not_run if each.id == "TC_SECC_Timing_001"]
    assert (long.why, long.reason.partition(" ")[0]) == ("left out", "needs")
    assert "Testing v2x-harness reference-charger (0001): 4 cases" in ran.err
    assert "[4/4]" in ran.err


def test_a_bench_that_breaks_in_a_worker_is_a_broken_bench(run: Runs) -> None:
    text = (ROOT / "fixtures/devices/reference-secc.yaml").read_text(encoding="utf-8")
    device = run.describe(0, text.replace("transport: direct", "interface: nosuch0"))
    ran = run.process("run", device, "-n", "2", "--select", FEW)
    assert ran.code == 4
    assert "Interface nosuch0 does not exist" in ran.err
    assert "Interface nosuch0 does not exist" in ran.record.sentence


def test_plain_pytest_says_the_same(run: Runs) -> None:
    device = str(ROOT / "fixtures/devices/reference-secc-virtual.yaml")
    options = ("--virtual-time", "--mutant", "secc-answers-with-wrong-type", "--seed", "3")
    fronted = run("run", device, *options, "--select", FEW, "--out", str(run.where / "fronted"), "-n", "1")
    plain = run.process(
        str(ROOT / "testcases"), "--device", device, *options, "-k", FEW, "-p", "no:cacheprovider", command=PYTEST
    )
    fronted.reports = run.where / "fronted"
    assert (plain.code, fronted.code) == (1, 1), plain.out + fronted.err
    assert verdicts(plain) == verdicts(fronted)
    assert set(verdicts(plain)) == {word for word in FEW.split() if word != "or"}
    assert plain.record.sentence == fronted.record.sentence
    assert "E   harness.errors.Nonconformity: TC_SECC_Session_001" in plain.out


def verdicts(ran: Ran) -> dict[str, Verdict]:
    return {case.id: case.verdict for case in ran.record.cases}
