"""How many OCPP messages a second are read and validated: this harness against the `ocpp` library, in the same run.

    python bench/ocpp_bench.py [--seconds 0.5]

Both sides get the same text and do the same job: parse the JSON, recognise the frame, check the payload against the official
schema. The harness besides notices duplicate names, depth and size, checks date-times and what JSON Schema cannot say; the
library does not. Its validation runs synchronously here, which is its fast way. The last line weighs the messages as one
station sends and gets them on a day with eight hours of charging.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from ocpp import messages as library

from harness.ocppj.frame import Call, FrameFault, parse
from harness.ocppj.payload import check_payload
from harness.ocppj.versions import Version

NOON = "2026-06-21T12:00:00Z"
AIM = 10.0


def _profile(periods: int) -> dict[str, Any]:
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "startSchedule": NOON,
        "chargingSchedulePeriod": [{"startPeriod": 900 * n, "limit": 11000.5 - n} for n in range(periods)],
    }
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    return {"evseId": 1, "chargingProfile": profile}


def _event(values: int) -> dict[str, Any]:
    sampled = [
        {"value": 230.1 + n, "measurand": "Voltage", "phase": "L1", "unitOfMeasure": {"unit": "V"}}
        for n in range(values)
    ]
    return {
        "eventType": "Updated",
        "timestamp": NOON,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 7,
        "transactionInfo": {"transactionId": "tx-1", "chargingState": "Charging"},
        "meterValue": [{"timestamp": NOON, "sampledValue": sampled}],
    }


def _report(items: int) -> dict[str, Any]:
    data = [
        {
            "component": {"name": f"Component{n}", "evse": {"id": 1}},
            "variable": {"name": "Enabled"},
            "variableAttribute": [{"type": "Actual", "value": "true"}],
        }
        for n in range(items)
    ]
    return {"requestId": 1, "generatedAt": NOON, "seqNo": 0, "tbc": False, "reportData": data}


CASES: tuple[tuple[str, int, Version, str, dict[str, Any]], ...] = (
    ("Heartbeat", 288, "2.0.1", "Heartbeat", {}),
    (
        "StatusNotification, 1.6",
        20,
        "1.6",
        "StatusNotification",
        {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    ),
    ("TransactionEvent, 12 values", 480, "2.1", "TransactionEvent", _event(12)),
    ("SetChargingProfile, 96 periods", 24, "2.1", "SetChargingProfile", _profile(96)),
    ("NotifyReport, 50 variables", 5, "2.0.1", "NotifyReport", _report(50)),
)


def _harness(text: str, version: Version) -> None:
    frame = parse(text, version)
    assert isinstance(frame, Call), frame if isinstance(frame, FrameFault) else "no request"
    assert not check_payload(version, frame.action, "request", frame.payload)


def _library(text: str, version: Version) -> None:
    library._validate_payload(library.unpack(text), version)


def _rate(work: Callable[[str, Version], None], text: str, version: Version, seconds: float) -> float:
    """Messages a second, after one that compiles what has to be compiled."""
    work(text, version)
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        for _ in range(10):
            work(text, version)
        done += 10
    return done / passed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=0.5, help="how long to measure each side of each case")
    seconds = arguments.parse_args().seconds
    day = [0.0, 0.0]  # seconds for a day's messages
    print(f"{'message':32}{'octets':>8}{'a day':>8}{'harness/s':>12}{'library/s':>12}{'ratio':>8}")
    for name, times, version, action, payload in CASES:
        text = json.dumps([2, "4711", action, payload])
        ours, theirs = (_rate(work, text, version, seconds) for work in (_harness, _library))
        day[0] += times / ours
        day[1] += times / theirs
        print(f"{name:32}{len(text):8}{times:8}{ours:12.0f}{theirs:12.0f}{ours / theirs:8.1f}")
    messages, ratio = sum(times for _name, times, *_case in CASES), day[1] / day[0]
    rates = f"{messages / day[0]:12.0f}{messages / day[1]:12.0f}{ratio:8.1f}"
    print(f"{'a day of one station':40}{messages:8}{rates}   aim {AIM:g}: {'reached' if ratio >= AIM else 'missed'}")


if __name__ == "__main__":
    main()
