"""One run of the harness inside one pytest process: the device, the options, the bundle, and the case in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.actor.stage import Stage, StageOptions
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.errors import BenchError
from harness.evidence.bundle import Bundle
from harness.evidence.record import CaseRecord
from harness.evidence.recorder import CaseRecorder, case_record
from harness.link.virtual import VirtualTimeLoop
from harness.plugin.judge import concluded
from harness.verdict.check import Check
from harness.verdict.declare import CaseDeclaration, case_declaration
from harness.verdict.verdict import Verdict

PATIENCE = 120.0
"""Seconds a case may take beyond ten times its own figure, before it counts as hanging."""

BROKEN_BENCH = "the bench broke"
_KEY = pytest.StashKey["Run"]()


@dataclass
class Run:
    """What all cases of this process share. `bundle` is None where nothing is to be written."""

    description: DeviceDescription
    options: StageOptions
    bundle: Bundle | None
    quick: bool
    pki: TesterPki
    _runner: asyncio.Runner | None = None

    @contextmanager
    def staged(self, item: Any) -> Iterator[Stage]:
        """A stage in an event loop of its own, taken down at the end whatever happened."""
        factory = VirtualTimeLoop if self.options.virtual_time else None
        stage = Stage(self.description, self.pki, self.options)
        with asyncio.Runner(loop_factory=factory) as runner:
            self._runner = runner
            try:
                runner.run(stage.set_up())
                yield stage
            except BenchError as error:
                self._note_broken_bench(item, stage, error)
                raise
            finally:
                runner.run(stage.tear_down())
                self._runner = None

    def _note_broken_bench(self, item: Any, stage: Stage, error: BenchError) -> None:
        """The case could not begin: its record says why, and the run ends, for the next would fare no better."""
        declaration = case_declaration(item.function)
        assert declaration is not None
        if self.bundle is not None:
            begun = case_record(declaration, datetime.now(UTC))
            broken = replace(begun, verdict=Verdict.ERROR, error=f"{BROKEN_BENCH}: {error}")
            CaseRecorder(self.bundle, begun, stage.timeline).close(broken)
        item.session.shouldstop = f"{BROKEN_BENCH}: {error}"

    def perform(self, item: pytest.Function, arguments: dict[str, Any]) -> CaseRecord:
        """Run the case and conclude; what it raised is in the record, except what ends the whole run."""
        declaration = case_declaration(item.function)
        assert declaration is not None and self._runner is not None
        stage = item.funcargs["stage"]
        assert isinstance(stage, Stage)
        check: Check = arguments.get("check") or Check(declaration.id, declaration.covers[0])
        begun = case_record(declaration, datetime.now(UTC))
        recorder = CaseRecorder(self.bundle, begun, stage.timeline) if self.bundle else None
        record = self._runner.run(drive(item.function(**arguments), declaration, begun, stage, check))
        return recorder.close(record, stage.capture) if recorder else record


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
