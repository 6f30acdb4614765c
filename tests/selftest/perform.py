"""One case against one reference device in virtual time, without a runner around it."""

import asyncio
import inspect
from collections.abc import Sequence
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
from harness.plugin.run import drive, stage_for
from harness.plugin.select import skip_of
from harness.resources import resource
from harness.verdict.check import Check
from harness.verdict.declare import CaseDeclaration

DEVICES = {
    "secc": ("reference-secc-virtual",),
    "station": ("reference-station-virtual", "reference-station-201-virtual", "reference-station-16-virtual"),
    "charger": ("reference-charger-virtual",),
    "csms": ("reference-csms-virtual", "reference-csms-mtls-virtual"),
}
"""The descriptions that stand for each role, the usual one first."""
STAND_INS = {
    "station": (
        "reference-station-lean-virtual",
        "reference-station-mtls-virtual",
        "reference-station-wss-virtual",
        "reference-station-twin-virtual",
    )
}
"""Which stand in for them where a case is about something that those do not support; the first that fits."""


@cache
def described(name: str) -> tuple[DeviceDescription, TesterPki]:
    description = load_description(resource("fixtures", "devices", f"{name}.yaml"))
    return description, TesterPki(description, datetime.now(UTC))


def devices_for(declaration: CaseDeclaration) -> list[str]:
    """The reference devices that a case is for; at least the usual one, which then says what it lacks."""
    usual, *others = DEVICES[declaration.role]
    stand_ins = STAND_INS.get(declaration.role, ())
    return _apt(declaration, [usual, *others]) or _apt(declaration, stand_ins)[:1] or [usual]


def _apt(declaration: CaseDeclaration, names: Sequence[str]) -> list[str]:
    return [name for name in names if skip_of(declaration, described(name)[0], quick=False) is None]


@cache
def performed(case: str, mutant: str = "", device: str = "") -> CaseRecord:
    """The record of a case against the sound reference, or against a mutant; the same one when asked again."""
    _, declaration = case_functions()[case]
    description, pki = described(device or devices_for(declaration)[0])
    skip = skip_of(declaration, description, quick=False)
    assert skip is None, f"{case} does not run on {description.title}: {skip}"
    options = StageOptions(virtual_time=True, mutant=find_mutant(mutant) if mutant else None)
    stage = stage_for(declaration, description, pki, options)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(stage.set_up())
        try:
            return runner.run(perform(case, stage))
        finally:
            runner.run(stage.tear_down())


async def perform(case: str, stage: Stage) -> CaseRecord:
    function, declaration = case_functions()[case]
    check = Check(declaration.id, declaration.covers[0])
    known = {"stage": stage, "check": check}
    arguments = {
        name: known[name] if name in known else getattr(stage, name) for name in inspect.signature(function).parameters
    }
    begun = case_record(declaration, datetime.now(UTC))
    return await drive(function(**arguments), declaration, begun, stage, check)
