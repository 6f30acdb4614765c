"""Rules about every frame that a station sends: form, ids, order, content, answers."""

from __future__ import annotations

from harness.link.trace import Trace
from harness.ocpp.violation import Kind
from harness.ocppj.frame import Call, CallError, CallResult, Send
from harness.rules.context import RuleContext
from harness.rules.ocpp_judged import judge_frames, judge_silence, judge_turnaround
from harness.verdict.check import Check
from harness.verdict.declare import rule

_ANY = "TC_STATION_Boot_001"


@rule(
    "RULE_OcppFrame_001",
    role="station",
    link="ocpp",
    covers="OCPP:frames",
    detects="station-sends-no-frames",
    exercised_by=_ANY,
)
def station_sends_frames(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station sends nothing but the message types of the version, in their form."""
    judge_frames(trace, check, "station", Kind.FRAME, advice="Compare with [2, id, action, {...}] and [3, id, {...}].")


@rule(
    "RULE_OcppId_001",
    role="station",
    link="ocpp",
    covers="OCPP:message-ids",
    detects="station-repeats-message-ids",
    exercised_by=_ANY,
)
def station_ids_are_new(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station gives every request an id that it has never used before."""
    judge_frames(
        trace,
        check,
        "station",
        Kind.MESSAGE_ID,
        of=(Call, Send),
        advice="Make ids that do not repeat over connections and restarts, such as UUIDs.",
    )


@rule(
    "RULE_OcppCall_001",
    role="station",
    link="ocpp",
    covers="OCPP:one-call",
    detects="station-events-twice",
    exercised_by="TC_STATION_Transaction_001",
)
def station_asks_one_thing_at_a_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station sends no request before the last one was answered."""
    judge_frames(
        trace,
        check,
        "station",
        Kind.ONE_CALL,
        of=(Call,),
        advice="Queue requests; send the next one when the answer has come or the message timeout is over.",
    )


@rule(
    "RULE_OcppAnswer_001",
    role="station",
    link="ocpp",
    covers="OCPP:answers",
    detects="station-answers-twice",
    exercised_by=_ANY,
)
def station_answers_what_was_asked(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station answers each request once, under its id, and nothing else."""
    judge_frames(
        trace,
        check,
        "station",
        Kind.ANSWER,
        of=(CallResult, CallError),
        advice="Take the id of the answer from the request; never answer an answer, nor a SEND.",
    )


@rule(
    "RULE_OcppErrorCode_001",
    role="station",
    link="ocpp",
    covers="OCPP:error-codes",
    detects="station-invents-error-codes",
    exercised_by="TC_STATION_Messages_001",
)
def station_uses_known_error_codes(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station refuses with an error code of the version."""
    judge_frames(
        trace,
        check,
        "station",
        Kind.ERROR_CODE,
        of=(CallError,),
        advice="Spell the code as the version does: 1.6 and 2.x differ in two of them.",
    )


@rule(
    "RULE_OcppSchema_001",
    role="station",
    link="ocpp",
    covers=("OCPP:payload", "OCPP:actions"),
    detects=("station-undated-events", "station-answers-without-status"),
    exercised_by=_ANY,
)
def station_payloads_keep_the_schema(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station sends its own messages only, with payloads that keep their schema."""
    judge_frames(
        trace,
        check,
        "station",
        Kind.PAYLOAD,
        Kind.ACTION,
        of=(Call, CallResult, Send),
        advice="Validate outgoing payloads against the schemas of the version, date-times and lengths included.",
    )


@rule(
    "RULE_OcppTiming_001",
    role="station",
    link="ocpp",
    covers="OCPP:every-call-is-answered",
    detects="station-late-answers",
    exercised_by=_ANY,
)
def station_answers_in_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station answers within the time that its maker says."""
    judge_turnaround(trace, check, "station", context.pixit.station.answer_time)


@rule(
    "RULE_OcppTiming_002",
    role="station",
    link="ocpp",
    covers="OCPP:every-call-is-answered",
    detects=("station-mute-on-triggers", "station-slow-answers"),
    exercised_by=_ANY,
)
def station_answers_every_request(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station leaves no request without an answer."""
    judge_silence(trace, check, "station")
