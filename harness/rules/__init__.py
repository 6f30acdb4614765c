"""Passive rules: every message of every case is watched, whatever the case itself looks at.

A rule is a function of a trace; importing this package registers all of them.
"""

from harness.rules.secc import content, ending, frames, metering, power, session, timing, transport

__all__ = ["content", "ending", "frames", "metering", "power", "session", "timing", "transport"]
