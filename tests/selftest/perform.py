"""One case against one reference device in virtual time, without a runner around it."""

import asyncio
import inspect
from datetime import UTC, datetime
from functools import cache

from harness.actor.stage import Stage, StageOptions
from harness.actor.tester_pki import TesterPki
from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.evidence.record import CaseRecord
from harness.evidence.recorder import case_record
from harness.link.virtual import VirtualTimeLoop
from harness.mutants import find_mutant
from harness.plugin.run import drive
from harness.resources import resource
from harness.verdict.check import Check


@cache
def described() -> tuple[DeviceDescription, TesterPki]:
    description = load_description(resource("fixtures", "devices", "reference-secc-virtual.yaml"))
    return description, TesterPki(description, datetime.now(UTC))


@cache
def performed(case: str, mutant: str = "") -> CaseRecord:
    """The record of a case against the sound reference, or against a mutant; the same one when asked again."""
    description, pki = described()
    options = StageOptions(virtual_time=True, mutant=find_mutant(mutant) if mutant else None)
    stage = Stage(description, pki, options)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(stage.set_up())
        try:
            return runner.run(perform(case, stage))
        finally:
            runner.run(stage.tear_down())


async def perform(case: str, stage: Stage) -> CaseRecord:
    function, declaration = case_functions()[case]
    check = Check(declaration.id, declaration.covers[0])
    known = {"stage": lambda: stage, "evcc": lambda: stage.evcc, "secc": lambda: stage.secc, "check": lambda: check}
    known["meter"] = lambda: stage.meter
    arguments = {name: known[name]() for name in inspect.signature(function).parameters}
    begun = case_record(declaration, datetime.now(UTC))
    return await drive(function(**arguments), declaration, begun, stage, check)
