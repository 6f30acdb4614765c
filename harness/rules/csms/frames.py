"""Rules about every frame that a CSMS sends: form, ids, order, content, answers."""

from __future__ import annotations

from harness.link.trace import Trace
from harness.ocpp.readings import payload, value_at
from harness.ocpp.times import moment
from harness.ocpp.violation import Kind
from harness.ocppj.frame import Call, CallError, CallResult, Send
from harness.rules.context import RuleContext
from harness.rules.ocpp_judged import judge_frames, judge_silence, judge_time, judge_turnaround
from harness.verdict.check import Check
from harness.verdict.declare import rule

_ANY = "TC_CSMS_Boot_001"
_CLOCK_TOLERANCE = 10.0
"""Seconds by which the clocks of tester and CSMS may differ; both are set by time servers."""


@rule(
    "RULE_OcppFrame_002",
    role="csms",
    link="ocpp",
    covers="OCPP:frames",
    detects="csms-sends-no-frames",
    exercised_by=_ANY,
)
def csms_sends_frames(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends nothing but the message types of the version, in their form."""
    judge_frames(trace, check, "csms", Kind.FRAME, advice="Compare with [2, id, action, {...}] and [3, id, {...}].")


@rule(
    "RULE_OcppId_002",
    role="csms",
    link="ocpp",
    covers="OCPP:message-ids",
    detects="csms-repeats-message-ids",
    exercised_by="TC_CSMS_RemoteStart_001",
)
def csms_ids_are_new(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS gives every request an id that it has never used before."""
    judge_frames(
        trace,
        check,
        "csms",
        Kind.MESSAGE_ID,
        of=(Call, Send),
        advice="Make ids that do not repeat over connections and restarts, such as UUIDs.",
    )


@rule(
    "RULE_OcppCall_002",
    role="csms",
    link="ocpp",
    covers="OCPP:one-call",
    detects="csms-asks-twice",
    exercised_by="TC_CSMS_Messages_001",
)
def csms_asks_one_thing_at_a_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends a station no request before the last one was answered."""
    judge_frames(
        trace,
        check,
        "csms",
        Kind.ONE_CALL,
        of=(Call,),
        advice="Queue requests per station; send the next one when the answer has come or the timeout is over.",
    )


@rule(
    "RULE_OcppAnswer_002",
    role="csms",
    link="ocpp",
    covers="OCPP:answers",
    detects="csms-answers-twice",
    exercised_by="TC_CSMS_Boot_002",
)
def csms_answers_what_was_asked(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS answers each request once, under its id, and nothing else."""
    judge_frames(
        trace,
        check,
        "csms",
        Kind.ANSWER,
        of=(CallResult, CallError),
        advice="Take the id of the answer from the request; never answer an answer, nor a SEND.",
    )


@rule(
    "RULE_OcppSchema_002",
    role="csms",
    link="ocpp",
    covers=("OCPP:payload", "OCPP:actions", "OCPP:error-codes"),
    detects="csms-boots-without-status",
    exercised_by=_ANY,
)
def csms_payloads_keep_the_schema(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends its own messages only, with payloads that keep their schema and error codes of the version."""
    judge_frames(
        trace,
        check,
        "csms",
        Kind.PAYLOAD,
        Kind.ACTION,
        Kind.ERROR_CODE,
        advice="Validate outgoing payloads against the schemas of the version, date-times and lengths included.",
    )


@rule(
    "RULE_OcppTiming_003",
    role="csms",
    link="ocpp",
    covers="OCPP:every-call-is-answered",
    detects="csms-late-answers",
    exercised_by="TC_CSMS_Boot_002",
)
def csms_answers_in_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS answers within the time that its maker says."""
    judge_turnaround(trace, check, "csms", context.pixit.csms.answer_time)


@rule(
    "RULE_OcppTiming_004",
    role="csms",
    link="ocpp",
    covers="OCPP:every-call-is-answered",
    detects=("csms-mute-heartbeats", "csms-slow"),
    exercised_by="TC_CSMS_Boot_002",
)
def csms_answers_every_request(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS leaves no request without an answer."""
    judge_silence(trace, check, "csms")


@rule(
    "RULE_OcppTime_002",
    role="csms",
    link="ocpp",
    covers=("OCPP:time-stamps", "G02.FR.03"),
    detects=("csms-old-clock", "csms-local-clock"),
    exercised_by="TC_CSMS_Boot_002",
)
def csms_tells_the_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS tells the present time in UTC, for stations set their clocks by it."""
    for seen in trace.link("ocpp").sent_by("csms"):
        told = moment(value_at(payload(seen), "currentTime"))
        if told is not None:
            judge_time(trace, check, seen, told - context.wall(seen.at), "currentTime", _CLOCK_TOLERANCE)
