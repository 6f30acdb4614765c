"""v2x-harness: the open conformance and interop test harness for bidirectional EV charging."""
