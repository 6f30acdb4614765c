"""What pytest calls: options, selection, running a case, and the end of the run."""

from __future__ import annotations

import platform
import shlex
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from ssl import OPENSSL_VERSION
from typing import Any

import pytest

from harness.actor.stage import StageOptions
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription, load_description
from harness.errors import HarnessError, UsageError
from harness.evidence.bundle import Bundle, new_bundle, open_bundle
from harness.evidence.conclude import rule_records
from harness.evidence.record import RECORD_VERSION, NotRun, RunRecord
from harness.evidence.recorder import assemble, begin_run, not_run
from harness.mutants import find_mutant
from harness.plugin.outcome import CASE_PROPERTY, outcome_of, summary_of
from harness.plugin.run import BROKEN_BENCH, Run, run_of, set_run
from harness.plugin.select import skip_of
from harness.report.all import write_reports
from harness.verdict.declare import case_declaration, rules
from harness.verdict.verdict import Verdict

RECORD = pytest.StashKey[RunRecord]()
"""The finished record, for whoever shows the end of the run."""
_NOT_RUN = "v2x_not_run"
_SKIPPED = pytest.StashKey[list[NotRun]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; `v2x-harness run` passes the same ones."""
    group = parser.getgroup("v2x-harness", "conformance of EV charging devices")
    group.addoption("--device", metavar="FILE", help="description of the device under test (YAML)")
    group.addoption("--out", metavar="DIR", default="reports", help="where the report bundle goes")
    group.addoption("--mutant", metavar="NAME", help="make the embedded reference device faulty")
    group.addoption("--virtual-time", action="store_true", help="embedded reference device in memory, time jumps")
    group.addoption("--quick", action="store_true", help="leave out cases that need longer than 10 s")
    group.addoption("--strict-field", action="store_true", help="field findings fail the run")
    group.addoption("--seed", type=int, default=0, help="seed of what cases draw at random")


def pytest_configure(config: pytest.Config) -> None:
    """Read the device and begin the bundle, before anything is collected."""
    device = config.getoption("--device")
    if not device or config.option.collectonly:
        return
    try:
        _begin(config, Path(device))
    except HarnessError as error:
        pytest.exit(str(error), returncode=3)


def _begin(config: pytest.Config, device: Path) -> None:
    description = load_description(device)
    name = config.getoption("--mutant")
    options = StageOptions(
        virtual_time=config.getoption("--virtual-time"),
        mutant=find_mutant(name) if name else None,
        seed=config.getoption("--seed"),
    )
    now = datetime.now(UTC)
    bundle = (
        open_bundle(Path(inherited)) if (inherited := _inherited(config)) else _new_bundle(config, description, now)
    )
    set_run(config, Run(description, options, bundle, config.getoption("--quick"), TesterPki(description, now)))


def _inherited(config: pytest.Config) -> str | None:
    """The bundle that the controlling process made, in a worker of pytest-xdist."""
    return getattr(config, "workerinput", {}).get("v2x_bundle")


def _new_bundle(config: pytest.Config, description: DeviceDescription, now: datetime) -> Bundle:
    device = description.device.model_dump()
    bundle = new_bundle(Path(config.getoption("--out")), device, now)
    begin_run(bundle, _begun(config, description, now), description.source.text)
    return bundle


def _begun(config: pytest.Config, description: DeviceDescription, now: datetime) -> RunRecord:
    """What is known before the first case."""
    names = ("mutant", "virtual_time", "quick", "seed", "keyword")
    stamp = now.isoformat()
    return RunRecord(
        version=RECORD_VERSION,
        harness=version("v2x-harness"),
        command=shlex.join(["v2x-harness", *sys.argv[1:]]),
        started=stamp,
        ended=stamp,
        elapsed=0.0,
        verdict=Verdict.NONE,
        sentence="The run has begun.",
        exit_code=2,
        device=description.device.model_dump(),
        description=description.source.path.name,
        environment={"python": platform.python_version(), "system": platform.platform(), "openssl": OPENSSL_VERSION},
        options={name: getattr(config.option, name) for name in names},
        rules=rule_records(each for role in description.roles.names for each in rules(role)),
        complete=False,
        strict_field=config.getoption("--strict-field"),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the bundle is."""
    run = run_of(node.config)
    if run is not None and run.bundle is not None:
        node.workerinput["v2x_bundle"] = str(run.bundle.folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker of pytest-xdist what it did not run; all workers say the same."""
    told = getattr(node, "workeroutput", {}).get(_NOT_RUN)
    if told is not None:
        node.config.stash[_SKIPPED] = [NotRun(**{**each, "covers": tuple(each["covers"])}) for each in told]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each case by its id, and skip what is not to be run, with the reason."""
    run = run_of(config)
    skipped: list[NotRun] = []
    for item in items:
        declaration = case_declaration(getattr(item, "function", None))
        if declaration is None:
            continue
        item.extra_keyword_matches.update({declaration.id, *declaration.covers})
        skip = skip_of(declaration, run.description, quick=run.quick) if run else None
        if skip is not None:
            skipped.append(not_run(declaration, skip.why, skip.reason))
            item.add_marker(pytest.mark.skip(reason=f"{skip.why}: {skip.reason}"))
    config.stash[_SKIPPED] = skipped


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a case in its stage; a verdict other than pass is raised for pytest to show."""
    declaration = case_declaration(pyfuncitem.function)
    run = run_of(pyfuncitem.config)
    if declaration is None or run is None:
        return None
    if "stage" not in pyfuncitem.funcargs:
        raise UsageError(f"{declaration.id} asks for no actor, so it has no stage to run on")
    names = pyfuncitem._fixtureinfo.argnames
    record = run.perform(pyfuncitem, {name: pyfuncitem.funcargs[name] for name in names})
    pyfuncitem.user_properties.append((CASE_PROPERTY, summary_of(record)))
    if (raised := outcome_of(record)) is not None:
        raise raised
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Put the record together, write the reports, and let the run's verdict be the exit code."""
    run = run_of(session.config)
    if run is None or run.bundle is None:
        return
    if _inherited(session.config):
        skipped = session.config.stash.get(_SKIPPED, [])
        session.config.workeroutput[_NOT_RUN] = [asdict(each) for each in skipped]  # type: ignore[attr-defined]
        return
    ended_early = bool(session.shouldstop) or session.exitstatus in (
        pytest.ExitCode.INTERRUPTED,
        pytest.ExitCode.INTERNAL_ERROR,
    )
    record = assemble(
        run.bundle,
        ended=datetime.now(UTC),
        skipped=session.config.stash.get(_SKIPPED, None),
        bench_errors=[str(session.shouldstop)] if str(session.shouldstop).startswith(BROKEN_BENCH) else [],
        complete=not ended_early,
    )
    session.config.stash[RECORD] = record
    session.exitstatus = record.exit_code
    write_reports(run.bundle, record)  # last: should a writer break, verdict and evidence are safe already
