"""What single mutants of the SECC make of messages, where no general fault says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from harness.fault.fields import with_field
from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import RationalNumberType, processingType
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import number, rational
from harness.v2g.evcc import EvPolicy
from harness.v2g.services import ControlMode, control_mode_of, parameters_of

# --- protocol negotiation -------------------------------------------------------------------------------------------------


def takes_first_protocol(request: ap.supportedAppProtocolReq) -> Any:
    """Reads the order of the entries as their priority."""
    entries = tuple(replace(each, Priority=place) for place, each in enumerate(request.AppProtocol, start=1))
    return replace(request, AppProtocol=entries)


def reads_five_protocols(request: ap.supportedAppProtocolReq) -> Any:
    """Has room for five entries."""
    return replace(request, AppProtocol=request.AppProtocol[:5])


def constant_schema_id(response: ap.supportedAppProtocolRes) -> Any:
    """Always names the same SchemaID when it agrees."""
    return response if response.SchemaID is None else replace(response, SchemaID=1)


def takes_unknown_protocols(request: Any, response: ap.supportedAppProtocolRes) -> Any:
    """Agrees to the first entry where it knows none."""
    if response.SchemaID is not None or not isinstance(request, ap.supportedAppProtocolReq):
        return response
    return replace(
        response,
        ResponseCode=ap.responseCodeType.OK_SuccessfulNegotiation,
        SchemaID=request.AppProtocol[0].SchemaID,
    )


def names_schema_on_failure(request: Any, response: ap.supportedAppProtocolRes) -> Any:
    """Names a SchemaID although nothing was agreed."""
    if response.SchemaID is not None or not isinstance(request, ap.supportedAppProtocolReq):
        return response
    return replace(response, SchemaID=request.AppProtocol[0].SchemaID)


OFFER = ap.supportedAppProtocolReq(AppProtocol=EvPolicy().protocols)
"""What an ordinary EV offers."""


def guesses_request(header: Any) -> Any:
    """Makes of garbage what an ordinary EV sends at the beginning of a session."""
    return OFFER if header is None else cm.AuthorizationSetupReq(Header=header)


# --- sessions -------------------------------------------------------------------------------------------------------------


def no_id(_: int) -> bytes:
    """Session id zero."""
    return bytes(8)


def same_id(_: int) -> bytes:
    """The same session id every time."""
    return bytes.fromhex("5ec0de0000c0ffee")


def counted_id(session: int) -> bytes:
    """Session ids 1, 2, 3 and so on."""
    return session.to_bytes(8, "big")


def changes_session_id(response: Any) -> Any:
    """Another session id from here on."""
    wrong = bytes([response.Header.SessionID[0] ^ 0xFF]) + response.Header.SessionID[1:]
    return replace(response, Header=replace(response.Header, SessionID=wrong))


def joins_anybody(request: Any, response: cm.SessionSetupRes) -> Any:
    """Says that it joined whatever session was named."""
    if not isinstance(request, cm.SessionSetupReq) or not any(request.Header.SessionID):
        return response
    header = replace(response.Header, SessionID=request.Header.SessionID)
    return replace(response, Header=header, ResponseCode=Code.OK_OldSessionJoined)


def resumes_with_new_id(response: cm.SessionSetupRes) -> Any:
    """Gives a joined session another id."""
    return changes_session_id(response) if response.ResponseCode is Code.OK_OldSessionJoined else response


def changes_evse_id(memory: dict[str, Any], response: cm.SessionSetupRes) -> Any:
    """Numbers its EVSEID by session."""
    memory["sessions"] = memory.get("sessions", 0) + 1
    return replace(response, EVSEID=f"{response.EVSEID}{memory['sessions']}")


def trusts_timestamps(request: Any, response: Any) -> Any:
    """Ends a session whose EV has another idea of the time."""
    header = getattr(request, "Header", None)
    if header is None or abs(header.TimeStamp - response.Header.TimeStamp) < 3600:
        return response
    return replace(response, ResponseCode=Code.FAILED)


def fails_without_reason(response: Any) -> Any:
    """Has one failure for everything."""
    code = getattr(response, "ResponseCode", None)
    failed = isinstance(code, Code) and code.name.startswith("FAILED_")
    return replace(response, ResponseCode=Code.FAILED) if failed else response


def refusal_goes_on(response: cm.AuthorizationRes) -> Any:
    """Says Ongoing with the warning that decides."""
    warned = response.ResponseCode.name.startswith("WARNING")
    return replace(response, EVSEProcessing=processingType.Ongoing) if warned else response


def waits_after_refusal(response: cm.AuthorizationRes) -> Any:
    """Goes on waiting where it has decided against the user, as ISO 15118-2 did."""
    if response.ResponseCode is not Code.WARNING_EIMAuthorizationFailure:
        return response
    return replace(response, ResponseCode=Code.OK, EVSEProcessing=processingType.Ongoing)


# --- services and parameters ----------------------------------------------------------------------------------------------


def fails_on_filter(request: Any, response: cm.ServiceDiscoveryRes) -> Any:
    """Cannot cope with SupportedServiceIDs."""
    asked = isinstance(request, cm.ServiceDiscoveryReq) and request.SupportedServiceIDs is not None
    return replace(response, ResponseCode=Code.FAILED) if asked else response


def _in_sets(response: cm.ServiceDetailRes, change: Callable[[cm.ParameterSetType], Any]) -> Any:
    sets = tuple(change(each) for each in response.ServiceParameterList.ParameterSet)
    return replace(response, ServiceParameterList=cm.ServiceParameterListType(ParameterSet=sets))


def offers_scheduled_mobility_2(response: cm.ServiceDetailRes) -> Any:
    """Offers MobilityNeedsMode 2 in scheduled control mode."""

    def change(given: cm.ParameterSetType) -> cm.ParameterSetType:
        if control_mode_of(parameters_of(given)) is not ControlMode.SCHEDULED:
            return given
        wrong = [replace(each, intValue=2) if each.Name == "MobilityNeedsMode" else each for each in given.Parameter]
        return replace(given, Parameter=tuple(wrong))

    return _in_sets(response, change)


def bpt_set_without_channel(response: cm.ServiceDetailRes) -> Any:
    """Forgets the bidirectional parameters."""

    def change(given: cm.ParameterSetType) -> cm.ParameterSetType:
        kept = [each for each in given.Parameter if each.Name not in ("BPTChannel", "GeneratorMode")]
        return replace(given, Parameter=tuple(kept))

    return _in_sets(response, change)


def changes_parameter_sets(memory: dict[str, Any], response: cm.ServiceDetailRes) -> Any:
    """Numbers its parameter sets anew in every answer."""
    memory["answers"] = memory.get("answers", 0) + 1
    shift = 10 * (memory["answers"] - 1)
    return _in_sets(response, lambda each: replace(each, ParameterSetID=each.ParameterSetID + shift))


def refuses_negative_discharge_limits(request: Any, response: dc.DC_ChargeParameterDiscoveryRes) -> Any:
    """Takes discharge limits as magnitudes only."""
    return replace(response, ResponseCode=Code.FAILED_WrongChargeParameter) if _sends_negative(request) else response


def mirrors_discharge_sign(request: Any, response: dc.DC_ChargeParameterDiscoveryRes) -> Any:
    """Computes its discharge limit with the EV's, sign and all."""
    given = response.DC_CPDResEnergyTransferMode
    if not _sends_negative(request) or not isinstance(given, dc.BPT_DC_CPDResEnergyTransferMode):
        return response
    wrong = replace(given, EVSEMaximumDischargePower=rational(0), EVSEMaximumDischargeCurrent=rational(0))
    return replace(response, DC_CPDResEnergyTransferMode=wrong)


def _sends_negative(request: Any) -> bool:
    asked = getattr(request, "DC_CPDReqEnergyTransferMode", None)
    limit = getattr(asked, "EVMaximumDischargePower", None)
    return limit is not None and number(limit) < 0


def misreads_exponents(request: dc.DC_ChargeParameterDiscoveryReq) -> Any:
    """Reads every exponent as 0."""
    asked = request.DC_CPDReqEnergyTransferMode
    pairs = {each.name: getattr(asked, each.name) for each in fields(asked)}
    plain: dict[str, Any] = {n: replace(p, Exponent=0) for n, p in pairs.items() if isinstance(p, RationalNumberType)}
    return replace(request, DC_CPDReqEnergyTransferMode=replace(asked, **plain))


def answers_non_bpt(response: dc.DC_ChargeParameterDiscoveryRes) -> Any:
    """Answers in the variant without discharge limits."""
    given = response.DC_CPDResEnergyTransferMode
    known = {each.name: getattr(given, each.name) for each in fields(dc.DC_CPDResEnergyTransferMode)}
    return replace(response, DC_CPDResEnergyTransferMode=dc.DC_CPDResEnergyTransferMode(**known))


def contradictory_limits(response: dc.DC_ChargeParameterDiscoveryRes) -> Any:
    """Has a minimum above its maximum."""
    given = response.DC_CPDResEnergyTransferMode
    wrong = replace(given, EVSEMinimumChargePower=rational(2 * number(given.EVSEMaximumChargePower) + 1000))
    return replace(response, DC_CPDResEnergyTransferMode=wrong)


# --- schedules ------------------------------------------------------------------------------------------------------------


def too_many_entries(request: Any, response: cm.ScheduleExchangeRes) -> Any:
    """Pays no heed to MaximumSupportingPoints."""
    scheduled = response.Scheduled_SEResControlMode
    if scheduled is None or not isinstance(request, cm.ScheduleExchangeReq):
        return response

    def change(given: cm.ScheduleTupleType) -> cm.ScheduleTupleType:
        power = given.ChargingSchedule.PowerSchedule
        entry = power.PowerScheduleEntries.PowerScheduleEntry[0]
        wanted = min(1024, request.MaximumSupportingPoints + 1)
        listed = cm.PowerScheduleEntryListType(PowerScheduleEntry=(replace(entry, Duration=60),) * wanted)
        schedule = replace(given.ChargingSchedule, PowerSchedule=replace(power, PowerScheduleEntries=listed))
        return replace(given, ChargingSchedule=schedule)

    return _in_tuples(response, change)


def repeats_schedule_tuple(response: cm.ScheduleExchangeRes) -> Any:
    """Gives every schedule the same id."""
    return _in_tuples(response, lambda each: replace(each, ScheduleTupleID=1))


def _in_tuples(response: cm.ScheduleExchangeRes, change: Callable[[cm.ScheduleTupleType], Any]) -> Any:
    scheduled = response.Scheduled_SEResControlMode
    if scheduled is None:
        return response
    tuples = tuple(change(each) for each in scheduled.ScheduleTuple)
    return replace(response, Scheduled_SEResControlMode=cm.Scheduled_SEResControlModeType(ScheduleTuple=tuples))


def confuses_soc_targets(response: cm.ScheduleExchangeRes) -> Any:
    """Says a minimum state of charge above the target."""
    if response.Dynamic_SEResControlMode is None:
        return response
    wrong = replace(response.Dynamic_SEResControlMode, MinimumSOC=90, TargetSOC=40)
    return replace(response, Dynamic_SEResControlMode=wrong)


def sequence_error_on_odd_needs(response: cm.ScheduleExchangeRes) -> Any:
    """Calls needs that it does not like out of sequence."""
    odd = response.ResponseCode is Code.FAILED
    return replace(response, ResponseCode=Code.FAILED_SequenceError) if odd else response


def starts_without_word_on_tolerance(request: cm.PowerDeliveryReq) -> bool:
    """Whether a profile of scheduled control leaves out the optional PowerToleranceAcceptance."""
    profile = request.EVPowerProfile.Scheduled_EVPPTControlMode if request.EVPowerProfile else None
    return profile is not None and profile.PowerToleranceAcceptance is None


# --- power ----------------------------------------------------------------------------------------------------------------


def trips_on_reversal(memory: dict[str, Any], response: dc.DC_ChargeLoopRes) -> Any:
    """Fails when the current changes its direction."""
    current = number(response.EVSEPresentCurrent)
    before = memory.get("current", 0.0)
    memory["current"] = current or before
    return replace(response, ResponseCode=Code.FAILED) if current * before < 0 else response


def fails_on_zero_voltage(request: Any, response: dc.DC_ChargeLoopRes) -> Any:
    """Takes a target voltage of 0 for an error."""
    return replace(response, ResponseCode=Code.FAILED) if _targets_zero_volts(request) else response


def idles_on_zero_voltage(request: dc.DC_ChargeLoopReq) -> Any:
    """Takes a target voltage of 0 for a wish for no current."""
    if not _targets_zero_volts(request):
        return request
    return with_field(request, "EVTargetCurrent", lambda _: rational(0))


def _targets_zero_volts(request: Any) -> bool:
    target = getattr(getattr(request, "CLReqControlMode", None), "EVTargetVoltage", None)
    return target is not None and number(target) == 0


def odd_exponents(response: dc.DC_ChargeLoopRes) -> Any:
    """Writes values with an exponent of -5 or 20."""
    pair = response.EVSEPresentCurrent
    small = round(number(pair) * 1e5)
    wrong = RationalNumberType(Exponent=-5, Value=small) if 0 < abs(small) < 2**15 else None
    if wrong is None:
        flat = RationalNumberType(Exponent=20, Value=0)
        return replace(response, EVSEPresentCurrent=flat if not pair.Value else pair, CLResControlMode=_odd(response))
    return replace(response, EVSEPresentCurrent=wrong)


def _odd(response: dc.DC_ChargeLoopRes) -> Any:
    """A loop element whose zeros have an exponent that nobody expects."""
    given: Any = response.CLResControlMode
    zeros: dict[str, Any] = {
        each.name: RationalNumberType(Exponent=20, Value=0)
        for each in fields(given)
        if isinstance(getattr(given, each.name), RationalNumberType) and getattr(given, each.name).Value == 0
    }
    return replace(given, **zeros)


def meter_runs_backwards(memory: dict[str, Any], response: dc.DC_ChargeLoopRes) -> Any:
    """Counts its energies down."""
    if response.MeterInfo is None:
        return response
    memory["readings"] = memory.get("readings", 0) + 1
    left = max(0, 100_000 - memory["readings"])
    return replace(response, MeterInfo=replace(response.MeterInfo, ChargedEnergyReadingWh=left))


def meter_counts_both_as_charge(response: dc.DC_ChargeLoopRes) -> Any:
    """Has one counter for both directions."""
    said = response.MeterInfo
    if said is None or said.BPT_DischargedEnergyReadingWh is None:
        return response
    both = said.ChargedEnergyReadingWh + said.BPT_DischargedEnergyReadingWh
    wrong = replace(said, ChargedEnergyReadingWh=both, BPT_DischargedEnergyReadingWh=0)
    return replace(response, MeterInfo=wrong)


def answers_wrong_type(response: cm.ServiceSelectionRes) -> Any:
    """Answers a service selection as if the session were to end."""
    return cm.SessionStopRes(Header=response.Header, ResponseCode=response.ResponseCode)


# --- discovery ------------------------------------------------------------------------------------------------------------


def echoes_security(request: Any, response: Any) -> Any:
    """Announces whatever security was asked for."""
    return replace(response, security=getattr(request, "security", response.security))
