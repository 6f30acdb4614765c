"""Links to peers: clock, observations, traces, transports. Knows no protocol and judges nothing."""
