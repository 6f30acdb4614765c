"""Services and their parameters: the ids and names of ISO 15118-20, and how a parameter set is read.

Knows the vocabulary only; what a device offers stands in its settings, what a session chose in `session`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from types import MappingProxyType

from harness.messages.common_messages import ParameterSetType, ParameterType
from harness.quantity import number


class Service(IntEnum):
    """Service ids of the first edition."""

    AC = 1
    DC = 2
    WPT = 3
    DC_ACDP = 4
    AC_BPT = 5
    DC_BPT = 6
    DC_ACDP_BPT = 7
    INTERNET = 65
    PARKING_STATUS = 66


ENERGY_SERVICES = frozenset(service for service in Service if service < Service.INTERNET)
BIDIRECTIONAL = frozenset({Service.AC_BPT, Service.DC_BPT, Service.DC_ACDP_BPT})


class ControlMode(IntEnum):
    """Who plans: the EV along a schedule, or the SECC."""

    SCHEDULED = 1
    DYNAMIC = 2


class MobilityNeedsMode(IntEnum):
    """Who knows what the driver needs; the SECC only in dynamic control mode."""

    EVCC = 1
    EVCC_AND_SECC = 2


class Mode(Enum):
    """The energy transfer mode that the negotiated protocol stands for, named by its namespace."""

    DC = "urn:iso:std:iso:15118:-20:DC"

    @property
    def services(self) -> frozenset[int]:
        """The energy services that this mode can carry."""
        return _SERVICES[self]


_SERVICES: dict[Mode, frozenset[int]] = {Mode.DC: frozenset({Service.DC, Service.DC_BPT})}

PROTOCOL_MAJOR, PROTOCOL_MINOR = 1, 0
"""Version of every namespace of ISO 15118-20:2022."""

Value = bool | int | float | str


def value_of(parameter: ParameterType) -> Value:
    """The one value that a parameter carries; a rational number as float."""
    if parameter.rationalNumber is not None:
        return number(parameter.rationalNumber)
    given = (parameter.intValue, parameter.shortValue, parameter.byteValue, parameter.boolValue, parameter.finiteString)
    found = next((each for each in given if each is not None), None)
    return "" if found is None else found


def parameters_of(parameter_set: ParameterSetType) -> Mapping[str, Value]:
    """Names to values of one parameter set."""
    return MappingProxyType({each.Name: value_of(each) for each in parameter_set.Parameter})


def control_mode_of(parameters: Mapping[str, Value]) -> ControlMode | None:
    """The control mode of a parameter set; None when it says none, or one nobody knows."""
    said = parameters.get("ControlMode")
    return ControlMode(int(said)) if said in set(ControlMode) else None
