"""One run of the harness inside one pytest process: the device, the options, the bundle, and the case in flight."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from harness.actor.stage import Stage, StageOptions
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.errors import BenchError, Inconclusive
from harness.evidence.bundle import Bundle
from harness.evidence.record import CaseRecord
from harness.evidence.recorder import CaseRecorder, case_record, write_case
from harness.link.observation import Connected
from harness.link.virtual import VirtualTimeLoop
from harness.plugin.judge import concluded
from harness.plugin.select import spoken
from harness.verdict.check import Check
from harness.verdict.declare import CaseDeclaration, case_declaration
from harness.verdict.verdict import Finding, Verdict

PATIENCE = 120.0
"""Seconds a case may take beyond ten times its own figure, before it counts as hanging."""

FUTILE = 3
"""Cases in a row without any connection, after which the next ones are spared that."""

_KEY = pytest.StashKey["Run"]()


@dataclass
class Run:
    """What all cases of this process share. `bundle` is None where nothing is to be written.

    `bench_errors` is what broke besides single cases, `ended_early` why the run could not go on; both are for the record.
    """

    description: DeviceDescription
    options: StageOptions
    bundle: Bundle | None
    quick: bool
    pki: TesterPki
    bench_errors: list[str] = field(default_factory=list)
    ended_early: str = ""
    _runner: asyncio.Runner | None = None
    _met: bool = False
    _excused: int = 0
    _recovered_at: float = float("-inf")

    @contextmanager
    def staged(self, declaration: CaseDeclaration | None) -> Iterator[Stage]:
        """A stage for a case in an event loop of its own, taken down at the end whatever happened."""
        factory = VirtualTimeLoop if self.options.virtual_time else None
        stage = stage_for(declaration, self.description, self.pki, self.options)
        with asyncio.Runner(loop_factory=factory) as runner:
            self._runner = runner
            try:
                runner.run(self._let_recover())
                runner.run(stage.set_up())
                yield stage
                self._note_session(stage, runner.get_loop().time())
            finally:
                runner.run(stage.tear_down())
                self._runner = None

    async def _let_recover(self) -> None:
        """Meet an SECC again only when it says that it is ready for the next session."""
        await asyncio.sleep(max(0.0, self._recovered_at - asyncio.get_running_loop().time()))

    def _note_session(self, stage: Stage, ended: float) -> None:
        """An embedded device is a new one in each case; the clock of all loops in real time is the same."""
        if not stage.embeds and stage.timeline.trace.link("v2g").of(Connected):
            self._recovered_at = ended + self.description.pixit.secc.recovery_time

    def perform(self, item: pytest.Function, arguments: dict[str, Any]) -> CaseRecord:
        """Run the case and conclude; what it raised is in the record, except what ends the whole run."""
        declaration = case_declaration(item.function)
        assert declaration is not None and self._runner is not None
        stage = item.funcargs["stage"]
        assert isinstance(stage, Stage)
        check: Check = arguments.get("check") or Check(declaration.id, declaration.covers[0])
        begun = case_record(declaration, datetime.now(UTC))
        recorder = CaseRecorder(self.bundle, begun, stage.timeline) if self.bundle else None
        close = partial(recorder.close, capture=stage.capture) if recorder else lambda record: record
        started = stage.clock.now()
        try:
            record = self._runner.run(drive(item.function(**arguments), declaration, begun, stage, check))
            return close(self._sought(record, stage, item))
        except KeyboardInterrupt:
            interrupted = Inconclusive("the run was interrupted while this case was in flight")
            record = concluded(begun, stage, check, interrupted, stage.clock.now() - started)
            close(replace(record, rule_findings=(), rules_checked={}))  # what was cut off would look like silence
            raise

    def _sought(self, record: CaseRecord, stage: Stage, item: pytest.Item) -> CaseRecord:
        """The record, unless nothing was seen of the SUT and it cannot be reached: then nothing is shown of it, and the
        next case would fare no better."""
        assert self._runner is not None
        why = self._runner.run(stage.absence())
        advice = f"`v2x-harness doctor {self.description.source.path.name}` says what keeps this bench from it"
        if not why:
            self._met = True
            self._count_excuses(stage, item, advice)
            return record
        if not self._met:
            broken = f"the device cannot be reached: {why}; {advice}"
            self.break_off(item, broken)
            return replace(record, verdict=Verdict.ERROR, error=broken, findings=(), checks=(), rule_findings=())
        self.ended_early = f"the device can no longer be reached: {why}"
        item.session.shouldstop = self.ended_early
        needed = record.covers[0]
        lost = Finding(record.id, Verdict.INCONC, needed, "a device that can still be reached", why, f"{advice}.")
        return replace(record, verdict=Verdict.INCONC, findings=(lost,), checks=(), rule_findings=(), error="")

    def _count_excuses(self, stage: Stage, item: pytest.Item, advice: str) -> None:
        """End a run in which a device is there and no connection to it comes to stand, case after case."""
        self._excused = self._excused + 1 if stage.excuse and not stage.embeds else 0
        if self._excused >= FUTILE:
            self.ended_early = f"no connection to the device came to stand: {stage.excuse}; {advice}"
            item.session.shouldstop = self.ended_early

    def break_off(self, item: pytest.Item, broken: str) -> None:
        """The bench is of no use any more: let no further case begin."""
        self.bench_errors.append(broken)
        item.session.shouldstop = broken

    def note_trouble(self, item: pytest.Item, raised: BaseException, *, before: bool) -> None:
        """Record what went wrong around a case: `before` it could begin, or when all that was left was to note it down."""
        declaration = case_declaration(getattr(item, "function", None))
        if declaration is None:
            return
        bench = isinstance(raised, BenchError)
        error = f"the bench broke: {raised}" if bench else "".join(traceback.format_exception(raised))
        if before and self.bundle is not None:
            begun = case_record(declaration, datetime.now(UTC))
            write_case(self.bundle, replace(begun, verdict=Verdict.ERROR, error=error))
        if bench:
            self.break_off(item, error)
        elif not before:
            plain = traceback.format_exception_only(raised)[-1].strip()
            self.bench_errors.append(f"the bench could not be cleared after {declaration.id}: {plain}")


def stage_for(
    declaration: CaseDeclaration | None, description: DeviceDescription, pki: TesterPki, options: StageOptions
) -> Stage:
    """A stage that speaks what the case is for."""
    if declaration is None:
        return Stage(description, pki, options)
    versions = spoken(declaration, description)
    return Stage(description, pki, options, role=declaration.role, versions=versions)


async def drive(case: Any, declaration: CaseDeclaration, begun: CaseRecord, stage: Stage, check: Check) -> CaseRecord:
    """The case under its time limit, in the stage's clock."""
    started = stage.clock.now()
    raised: BaseException | None = None
    try:
        async with asyncio.timeout(10 * declaration.lasts + PATIENCE) as limit:
            await case
    except TimeoutError as late:
        raised = RuntimeError("the case did not end") if limit.expired() else late
    except Exception as error:
        raised = error
    return concluded(begun, stage, check, raised, stage.clock.now() - started)


def run_of(config: pytest.Config) -> Run | None:
    """The run of this process, None when no device was named."""
    return config.stash.get(_KEY, None)


def set_run(config: pytest.Config, run: Run) -> None:
    """Make `run` the run of this process."""
    config.stash[_KEY] = run
