"""Actors as fixtures: what a case may ask for by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.actor.csms import Csms
from harness.actor.csms_under_test import CsmsUnderTest
from harness.actor.evcc import Evcc
from harness.actor.grid_control import GridControl
from harness.actor.meter import MeterProbe
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.stage import Stage
from harness.actor.station_under_test import StationUnderTest
from harness.actor.tester_station import TesterStation
from harness.errors import UsageError
from harness.plugin.run import run_of
from harness.verdict.check import Check
from harness.verdict.declare import case_declaration


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Everything the case stands on, in an event loop of its own."""
    run = run_of(request.config)
    if run is None:
        raise UsageError("a case needs a device; name one with --device, or use `v2x-harness run`")
    with run.staged(case_declaration(request.function)) as staged:
        yield staged


@pytest.fixture
def evcc(stage: Stage) -> Evcc:
    """The tester as the EV."""
    return stage.evcc


@pytest.fixture
def secc(stage: Stage) -> SeccUnderTest:
    """The SECC as the SUT."""
    return stage.secc


@pytest.fixture
def station(stage: Stage) -> StationUnderTest | TesterStation:
    """The station as the SUT; in a case for a CSMS the tester as its station."""
    return stage.station


@pytest.fixture
def csms(stage: Stage) -> Csms | CsmsUnderTest:
    """The tester as the CSMS; in a case for a CSMS the CSMS as the SUT."""
    return stage.csms


@pytest.fixture
def grid(stage: Stage) -> GridControl:
    """The grid that the device hangs on; a case that changes it needs that (``needs="grid"``)."""
    return stage.grid


@pytest.fixture
def meter(stage: Stage) -> MeterProbe:
    """The bench meter; a case that asks for it needs one (``needs="meter"``)."""
    if stage.meter is None:
        raise UsageError('this bench has no meter; a case that asks for one declares needs="meter"')
    return stage.meter


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """Where the case leaves its findings."""
    declaration = case_declaration(request.function)
    if declaration is None:
        raise UsageError("only functions declared with test_case have findings")
    return Check(source=declaration.id, requirement=declaration.covers[0])
