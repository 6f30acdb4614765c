"""Error codes of CALLERROR and CALLRESULTERROR, per version (OCPP-J, table of error codes).

Two codes changed their spelling on the way from 1.6 to 2.x. Each version has one right spelling; the other one is known to
be met in the field and is tolerated.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.ocppj.versions import Version

NOT_IMPLEMENTED = "NotImplemented"
NOT_SUPPORTED = "NotSupported"
INTERNAL_ERROR = "InternalError"
GENERIC_ERROR = "GenericError"
SECURITY_ERROR = "SecurityError"
PROTOCOL_ERROR = "ProtocolError"
PROPERTY_CONSTRAINT = "PropertyConstraintViolation"
TYPE_CONSTRAINT = "TypeConstraintViolation"
FORMAT_VIOLATION = "FormatViolation"
OCCURRENCE_CONSTRAINT = "OccurrenceConstraintViolation"
MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
RPC_FRAMEWORK_ERROR = "RpcFrameworkError"

_COMMON = frozenset(
    {
        NOT_IMPLEMENTED,
        NOT_SUPPORTED,
        INTERNAL_ERROR,
        GENERIC_ERROR,
        SECURITY_ERROR,
        PROTOCOL_ERROR,
        PROPERTY_CONSTRAINT,
        TYPE_CONSTRAINT,
    }
)
_SPELT_IN_1_6: Mapping[str, str] = {
    FORMAT_VIOLATION: "FormationViolation",
    OCCURRENCE_CONSTRAINT: "OccurenceConstraintViolation",  # one r, as the 1.6 table has it
}
_NOT_IN_1_6: Mapping[str, str] = {
    MESSAGE_TYPE_NOT_SUPPORTED: PROTOCOL_ERROR,
    RPC_FRAMEWORK_ERROR: PROTOCOL_ERROR,
}
"""Codes that 1.6 lacks, and the one it has for the same purpose."""

_CODES_2 = _COMMON | _SPELT_IN_1_6.keys() | _NOT_IN_1_6.keys()
CODES: Mapping[Version, frozenset[str]] = {
    "1.6": _COMMON | frozenset(_SPELT_IN_1_6.values()),
    "2.0.1": _CODES_2,
    "2.1": _CODES_2,
}
"""The codes a version has, in the spelling it has them."""

_TOLERATED: Mapping[Version, frozenset[str]] = {
    "1.6": frozenset(_SPELT_IN_1_6),  # the errata of 1.6 put these right
    "2.0.1": frozenset(_SPELT_IN_1_6.values()),
    "2.1": frozenset(_SPELT_IN_1_6.values()),
}


def spelt(code: str, version: Version) -> str:
    """A code of 2.x as `version` spells it; what 1.6 lacks becomes the code it has for the same purpose."""
    if version != "1.6":
        return code
    return _SPELT_IN_1_6.get(code) or _NOT_IN_1_6.get(code, code)


def tolerated(code: str, version: Version) -> bool:
    """A code in the spelling of another version: understood by everybody, and still not the version's own."""
    return code in _TOLERATED[version]
