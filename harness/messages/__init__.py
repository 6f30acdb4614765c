"""ISO 15118-20 and SupportedAppProtocol: the message declarations, one module for each namespace; no logic.

How names are formed:

- Messages and members of substitution groups are classes named as their elements (`dc.DC_ChargeLoopReq`,
  `dc.BPT_Dynamic_DC_CLReqControlMode`); all other complex types carry the schema's ``...Type`` suffix.
- Enumerations and other simple types have the schema's own name (`common_types.responseCodeType`,
  `common_types.percentValueType`); their members are the literals, with ``_`` for what Python does not allow.
- Fields have the standard's names. A plain choice is a row of optional fields of which exactly one is given:
  ``ScheduleExchangeReq(Header=..., MaximumSupportingPoints=1024, Dynamic_SEReqControlMode=...)``.
- A substitution group is one field named after its head that takes any member:
  ``DC_ChargeLoopReq(..., CLReqControlMode=BPT_Dynamic_DC_CLReqControlMode(...))``.
- Repeated elements are tuples, attributes plain fields. Absent is None, an absent list ``()``.

Nothing is checked when a message is made; the codec checks types, ranges, lengths and choices and names the path.
"""

from collections.abc import Mapping
from types import MappingProxyType

from harness.declare import Namespace, Schema
from harness.messages import (
    ac,
    ac_der_iec,
    ac_der_sae,
    acdp,
    app_protocol,
    common_messages,
    common_types,
    dc,
    wpt,
    xmldsig,
)


def _set(name: str, namespace: Namespace, messages_of: Namespace | None = None) -> Schema:
    """A schema set whose document roots are the messages of its own, or of another, namespace."""
    kinds = (messages_of or namespace).elements.values()
    roots = tuple(k for k in kinds if isinstance(k, type) and issubclass(k, common_types.V2GMessageType))
    return Schema(name, namespace, roots)


SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "AppProtocol": Schema(
            "AppProtocol",
            app_protocol.NAMESPACE,
            (app_protocol.supportedAppProtocolReq, app_protocol.supportedAppProtocolRes),
        ),
        "CommonMessages": _set("CommonMessages", common_messages.NAMESPACE),
        "AC": _set("AC", ac.NAMESPACE),
        "DC": _set("DC", dc.NAMESPACE),
        "WPT": _set("WPT", wpt.NAMESPACE),
        "ACDP": _set("ACDP", acdp.NAMESPACE),
        "AC_DER_IEC": _set("AC_DER_IEC", ac_der_iec.NAMESPACE, messages_of=ac.NAMESPACE),
        "AC_DER_SAE": _set("AC_DER_SAE", ac_der_sae.NAMESPACE, messages_of=ac.NAMESPACE),
        "XMLDSIG": Schema("XMLDSIG", xmldsig.NAMESPACE, ()),
    }
)
