"""Passive rules: every message of every case is watched, whatever the case itself looks at.

A rule is a function of a trace; importing this package registers all of them.
"""

from harness.rules.csms import der as csms_der
from harness.rules.csms import frames as csms_frames
from harness.rules.csms import profiles as csms_profiles
from harness.rules.secc import content, ending, frames, metering, power, session, timing, transport
from harness.rules.station import der as station_der
from harness.rules.station import frames as station_frames
from harness.rules.station import metering as station_metering
from harness.rules.station import transactions as station_transactions

__all__ = [
    "content",
    "csms_der",
    "csms_frames",
    "csms_profiles",
    "ending",
    "frames",
    "metering",
    "power",
    "session",
    "station_der",
    "station_frames",
    "station_metering",
    "station_transactions",
    "timing",
    "transport",
]
