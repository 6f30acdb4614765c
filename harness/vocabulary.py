"""The vocabulary of test cases: they import from here, from `harness.messages` and from `harness.v2g.readings`, and
from nowhere deeper.
"""

from harness.actor.evcc import ChargeLoop, Evcc
from harness.actor.exchange import Exchange
from harness.actor.meter import MeterProbe
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.stage import Stage
from harness.device.pics import CSMS, EVCC, SECC, STATION
from harness.errors import Inconclusive
from harness.link.observation import Closed, Connected, Flooded, Observation, Refused, Silence, Undecodable
from harness.quantity import number, rational
from harness.v2g.evcc import EvLimits, EvPolicy
from harness.v2g.sequence import failed
from harness.v2g.services import ControlMode, Service
from harness.verdict.check import Check
from harness.verdict.declare import rule, test_case
from harness.verdict.limits import at_least, at_most, differs, equals, inside, near, one_of, satisfies
from harness.verdict.verdict import Axis

DYNAMIC, SCHEDULED = ControlMode.DYNAMIC, ControlMode.SCHEDULED
DC, DC_BPT = Service.DC, Service.DC_BPT


def kilowatts(value: float) -> float:
    """kW as W."""
    return value * 1000.0


__all__ = [
    "CSMS",
    "DC",
    "DC_BPT",
    "DYNAMIC",
    "EVCC",
    "SCHEDULED",
    "SECC",
    "STATION",
    "Axis",
    "ChargeLoop",
    "Check",
    "Closed",
    "Connected",
    "ControlMode",
    "EvLimits",
    "EvPolicy",
    "Evcc",
    "Exchange",
    "Flooded",
    "Inconclusive",
    "MeterProbe",
    "Observation",
    "Refused",
    "SeccUnderTest",
    "Service",
    "Silence",
    "Stage",
    "Undecodable",
    "at_least",
    "at_most",
    "differs",
    "equals",
    "failed",
    "inside",
    "kilowatts",
    "near",
    "number",
    "one_of",
    "rational",
    "rule",
    "satisfies",
    "test_case",
]
