"""The vocabulary of test cases: they import from here, from `harness.messages` and from `harness.v2g.readings`, and
from nowhere deeper.
"""

from harness.actor.answers import answer, failure_of, no_answer, no_negotiation, no_service, response_of
from harness.actor.certificate_request import (
    CertificateRequest,
    broken_links,
    chain_of,
    days_left,
    ocsp_answer,
    ocsp_question,
)
from harness.actor.certificates_shown import (
    requested_key,
    shown_hash,
    shown_name,
    shown_serial,
    shown_strength,
    signed_serial,
    tls_version,
    upgrade_path,
)
from harness.actor.charge_loop import ChargeLoop
from harness.actor.csms import Csms
from harness.actor.csms_checks import still_serves
from harness.actor.csms_under_test import CsmsUnderTest
from harness.actor.der_words import (
    HERTZ_MARGIN,
    REACTIVE,
    SETTINGS_TIME,
    VOLTS_MARGIN,
    DerRating,
    der_curve,
    der_rating,
    disturb,
    install_der,
    on_curve,
    scheduled,
    steered,
    without_der,
)
from harness.actor.evcc import Evcc
from harness.actor.exchange import Exchange, response_time_in
from harness.actor.file_server import Moved
from harness.actor.firmware import demand_http, installable, vouched_for
from harness.actor.grid_control import GridControl
from harness.actor.hostility import in_sessions_of_their_own, next_session_works
from harness.actor.meter import MeterProbe
from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_pki import OperatorCa
from harness.actor.schedule_expectation import ToldSchedule, told_schedule
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.stage import Stage
from harness.actor.station_under_test import StationUnderTest
from harness.actor.tester_station import TesterStation
from harness.device.pics import CSMS, EVCC, SECC, STATION
from harness.errors import Inconclusive, NotTestable
from harness.fault.segmentation import InPieces, Together
from harness.link.observation import Closed, Connected, Flooded, Observation, Refused, Silence, Undecodable
from harness.link.trace import Trace
from harness.link.websocket import Upgraded
from harness.ocpp.charging_needs import ac_needs, dc_needs, v2x_needs
from harness.ocpp.csms.periods import (
    Period,
    V2xPlan,
    central_frequency,
    central_setpoint,
    charging_only,
    external_limits,
    external_setpoint,
    idle,
    local_frequency,
    local_load_balancing,
    plain_limit,
)
from harness.ocpp.csms.policy import Manner
from harness.ocpp.csms.records import Token, Transaction
from harness.quantity import number, rational
from harness.v2g.evcc import EvLimits, EvPolicy
from harness.v2g.filler import minimal
from harness.v2g.malformed import (
    Malformed,
    bad_headers,
    bad_lengths,
    beyond_enumeration,
    broken_exi,
    random_bodies,
    string_table_hit,
)
from harness.v2g.sdp import SdpRequest, SdpResponse, Security
from harness.v2g.sequence import failed
from harness.v2g.services import ControlMode, Service
from harness.v2g.v2gtp import frame
from harness.verdict.check import Check, Expected
from harness.verdict.declare import rule, test_case
from harness.verdict.limits import Limit, at_least, at_most, differs, equals, inside, near, one_of, satisfies
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
    "HERTZ_MARGIN",
    "REACTIVE",
    "SCHEDULED",
    "SECC",
    "SETTINGS_TIME",
    "STATION",
    "VOLTS_MARGIN",
    "Axis",
    "CallOutcome",
    "CertificateRequest",
    "ChargeLoop",
    "Check",
    "Closed",
    "Connected",
    "ControlMode",
    "Csms",
    "CsmsUnderTest",
    "DerRating",
    "EvLimits",
    "EvPolicy",
    "Evcc",
    "Exchange",
    "Expected",
    "Flooded",
    "GridControl",
    "InPieces",
    "Inconclusive",
    "Limit",
    "Malformed",
    "Manner",
    "MeterProbe",
    "Moved",
    "NotTestable",
    "Observation",
    "OperatorCa",
    "Period",
    "Refused",
    "SdpRequest",
    "SdpResponse",
    "SeccUnderTest",
    "Security",
    "Service",
    "Silence",
    "Stage",
    "StationUnderTest",
    "TesterStation",
    "Together",
    "Token",
    "ToldSchedule",
    "Trace",
    "Transaction",
    "Undecodable",
    "Upgraded",
    "V2xPlan",
    "ac_needs",
    "answer",
    "at_least",
    "at_most",
    "bad_headers",
    "bad_lengths",
    "beyond_enumeration",
    "broken_exi",
    "broken_links",
    "central_frequency",
    "central_setpoint",
    "chain_of",
    "charging_only",
    "days_left",
    "dc_needs",
    "demand_http",
    "der_curve",
    "der_rating",
    "differs",
    "disturb",
    "equals",
    "external_limits",
    "external_setpoint",
    "failed",
    "failure_of",
    "frame",
    "idle",
    "in_sessions_of_their_own",
    "inside",
    "install_der",
    "installable",
    "kilowatts",
    "local_frequency",
    "local_load_balancing",
    "minimal",
    "near",
    "next_session_works",
    "no_answer",
    "no_negotiation",
    "no_service",
    "number",
    "ocsp_answer",
    "ocsp_question",
    "on_curve",
    "one_of",
    "plain_limit",
    "random_bodies",
    "rational",
    "requested_key",
    "response_of",
    "response_time_in",
    "rule",
    "satisfies",
    "scheduled",
    "shown_hash",
    "shown_name",
    "shown_serial",
    "shown_strength",
    "signed_serial",
    "steered",
    "still_serves",
    "string_table_hit",
    "test_case",
    "tls_version",
    "told_schedule",
    "upgrade_path",
    "v2x_needs",
    "vouched_for",
    "without_der",
]
