"""All that the suite is run against here: variants of the foreign SECC, and the OCPP partners."""

from __future__ import annotations

from collections.abc import Sequence

from interop.description import VARIANTS, Variant
from interop.partner import PARTNERS, Partner

AnyVariant = Variant | Partner
ALL: tuple[AnyVariant, ...] = (*VARIANTS, *PARTNERS)
FAMILIES = tuple(dict.fromkeys(each.family for each in ALL))


def named(name: str) -> AnyVariant:
    """Raises ValueError for what is no variant."""
    for variant in ALL:
        if variant.name == name:
            return variant
    raise ValueError(f"{name} is none of {', '.join(each.name for each in ALL)}")


def chosen(only: str | None, quick: bool) -> Sequence[AnyVariant]:
    """Those of a family or of one name, or all; of these, those that CI runs where it is to be `quick`."""
    return [
        each
        for each in ALL
        if only in (None, each.name, each.family) and (each.is_quick or only == each.name or not quick)
    ]
