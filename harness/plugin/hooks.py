"""What pytest calls: options, selection, running a case, and the end of the run."""

from __future__ import annotations

import platform
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from ssl import OPENSSL_VERSION
from typing import Any

import pytest

from harness.actor.ocpp_line import ocpp_tls
from harness.actor.stage import StageOptions
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription, load_description
from harness.errors import BenchError, HarnessError, UsageError, exit_code_of
from harness.evidence.bundle import Bundle, new_bundle, open_bundle
from harness.evidence.conclude import rule_records
from harness.evidence.record import RECORD_VERSION, NotRun, RunRecord
from harness.evidence.recorder import NOT_REACHED, assemble, begin_run, not_run, plan_run
from harness.link.tls import client_context, server_context
from harness.mutants import find_mutant
from harness.ocpp.security import PROFILES
from harness.plugin.outcome import CASE_PROPERTY, outcome_of, summary_of
from harness.plugin.run import Run, run_of, set_run
from harness.plugin.select import LEFT_OUT, skip_of
from harness.verdict.declare import case_declaration, rules
from harness.verdict.requirements import untested_requirements
from harness.verdict.verdict import Verdict

RECORD = pytest.StashKey[RunRecord]()
"""The finished record, for whoever shows the end of the run."""
REFUSED = pytest.StashKey[HarnessError]()
"""Why a run could not begin."""
FRONTED = pytest.StashKey[bool]()
"""Set where a command stands in front of pytest and says by itself why a run could not begin."""
_EARLY: dict[int, str] = {
    pytest.ExitCode.INTERRUPTED: "it was interrupted",
    pytest.ExitCode.INTERNAL_ERROR: "the harness itself broke",
}
_BUNDLE, _TROUBLE = "v2x_bundle", "v2x_trouble"
_DESELECTED = pytest.StashKey[list[pytest.Item]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; `v2x-harness run` passes the same ones."""
    group = parser.getgroup("v2x-harness", "conformance of EV charging devices")
    group.addoption("--device", metavar="FILE", help="description of the device under test (YAML)")
    group.addoption("--out", metavar="DIR", default="reports", help="where the report bundle goes")
    group.addoption("--mutant", metavar="NAME", help="make the embedded reference device faulty")
    group.addoption("--virtual-time", action="store_true", help="embedded reference device in memory, time jumps")
    group.addoption(
        "--quick",
        action="store_true",
        help="leave out cases that need longer than 10 s, or 30 s on both sides of a charger",
    )
    group.addoption("--strict-field", action="store_true", help="field findings fail the run")
    group.addoption("--seed", type=int, default=0, help="seed of what cases draw at random")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Read the device and begin the bundle, before pytest itself sets anything up; an exit code where that fails."""
    device = config.getoption("--device")
    if not device or config.option.help:
        return None
    config.option.importmode = "importlib"  # cases of two roles may lie in files of the same name
    if config.option.collectonly:
        return None
    try:
        _begin(config, Path(device))
    except HarnessError as error:
        config.stash[REFUSED] = error
        if not config.stash.get(FRONTED, False):
            print(f"v2x-harness: {error}", file=sys.stderr)
        return exit_code_of(error)
    return None


def _begin(config: pytest.Config, device: Path) -> None:
    description = load_description(device)
    options = _options(config, description)
    now = datetime.now(UTC)
    pki = TesterPki(description, now)
    _try_credentials(description, pki)
    bundle = (
        open_bundle(Path(inherited)) if (inherited := _inherited(config)) else _new_bundle(config, description, now)
    )
    set_run(config, Run(description, options, bundle, config.getoption("--quick"), pki))


def _options(config: pytest.Config, description: DeviceDescription) -> StageOptions:
    name, virtual_time = config.getoption("--mutant"), config.getoption("--virtual-time")
    for option, wanted in (("--mutant", name), ("--virtual-time", virtual_time)):
        if wanted and not description.bench.embedded:
            raise UsageError(f"{option} is for the embedded reference device; leave it out for {description.title}")
    return StageOptions(virtual_time, find_mutant(name) if name else None, config.getoption("--seed"))


def _try_credentials(description: DeviceDescription, pki: TesterPki) -> None:
    """Say before anything begins that certificates cannot be used, instead of in every case."""
    access = description.roles.secc
    if access is not None and access.tls_profile and not description.bench.embedded:
        client_context(pki.evcc_profile(access.tls_profile))
    if not description.bench.embedded:
        _try_ocpp_credentials(description, pki)


def _try_ocpp_credentials(description: DeviceDescription, pki: TesterPki) -> None:
    station, csms = description.roles.station, description.roles.csms
    if station is not None and PROFILES[station.security_profile].tls:
        chain, key = pki.ocpp.server(station.listen_on[0])
        server_context(ocpp_tls(chain, key, pki.ocpp.roots))
    if csms is not None and PROFILES[csms.security_profile].tls:
        chain, key = pki.ocpp.client(description.pixit.csms.serial)
        client_context(ocpp_tls(chain, key, pki.ocpp.roots))


def _inherited(config: pytest.Config) -> str | None:
    """The bundle that the controlling process made, in a worker of pytest-xdist."""
    return getattr(config, "workerinput", {}).get(_BUNDLE)


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
        untested=tuple(each.id for each in untested_requirements(description.roles.names)),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the bundle is."""
    run = run_of(node.config)
    if run is not None and run.bundle is not None:
        node.workerinput[_BUNDLE] = str(run.bundle.folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker of pytest-xdist what went wrong there besides single cases."""
    run, told = run_of(node.config), getattr(node, "workeroutput", {}).get(_TROUBLE)
    if run is not None and told is not None:
        run.bench_errors += told["bench_errors"]
        run.ended_early = run.ended_early or told["ended_early"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each case by its id, and skip what is not to be run, with the reason."""
    run = run_of(config)
    for item in items:
        declaration = case_declaration(getattr(item, "function", None))
        if declaration is None:
            continue
        item.extra_keyword_matches.update({declaration.id, *declaration.covers})
        skip = skip_of(declaration, run.description, quick=run.quick) if run else None
        if skip is not None:
            item.add_marker(pytest.mark.skip(reason=f"{skip.why}: {skip.reason}"))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Keep what `--select` left out, for the report."""
    for item in items:
        item.config.stash.setdefault(_DESELECTED, []).append(item)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write down what is planned and what is not, so that a run which is killed can still say what it did not reach."""
    run, config = run_of(session.config), session.config
    leads = getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0"
    if run is None or run.bundle is None or not leads:
        return
    left_out = config.stash.get(_DESELECTED, [])
    if session.items or left_out:  # the process that controls workers collects nothing
        planned = [_plan(run, item, NOT_REACHED, "the run ended before it") for item in session.items]
        planned += [_plan(run, item, LEFT_OUT, "not selected") for item in left_out]
        plan_run(run.bundle, [each for each in planned if each is not None])


def _plan(run: Run, item: pytest.Item, why: str, reason: str) -> NotRun | None:
    declaration = case_declaration(getattr(item, "function", None))
    if declaration is None:
        return None
    skip = skip_of(declaration, run.description, quick=run.quick)
    return not_run(declaration, skip.why, skip.reason) if skip else not_run(declaration, why, reason)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a case in its stage; a verdict other than pass is raised for pytest to show."""
    __tracebackhide__ = True  # the verdict is the story, not where it was raised
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


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Cases that cannot be loaded are no nonconformity, and no reason to call a run conformant."""
    report = yield
    run = run_of(collector.config)
    if run is not None and report.failed:
        reason = report.longreprtext.strip().rpartition("\n")[2].removeprefix("E").strip()
        run.bench_errors.append(f"the cases of {collector.nodeid} cannot be loaded: {reason}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A case that could not begin, could not be noted down, or left a mess behind, stands in the record too."""
    run = run_of(item.config)
    raised = call.excinfo.value if call.excinfo is not None else None
    verdict = call.when == "call" and not isinstance(raised, BenchError)
    if run is not None and raised is not None and not verdict and not isinstance(raised, pytest.skip.Exception):
        run.note_trouble(item, raised, before=call.when == "setup")
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Put the record together, write the reports, and let the run's verdict be the exit code."""
    run = run_of(session.config)
    if run is None or run.bundle is None:
        return
    if _inherited(session.config):
        told = {"bench_errors": run.bench_errors, "ended_early": run.ended_early}
        session.config.workeroutput[_TROUBLE] = told  # type: ignore[attr-defined]
        return
    early = _EARLY.get(session.exitstatus, "")
    record = assemble(
        run.bundle,
        ended=datetime.now(UTC),
        bench_errors=list(dict.fromkeys(run.bench_errors)),
        complete=not (early or session.shouldstop),
        ended_early=run.ended_early or ("" if run.bench_errors else early),
    )
    session.config.stash[RECORD] = record
    session.exitstatus = record.exit_code
    from harness.report.all import write_reports  # its plots load slowly, and workers and lists never need them

    write_reports(run.bundle, record)  # last: should a writer break, verdict and evidence are safe already
