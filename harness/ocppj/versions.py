"""The OCPP versions the harness speaks, and the names under which WebSocket negotiates them (OCPP-J 3.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Version = Literal["1.6", "2.0.1", "2.1"]

SUBPROTOCOLS: Mapping[Version, str] = {"2.1": "ocpp2.1", "2.0.1": "ocpp2.0.1", "1.6": "ocpp1.6"}
"""Version to sub-protocol, the newest first; that is the order in which the harness prefers them."""

OLDER_SUBPROTOCOLS = ("ocpp2.0", "ocpp1.5", "ocpp1.2")
"""Registered names that the harness knows and does not speak."""


def version_of(subprotocol: str | None) -> Version | None:
    """The version a sub-protocol stands for; None for one that is not spoken here, or for none at all."""
    return next((version for version, name in SUBPROTOCOLS.items() if name == subprotocol), None)
