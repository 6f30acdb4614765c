"""Progress of a run for a person: case, verdict so far, elapsed, remaining. One line for each case, on stderr.

On a terminal the line of the case in flight is shown while it runs. It takes the place of pytest's own reporter, whose
output is kept for the day when pytest itself breaks.
"""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any, TextIO

import pytest
from _pytest.terminal import TerminalReporter
from rich.console import Console

from harness.catalogue import case_functions, nodeid_of
from harness.device.description import DeviceDescription
from harness.evidence.record import RunRecord
from harness.plugin.outcome import CASE_PROPERTY
from harness.plugin.run import Run, run_of
from harness.plugin.select import LEFT_OUT, skip_of
from harness.verdict.verdict import Verdict

_COLOURS = {"pass": "green", "fail": "bold red", "inconc": "yellow", "error": "bold magenta", "none": "white"}


class Progress:
    """A pytest plugin that writes to `stream`."""

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self._hidden = io.StringIO()
        self._total = self._done = 0
        self._workers = 1
        self._worst = Verdict.PASS
        self._remaining: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        self._started = self._planned = time.monotonic()
        self._line_open = False
        self._virtual = False

    def _say(self, text: str, end: str = "\n") -> None:
        """Write in one go: an interrupt in the midst of rich's own printing makes it say the same again."""
        with self.console.capture() as said:
            self.console.print(text, end=end)
        self.console.file.write(said.get())
        self.console.file.flush()

    def hidden_output(self) -> str:
        """What pytest itself had to say."""
        return self._hidden.getvalue()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        own = config.pluginmanager.getplugin("terminalreporter")
        if own is not None and not hasattr(config, "workerinput"):
            config.pluginmanager.unregister(own)
            config.pluginmanager.register(TerminalReporter(config, self._hidden), "terminalreporter")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput") and session.items:
            self._plan([item.nodeid for item in session.items], session.config)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Several processes collect the same; the first one to say so makes the plan."""
        if not self._total:
            self._plan(ids, node.config)

    def _plan(self, nodeids: list[str], config: pytest.Config) -> None:
        """Which cases are to come, and how long each needs at least."""
        run = run_of(config)
        if run is None:
            return
        self._planned = time.monotonic()
        known = {nodeid_of(function): declaration for function, declaration in case_functions().values()}
        planned = {nodeid: known[nodeid] for nodeid in nodeids if nodeid in known}
        self._ids = {nodeid: declaration.id for nodeid, declaration in planned.items()}
        for nodeid, declaration in planned.items():
            if skip_of(declaration, run.description, quick=run.quick) is None:
                self._remaining[nodeid] = declaration.lasts + _between(declaration.role, run.description)
        self._total = len(self._remaining)
        self._workers = int(config.getoption("numprocesses", None) or 1)
        self._say_hello(run, len(planned) - self._total)

    def _say_hello(self, run: Run, skipped: int) -> None:
        self._virtual = run.options.virtual_time
        seconds = sum(self._remaining.values()) / self._workers
        when = "in virtual time" if self._virtual else f"about {_duration(seconds)}"
        left = f"; {skipped} cases do not apply or are left out" if skipped else ""
        self._say(f"Testing [bold]{_safe(run.description.title)}[/]: {self._total} cases, {when}{left}")
        if run.quick:
            self._say(f"Cases that need longer than 10 s are {LEFT_OUT}; --all runs them.")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self.console.is_terminal and nodeid in self._remaining:
            self._say(f"[dim]{self._count(self._done + 1)} ...    {_safe(self._ids[nodeid])}[/]", end="\r")
            self._line_open = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        said: Any = next((value for name, value in report.user_properties if name == CASE_PROPERTY), None)
        if report.when == "setup" and report.failed:
            said = {"id": self._ids.get(report.nodeid, report.nodeid), "verdict": "error", "elapsed": report.duration}
            said |= {"rules": [], "says": _crash(report)}
        if said is None or (report.when != "call" and not report.failed):
            return
        self._remaining.pop(report.nodeid, None)
        self._done += 1
        self._worst = max(self._worst, Verdict[said["verdict"].upper()])
        self._say_case(said)

    def _say_case(self, said: dict[str, Any]) -> None:
        colour = _COLOURS[said["verdict"]]
        remaining = self._time_left()
        left = f", {_duration(remaining)} left" if remaining >= 1 else ""
        so_far = f" so far {self._worst}" if self._worst > Verdict.PASS else ""
        clear = "\x1b[2K" if self._line_open else ""
        elapsed = time.monotonic() - self._started
        self.console.file.write(clear)
        self._say(
            f"{self._count(self._done)} [{colour}]{said['verdict']:<6}[/] {_safe(said['id'])}"
            f" [dim]({said['elapsed']:.1f} s; {_duration(elapsed)} elapsed{left}{so_far})[/]"
        )
        if said["verdict"] != "pass" and said["says"]:
            self._say(f"         {_safe(said['says'])}")
        if said["rules"]:
            self._say(f"         [red]rules broken in its traffic:[/] {_safe(', '.join(said['rules']))}")
        self._line_open = False

    def _time_left(self) -> float:
        """Seconds: as long as the cases say, or in virtual time as long as those before took."""
        if self._virtual:
            return (time.monotonic() - self._planned) / self._done * len(self._remaining)
        return sum(self._remaining.values()) / self._workers

    def conclude(self, record: RunRecord, folder: Path | None) -> None:
        """The last lines: rules that were broken, the verdict, and where the report is."""
        for rule in record.rules:
            if rule.verdict > Verdict.PASS:
                case, found = rule.findings[0]
                self._say(f"[{_COLOURS[str(rule.verdict)]}]{rule.verdict!s:<6}[/] {rule.id} in {rule.cases} cases")
                self._say(f"         {_safe(str(found))} of {case}")
        colour = _COLOURS[str(record.verdict)]
        self._say(f"\n[{colour}]{_safe(record.sentence)}[/]")
        if folder is not None:
            self._say(f"Report: {_safe(str(folder / 'report.html'))}")

    def _count(self, number: int) -> str:
        width = len(str(self._total))
        return _safe(f"[{number:>{width}}/{self._total}]")


def _between(role: str, description: DeviceDescription) -> float:
    """Seconds that pass before a case of a role can begin: a charger recovers from the last session, a station comes back to
    a CSMS that was gone."""
    if description.bench.embedded:
        return 0.0
    pixit = description.pixit
    return {"secc": pixit.secc.recovery_time, "station": pixit.station.reconnect_time}.get(role, 0.0)


def _crash(report: pytest.TestReport) -> str:
    """What was raised, in a line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash is not None else report.longreprtext.strip()).splitlines()[0]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _safe(text: str) -> str:
    """Text of others as text, not as markup."""
    return text.replace("[", "\\[")
