"""What can be wrong with a chain, as data: each flaw changes one thing of a sound profile.

A peer that accepts a flawed chain is at fault; each flaw says which duty it then neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

_MONTH = timedelta(days=30)
_A_WHILE_AGO = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Flaw:
    """`leaf` replaces fields of the leaf's profile; `starts` and `ends` place its lifetime relative to now.

    `left_out` are positions in the chain as presented (0 is the leaf) that are not sent; `foreign_root` builds the whole
    hierarchy a second time, with the same names and other keys, under a root that nobody was given to trust.
    """

    duty: str
    leaf: Mapping[str, Any] = field(default_factory=dict)
    starts: timedelta | None = None
    ends: timedelta | None = None
    left_out: frozenset[int] = frozenset()
    foreign_root: bool = False


SOUND = Flaw("none: the chain is sound")

FLAWS: Mapping[str, Flaw] = {
    "expired": Flaw("check the end of the leaf's validity", starts=-_MONTH, ends=-_A_WHILE_AGO),
    "not_yet_valid": Flaw("check the beginning of the leaf's validity", starts=_MONTH),
    "wrong_root": Flaw("follow the chain to a root it holds, by signature and not by name", foreign_root=True),
    "ca_leaf": Flaw(
        "refuse an authority's certificate as an end entity",
        leaf={"ca": True, "key_usage": frozenset({"digital_signature", "key_agreement", "key_cert_sign"})},
    ),
    "missing_sub_ca": Flaw("refuse a chain that does not reach a root", left_out=frozenset({1})),
    "wrong_usage": Flaw(
        "check what the leaf may be used for",
        leaf={"key_usage": frozenset({"key_encipherment"}), "extended_usage": ("codeSigning",)},
    ),
}
