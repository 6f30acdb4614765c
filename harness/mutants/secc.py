"""The faulty chargers: each is the reference SECC with one thing wrong, as real ones had it or might.

A mutant's name says what it does wrong; cases and rules name the mutants that they notice (`detects`).
"""

from __future__ import annotations

from typing import Any

from harness.fault.fault import Fault, Mutant
from harness.fault.message import (
    Answers,
    AnswersGarbage,
    Drops,
    DropsPipelined,
    Evolves,
    Hears,
    HearsOwnSessionId,
    Latches,
    Misses,
    Omits,
    Presumes,
    Recodes,
    Repeats,
    Replies,
    Rewrites,
    RewritesSessionId,
    Scales,
    kinds_of,
    reverses,
)
from harness.fault.octets import Floods, Truncate, WrongLength, WrongPayloadType, WrongVersion
from harness.fault.settings import MisSet
from harness.fault.signal import (
    Clamped,
    Fixed,
    FollowsBlindly,
    Missed,
    Mistaken,
    Scaled,
    SlowRamp,
    Stuck,
    reversed_signal,
)
from harness.fault.timing import Delays
from harness.messages import ac, dc
from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages.common_types import V2GResponseType, processingType
from harness.messages.common_types import responseCodeType as Code
from harness.mutants import secc_changes as c
from harness.quantity import rational
from harness.v2g.sdp import SdpFault, SdpRequest, SdpResponse, Security

_REQUESTS = kinds_of(dc.DC_ChargeParameterDiscoveryReq, dc.DC_ChargeLoopReq)
_LOOP_REQ, _LOOP_RES = kinds_of(dc.DC_ChargeLoopReq), kinds_of(dc.DC_ChargeLoopRes)
_CPD_RES = kinds_of(dc.DC_ChargeParameterDiscoveryRes)
_LIMITED = _CPD_RES + _LOOP_RES
_RESPONSES = kinds_of(V2GResponseType)
_AUTHORIZED = kinds_of(cm.AuthorizationRes)
_SAP = kinds_of(ap.supportedAppProtocolRes)
_FINISHED, _ONGOING = processingType.Finished, processingType.Ongoing
_FOR_EVER = 1e6
_HUGE = rational(1_000_000)


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"secc-{name}", "secc", what, faults)


def _pardons(code: Code, *kinds: type, **also: Any) -> Recodes:
    """Says OK where a refusal was due."""
    return Recodes(kinds or _RESPONSES, (code,), Code.OK, tuple(also.items()))


def _ignores(*names: str, instead: Any = _HUGE) -> Fault:
    """Hears limits of the EV as if they were far away."""
    return Hears(_REQUESTS, **dict.fromkeys(names, instead))


_DISCOVERY = (
    _mutant("sdp-answers-once", "answers the first SDP request only", Drops((SdpResponse,), after=1)),
    _mutant("sdp-wrong-port", "announces a port outside the dynamic range", Answers(SdpResponse, port=15118)),
    _mutant("sdp-malformed", "sends SDP responses of 19 octets", Truncate((SdpResponse,), 19)),
    _mutant(
        "sdp-answers-anything",
        "answers datagrams that are no SDP request",
        Rewrites((SdpFault,), lambda _: SdpRequest()),
    ),
    _mutant(
        "sdp-echoes-security",
        "announces the security asked for, not its own",
        Replies((SdpResponse,), c.echoes_security),
    ),
    _mutant(
        "sdp-answers-without-tls",
        "announces a listener without TLS to everybody",
        Answers(SdpResponse, security=Security.NONE),
    ),
)

_TLS = (
    _mutant("accepts-tls12", "speaks ISO 15118-20 over TLS 1.2", MisSet("tls.minimum", "1.2")),
    _mutant("asks-no-certificate", "does not ask the EV for a certificate", MisSet("tls.client_certificate", False)),
    _mutant("accepts-any-chain", "looks at no certificate of the EV", MisSet("tls.client_certificate", False)),
    _mutant("serves-20-without-tls", "speaks ISO 15118-20 over plain TCP", MisSet("tls.enabled", False)),
)

_SAP_CODES = ap.responseCodeType
_PROTOCOL = (
    _mutant("takes-first-protocol", "reads the order of entries as priority", Rewrites((ap.supportedAppProtocolReq,), c.takes_first_protocol)),
    _mutant("constant-schema-id", "always answers SchemaID 1", Rewrites(_SAP, c.constant_schema_id)),
    _mutant("takes-unknown-protocols", "agrees to protocols it does not know", Replies(_SAP, c.takes_unknown_protocols)),
    _mutant("ignores-major-version", "reads every major version as 1", Hears(ap.supportedAppProtocolReq, VersionNumberMajor=1)),
    _mutant(
        "never-deviates",
        "says full agreement when minor versions differ",
        Recodes(_SAP, (_SAP_CODES.OK_SuccessfulNegotiationWithMinorDeviation,), _SAP_CODES.OK_SuccessfulNegotiation),
    ),
    _mutant(
        "refuses-minor-versions",
        "refuses protocols whose minor version differs",
        Recodes(
            _SAP,
            (_SAP_CODES.OK_SuccessfulNegotiationWithMinorDeviation,),
            _SAP_CODES.Failed_NoNegotiation,
            (("SchemaID", None),),
        ),
    ),
    _mutant("names-schema-on-failure", "names a SchemaID although nothing was agreed", Replies(_SAP, c.names_schema_on_failure)),
    _mutant("needs-no-negotiation", "serves EVs that have not negotiated a protocol", Presumes((cm.SessionSetupReq,), c.OFFER)),
    _mutant("reads-five-protocols", "reads five protocol entries only", Rewrites((ap.supportedAppProtocolReq,), c.reads_five_protocols)),
)  # fmt: skip

_SESSION = (
    _mutant("zero-session-id", "gives sessions the id zero", RewritesSessionId(c.no_id)),
    _mutant("repeats-session-ids", "gives every session the same id", RewritesSessionId(c.same_id)),
    _mutant("counts-session-ids", "counts its session ids", RewritesSessionId(c.counted_id)),
    _mutant(
        "changes-session-id",
        "changes the session id in the middle",
        Rewrites(
            kinds_of(cm.ServiceSelectionRes, *_CPD_RES, cm.ScheduleExchangeRes, *_LOOP_RES), c.changes_session_id
        ),
    ),
    _mutant("accepts-wrong-session-id", "does not look at session ids", HearsOwnSessionId()),
    _mutant("ignores-sequence", "answers OK to requests out of sequence", _pardons(Code.FAILED_SequenceError)),
    _mutant("fails-without-a-reason", "has the plain code FAILED for everything", Rewrites(_RESPONSES, c.fails_without_reason)),
    _mutant(
        "fails-legal-request",
        "calls a legal SessionSetupReq out of sequence",
        Answers(cm.AuthorizationSetupRes, ResponseCode=Code.FAILED_SequenceError),
    ),
    _mutant("answers-with-wrong-type", "answers with a response of another type", Rewrites((cm.ServiceSelectionRes,), c.answers_wrong_type)),
    _mutant("speaks-unasked", "sends responses twice", Repeats((cm.AuthorizationSetupRes, *_LOOP_RES))),
    _mutant("continues-after-failed", "goes on after FAILED, as ISO 15118-2 allowed", MisSet("after_failed", "continue")),
    _mutant("closes-at-once", "closes TCP together with the final response", MisSet("timers.close", 0.0)),
    _mutant("never-closes", "leaves TCP open after the final response", MisSet("timers.close", _FOR_EVER)),
    _mutant("last-connection-wins", "drops a session for a second connection", MisSet("takeover", True)),
    _mutant("joins-anybody", "joins sessions it never paused", Replies((cm.SessionSetupRes,), c.joins_anybody)),
    _mutant("resumes-with-new-id", "joins a paused session under another id", Rewrites((cm.SessionSetupRes,), c.resumes_with_new_id)),
    _mutant("forgets-paused-sessions", "never joins the session it paused", MisSet("timers.resume", -1.0)),
    _mutant("plain-ok-to-setup", "answers session setup with plain OK", Recodes((cm.SessionSetupRes,), (Code.OK_NewSessionEstablished,), Code.OK)),
    _mutant("changes-evse-id", "names its outlet differently in every session", Evolves((cm.SessionSetupRes,), c.changes_evse_id)),
    _mutant("empty-evse-id", "does not name its outlet", MisSet("evse_id", "")),
    _mutant("trusts-timestamps", "fails when the EV's clock differs", Replies(_RESPONSES, c.trusts_timestamps)),
)  # fmt: skip

_AUTHORIZATION = (
    _mutant("never-authorises", "waits for the user for ever", Fixed("site_authorised", 0.0)),
    _mutant(
        "blocks-on-authorization",
        "answers only when the user has been decided upon",
        Delays(_AUTHORIZED, 4.0),
    ),
    _mutant("ongoing-with-warning", "says Ongoing with a warning", Rewrites(_AUTHORIZED, c.refusal_goes_on)),
    _mutant(
        "ongoing-after-refusal", "waits on after it refused the user", Rewrites(_AUTHORIZED, c.waits_after_refusal)
    ),
    _mutant(
        "accepts-unoffered-authorization",
        "authorises by a service it did not offer",
        Recodes(_AUTHORIZED, (Code.WARNING_AuthorizationSelectionInvalid,), Code.OK),
    ),
    _mutant(
        "fails-unoffered-authorization",
        "ends the session over a service it did not offer",
        Recodes(_AUTHORIZED, (Code.WARNING_AuthorizationSelectionInvalid,), Code.FAILED),
    ),
    _mutant(
        "installs-unannounced",
        "answers certificate installation it did not announce",
        _pardons(Code.FAILED_SequenceError, cm.CertificateInstallationRes),
    ),
)

_SERVICES = (
    _mutant("hides-bpt", "does not offer the bidirectional service", MisSet("offer.services", (2,))),
    _mutant("empty-service-list", "ends its service list before the first entry", Truncate((cm.ServiceDiscoveryRes,), 14)),
    _mutant("fails-on-filter", "fails when asked for certain services", Replies((cm.ServiceDiscoveryRes,), c.fails_on_filter)),
    _mutant("offers-only-dynamic", "offers no scheduled control mode", MisSet("offer.control_modes", (2,))),
    _mutant("offers-only-scheduled", "offers no dynamic control mode", MisSet("offer.control_modes", (1,))),
    _mutant(
        "offers-scheduled-mobility-2",
        "offers MobilityNeedsMode 2 in scheduled control mode",
        Rewrites((cm.ServiceDetailRes,), c.offers_scheduled_mobility_2),
    ),
    _mutant(
        "bpt-set-without-channel",
        "leaves the bidirectional parameters out",
        Rewrites((cm.ServiceDetailRes,), c.bpt_set_without_channel),
    ),
    _mutant("accepts-unknown-service", "details services it does not have", _pardons(Code.FAILED_ServiceIDInvalid)),
    _mutant("changes-parameter-sets", "numbers parameter sets anew each time", Evolves((cm.ServiceDetailRes,), c.changes_parameter_sets)),
    _mutant(
        "takes-any-parameter-set",
        "accepts services and parameter sets it did not offer",
        _pardons(Code.FAILED_ServiceSelectionInvalid, cm.ServiceSelectionRes),
        _pardons(Code.FAILED_NoEnergyTransferServiceSelected, cm.ServiceSelectionRes),
    ),
    _mutant("refuses-renegotiation", "does not let services be chosen anew", MisSet("offer.renegotiable", False)),
    _mutant(
        "renegotiates-unsupported",
        "agrees to a renegotiation of services that it does not support",
        MisSet("offer.renegotiable", False),
        _pardons(Code.FAILED_NoServiceRenegotiationSupported),
    ),
)  # fmt: skip

_PARAMETERS = (
    _mutant(
        "takes-any-charge-parameters",
        "accepts charge parameters of another service",
        _pardons(Code.FAILED_WrongChargeParameter, *_CPD_RES),
    ),
    _mutant(
        "takes-contradictory-limits",
        "accepts a minimum above its maximum",
        _pardons(Code.FAILED_WrongChargeParameter, *_CPD_RES),
    ),
    _mutant(
        "refuses-negative-discharge-limits",
        "refuses discharge limits with a sign",
        Replies(_CPD_RES, c.refuses_negative_discharge_limits),
    ),
    _mutant("mirrors-discharge-sign", "loses its own discharge limit over the EV's sign", Replies(_CPD_RES, c.mirrors_discharge_sign)),
    _mutant("misreads-exponents", "reads every exponent as 0", Rewrites((dc.DC_ChargeParameterDiscoveryReq,), c.misreads_exponents)),
    _mutant("answers-non-bpt", "answers without discharge limits", Rewrites(_CPD_RES, c.answers_non_bpt)),
    _mutant("contradictory-limits", "has a minimum above its maximum", Rewrites(_CPD_RES, c.contradictory_limits)),
    _mutant(
        "raises-limits-in-loop",
        "raises its limits in the loop above those it announced",
        Scales(_LOOP_RES, ("EVSEMaximumChargePower", "EVSEMaximumChargeCurrent"), 1.5),
    ),
    _mutant(
        "changes-discharge-sign",
        "sends discharge limits with another sign in the loop",
        reverses(_LOOP_RES, "EVSEMaximumDischargePower", "EVSEMaximumDischargeCurrent"),
    ),
    _mutant(
        "takes-ac-for-dc",
        "answers AC parameters in a DC session",
        _pardons(Code.FAILED_SequenceError, ac.AC_ChargeParameterDiscoveryRes),
    ),
)  # fmt: skip

_SCHEDULES = (
    _mutant("too-many-schedule-entries", "sends more entries than the EV supports", Replies((cm.ScheduleExchangeRes,), c.too_many_entries)),
    _mutant("repeats-schedule-tuple", "gives all schedules one id", Rewrites((cm.ScheduleExchangeRes,), c.repeats_schedule_tuple)),
    _mutant("forgets-discharging-schedule", "gives no schedule for discharging", Omits((cm.ScheduleExchangeRes,), ("DischargingSchedule",))),
    _mutant("confuses-soc-targets", "says a minimum SOC above the target", Rewrites((cm.ScheduleExchangeRes,), c.confuses_soc_targets)),
    _mutant("takes-any-control-mode", "takes schedules of the other control mode", _pardons(Code.FAILED, cm.ScheduleExchangeRes)),
    _mutant(
        "sequence-error-on-odd-needs",
        "calls needs it does not like out of sequence",
        Rewrites((cm.ScheduleExchangeRes,), c.sequence_error_on_odd_needs),
    ),
    _mutant(
        "takes-any-schedule-tuple",
        "starts along a schedule it did not offer",
        _pardons(Code.FAILED_ScheduleSelectionInvalid),
    ),
    _mutant(
        "takes-any-power-profile",
        "starts along a profile above its schedule",
        _pardons(Code.FAILED_EVPowerProfileInvalid),
    ),
    _mutant(
        "needs-word-on-power-tolerance",
        "leaves a start unanswered that omits the optional PowerToleranceAcceptance",
        Misses((cm.PowerDeliveryReq,), c.starts_without_word_on_tolerance),
    ),
)  # fmt: skip

_ISOLATION = (
    _mutant("cable-check-never-ends", "never finishes the cable check", Fixed("isolation_test", 0.0)),
    _mutant("slow-cable-check", "takes 45 s for the cable check", MisSet("ratings.isolation_time", 45.0)),
    _mutant("skips-cable-check", "says Finished before it has tested", Answers(dc.DC_CableCheckRes, EVSEProcessing=_FINISHED)),
    _mutant("isolation-without-voltage", "tests the insulation without voltage", Fixed("test_voltage", 0.0)),
    _mutant(
        "isolation-overvoltage",
        "tests the insulation with 900 V",
        MisSet("ratings.isolation_voltage", 900.0),
        Fixed("test_voltage", 900.0),
    ),
    _mutant("precharge-stuck", "reaches half of the precharge voltage", Scaled("setpoint_voltage", 0.5)),
    _mutant("precharge-overshoots", "precharges to a quarter too much", Scaled("setpoint_voltage", 1.25)),
    _mutant(
        "precharge-beyond-maximum",
        "precharges above the voltage it announced as its maximum",
        MisSet("ratings.max_voltage", 1000.0),
        MisSet("ratings.voltage_ramp", 2000.0),
        _ignores("EVMaximumVoltage", instead=rational(1000)),
        Answers(_LIMITED, EVSEMaximumVoltage=rational(500)),
    ),
    _mutant(
        "starts-without-cable-check",
        "starts power without cable check and precharge",
        _pardons(Code.FAILED_SequenceError, cm.PowerDeliveryRes),
    ),
    _mutant("starts-unprecharged", "starts power although the voltages differ", MisSet("precharge_tolerance", 1000.0)),
)  # fmt: skip

_POWER = (
    _mutant("ignores-ev-charge-limit", "does not keep EVMaximumChargePower", _ignores("EVMaximumChargePower")),
    _mutant(
        "ignores-ev-charge-current-limit", "does not keep EVMaximumChargeCurrent", _ignores("EVMaximumChargeCurrent")
    ),
    _mutant("ignores-ev-discharge-limit", "does not keep EVMaximumDischargePower", _ignores("EVMaximumDischargePower")),
    _mutant(
        "ignores-ev-discharge-current-limit",
        "does not keep EVMaximumDischargeCurrent",
        _ignores("EVMaximumDischargeCurrent"),
    ),
    _mutant("ignores-ev-voltage-limit", "does not keep EVMaximumVoltage", _ignores("EVMaximumVoltage", instead=rational(1000))),
    _mutant(
        "latches-ev-limits",
        "keeps the lowest limit of the EV after it was raised again",
        Latches(
            _LOOP_REQ,
            (
                "EVMaximumChargePower",
                "EVMaximumChargeCurrent",
                "EVMaximumDischargePower",
                "EVMaximumDischargeCurrent",
            ),
        ),
    ),
    _mutant(
        "ignores-minimum-energy",
        "discharges below EVMinimumEnergyRequest 0",
        Hears(_LOOP_REQ, EVMinimumEnergyRequest=rational(-30_000)),
    ),
    _mutant(
        "ignores-v2x-window",
        "discharges outside the V2X window",
        Hears(_LOOP_REQ, EVMinimumV2XEnergyRequest=rational(-30_000)),
    ),
    _mutant(
        "ignores-maximum-energy",
        "charges above EVMaximumEnergyRequest 0",
        Hears(_LOOP_REQ, EVMaximumEnergyRequest=rational(30_000), EVTargetEnergyRequest=rational(30_000)),
    ),
    _mutant(
        "exceeds-own-limits",
        "delivers up to twice of what it announces",
        Scales(
            _LIMITED,
            (
                "EVSEMaximumChargePower",
                "EVSEMaximumChargeCurrent",
                "EVSEMaximumDischargePower",
                "EVSEMaximumDischargeCurrent",
            ),
            0.5,
        ),
    ),
    _mutant(
        "hides-its-limits",
        "never says that a limit was reached",
        Answers(_LOOP_RES, EVSEPowerLimitAchieved=False, EVSECurrentLimitAchieved=False, EVSEVoltageLimitAchieved=False),
    ),
    _mutant("ignores-site-limit", "does not keep the limit of its site", Fixed("site_limit", 1e9)),
    _mutant("ignores-setpoint", "charges whatever its site wants", Fixed("site_setpoint", 22_000.0)),
    _mutant("reverses-setpoint", "charges where it shall discharge, and the other way", reversed_signal("site_setpoint")),
    _mutant("ignores-zero-setpoint", "misses a setpoint of 0", Missed("site_setpoint", 0.0)),
    _mutant("keeps-first-setpoint", "follows only the first setpoint", Stuck("site_setpoint")),
    _mutant("ignores-zero-target", "misses a target current of 0", Missed("setpoint_current", 0.0)),
    _mutant("never-discharges", "gives no current back", Clamped("setpoint_current", low=0.0)),
    _mutant(
        "discharges-in-dc",
        "discharges in a service without bidirectional power transfer",
        FollowsBlindly("setpoint_current", "EVTargetCurrent", "site_setpoint"),
    ),
    _mutant("gives-half-the-current", "gives half of the current", Scaled("setpoint_current", 0.5)),
    _mutant("trips-on-reversal", "fails when the power changes direction", Evolves(_LOOP_RES, c.trips_on_reversal)),
    _mutant("ramps-too-slowly", "changes its current by 1 A a second", MisSet("ratings.current_ramp", 1.0)),
    _mutant("slow-setpoint", "lets its setpoint creep by 200 W a second", SlowRamp("site_setpoint", 200.0)),
    _mutant("fails-on-zero-voltage", "fails on EVTargetVoltage 0", Replies(_LOOP_RES, c.fails_on_zero_voltage)),
    _mutant("idles-on-zero-voltage", "gives no current at EVTargetVoltage 0", Rewrites(_LOOP_REQ, c.idles_on_zero_voltage)),
    _mutant("powers-before-start", "lets 5 A flow back as soon as it can", Mistaken("setpoint_current", 0.0, -5.0)),
    _mutant("keeps-power-after-stop", "goes on after PowerDelivery Stop", Fixed("enable", 1.0)),
    _mutant("contactor-stays-closed", "keeps the outlet live after the stop", Fixed("contactor", 1.0)),
    _mutant("reports-wrong-sign", "reports discharging as positive current", reverses(_LOOP_RES, "EVSEPresentCurrent")),
    _mutant(
        "meter-lies",
        "gives less than it was told, and reports what it was told",
        Scaled("setpoint_current", 0.6),
        Scaled("present_current", 1 / 0.6),
    ),
    _mutant(
        "welding-voltage-constant",
        "reports 400 V in welding detection for ever",
        Answers(dc.DC_WeldingDetectionRes, EVSEPresentVoltage=rational(400)),
    ),
    _mutant(
        "refuses-welding-detection",
        "fails on welding detection",
        Answers(dc.DC_WeldingDetectionRes, ResponseCode=Code.FAILED),
    ),
)  # fmt: skip

_METERING = (
    _mutant("meter-runs-backwards", "counts its energies down", Evolves(_LOOP_RES, c.meter_runs_backwards)),
    _mutant("omits-meter-info", "sends no meter readings", Omits(_LOOP_RES, ("MeterInfo",))),
    _mutant("no-first-meter-info", "sends meter readings only when asked", MisSet("meter.metering", False)),
    _mutant("meter-stands-still", "counts no energy", Fixed("energy_import", 0.0), Fixed("energy_export", 0.0)),
    _mutant("counts-export-as-import", "has one counter for both directions", Rewrites(_LOOP_RES, c.meter_counts_both_as_charge)),
    _mutant("counts-too-much", "counts a fifth too much energy", Scaled("energy_import", 1.2), Scaled("energy_export", 1.2)),
)  # fmt: skip

_FLOW = (
    _mutant("never-notifies", "keeps its notifications to itself", Omits(kinds_of(_LOOP_RES, cm.PowerDeliveryRes), ("EVSEStatus",))),
    _mutant("notifies-without-delay", "gives the EV no time to follow a notification", Answers(_LOOP_RES, NotificationMaxDelay=0)),
    _mutant("refuses-pause", "does not let a session pause", MisSet("pause_allowed", False)),
    _mutant("refuses-standby", "does not let the EV stand by", MisSet("standby_allowed", False)),
    _mutant("fails-on-standby", "fails on standby", Recodes((cm.PowerDeliveryRes,), (Code.WARNING_StandbyNotAllowed,), Code.FAILED), MisSet("standby_allowed", False)),
    _mutant("fails-on-stop", "fails on every session stop", Answers(cm.SessionStopRes, ResponseCode=Code.FAILED)),
    _mutant("silent-on-stop", "closes without answering the session stop", Drops((cm.SessionStopRes,)), MisSet("timers.close", 0.0)),
)  # fmt: skip

_TIMING = (
    _mutant("no-sequence-timeout", "waits for a silent EV for ever", MisSet("timers.sequence", _FOR_EVER), MisSet("timers.sequence_in_loop", _FOR_EVER)),
    _mutant("flat-sequence-timeout", "waits 60 s in the loop too", MisSet("timers.sequence_in_loop", 60.0)),
    _mutant("short-sequence-timeout", "ends sessions after 20 s of silence", MisSet("timers.sequence", 20.0)),
    _mutant("short-loop-timeout", "ends the loop after 0.22 s of silence", MisSet("timers.sequence_in_loop", 0.22)),
    _mutant("slow-response", "answers polled requests after 1.9 s", Delays(kinds_of(cm.AuthorizationRes, dc.DC_CableCheckRes, dc.DC_PreChargeRes), 1.9)),
    _mutant("slow-loop", "answers in the loop after 0.55 s", Delays(_LOOP_RES, 0.55)),
    _mutant("sluggish-loop", "answers in the loop after 0.3 s", Delays(_LOOP_RES, 0.3)),
    _mutant("hangs", "leaves a request without an answer", Drops((cm.ServiceDetailRes,)), MisSet("timers.sequence", _FOR_EVER)),
    _mutant("ongoing-forever", "lets one phase be polled for ever", MisSet("ratings.isolation_time", _FOR_EVER)),
)  # fmt: skip

_FRAMES = (
    _mutant("wrong-v2gtp-version", "writes V2GTP version 2", WrongVersion((cm.AuthorizationSetupRes,))),
    _mutant("wrong-payload-type", "sends common messages in the DC stream", WrongPayloadType((cm.AuthorizationSetupRes,), 0x8101)),
    _mutant("truncated-exi", "loses the end of a message", Truncate((cm.ServiceDetailRes,), 20)),
    _mutant("wrong-length", "announces one octet less than it sends", WrongLength((cm.AuthorizationSetupRes,), 13)),
    _mutant("floods", "sends megabytes unasked", Floods((dc.DC_CableCheckRes,))),
    _mutant("odd-exponents", "uses exponents that nobody expects", Rewrites(_LOOP_RES, c.odd_exponents)),
    _mutant("answers-garbage", "takes garbage for the request it waits for", AnswersGarbage(c.guesses_request)),
    _mutant("drops-pipelined", "loses a request that came with the one before", DropsPipelined()),
)  # fmt: skip

CATALOGUE: tuple[Mutant, ...] = (
    *_DISCOVERY,
    *_TLS,
    *_PROTOCOL,
    *_SESSION,
    *_AUTHORIZATION,
    *_SERVICES,
    *_PARAMETERS,
    *_SCHEDULES,
    *_ISOLATION,
    *_POWER,
    *_METERING,
    *_FLOW,
    *_TIMING,
    *_FRAMES,
)
"""All mutants of the SECC."""
