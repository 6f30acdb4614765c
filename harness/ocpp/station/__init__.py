"""The reference charging station, as pure state and decisions: time is an argument and nothing here opens a socket.

Station time is in seconds since 1970 UTC. Powers are in W and energies in Wh at the grid terminals of the EVSE; + = import
(charging), - = export (discharging).
"""
