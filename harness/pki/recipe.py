"""What a PKI shall hold, read from a YAML recipe such as those in certs/.

    algorithm: P-521                    # P-256: what many chargers really carry
    identities: {evccid: WMIV1234567890ABCDEX}
    ocsp_url: http://ocsp.example       # left out: certificates name no responder
    chains:
      secc: {profile: secc}
      vehicle_expired: {profile: vehicle, flaw: expired}

Each chain gets a directory of its name; profiles, flaws and identities are those of this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.device.problems import DescriptionProblems, Problem
from harness.device.source import Source, read_source
from harness.pki.flaws import FLAWS
from harness.pki.profiles import ALGORITHMS, CHAINS, DEFAULT_ALGORITHM, IDENTITIES
from harness.suggest import did_you_mean

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LONGEST_IDENTITY = 64  # X.520's bound on a common name


@dataclass(frozen=True, slots=True)
class ChainRecipe:
    """One chain to make: its name, its profile, and the flaw it shall have (empty: sound)."""

    name: str
    profile: str
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `make_pki` makes. The default is the pair every session needs: a SECC's and a vehicle's chain."""

    chains: tuple[ChainRecipe, ...] = (ChainRecipe("secc", "secc"), ChainRecipe("vehicle", "vehicle"))
    algorithm: str = DEFAULT_ALGORITHM
    identities: Mapping[str, str] = field(default_factory=lambda: IDENTITIES)
    ocsp_url: str = ""


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; raises `DescriptionError` that names file, line, and what to write instead."""
    source = read_source(path)
    reader = _Reader(source)
    recipe = reader.recipe(source.tree)
    if reader.problems:
        raise DescriptionProblems(reader.problems)
    return recipe


class _Reader:
    """Collects every problem of a recipe, so that one look at the message mends them all."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.problems: list[Problem] = list(source.problems)

    def recipe(self, tree: Any) -> Recipe:
        values = self._mapping(tree, (), ("algorithm", "identities", "ocsp_url", "chains"))
        if "chains" not in values:
            self._complain((), "has no chains", "write `chains:` and below it such as `secc: {profile: secc}`")
        return Recipe(
            chains=self._chains(values.get("chains", {})),
            algorithm=self._one_of(values.get("algorithm", DEFAULT_ALGORITHM), ("algorithm",), ALGORITHMS),
            identities={**IDENTITIES, **self._identities(values.get("identities", {}))},
            ocsp_url=self._text(values.get("ocsp_url", ""), ("ocsp_url",)),
        )

    def _chains(self, tree: Any) -> tuple[ChainRecipe, ...]:
        chains = self._mapping(tree, ("chains",))
        return tuple(self._chain(name, value) for name, value in chains.items())

    def _chain(self, name: str, tree: Any) -> ChainRecipe:
        place = ("chains", name)
        if not _FILE_NAME.fullmatch(name) or name == "roots":
            self._complain(place, "cannot name a directory", "use letters, digits, - and _ (and not `roots`)")
        values = self._mapping(tree, place, ("profile", "flaw"))
        profile = self._one_of(values.get("profile", ""), (*place, "profile"), CHAINS)
        flaw = values.get("flaw", "")
        return ChainRecipe(name, profile, self._one_of(flaw, (*place, "flaw"), FLAWS) if flaw else "")

    def _identities(self, tree: Any) -> dict[str, str]:
        values = self._mapping(tree, ("identities",), tuple(IDENTITIES))
        return {name: self._identity(value, ("identities", name)) for name, value in values.items()}

    def _identity(self, value: Any, place: tuple[str, ...]) -> str:
        text = self._text(value, place)
        if not 1 <= len(text) <= _LONGEST_IDENTITY:
            self._complain(place, f"has {len(text)} characters", f"write 1 to {_LONGEST_IDENTITY}")
        return text

    def _mapping(self, tree: Any, place: tuple[str, ...], known: Iterable[str] | None = None) -> dict[str, Any]:
        if not isinstance(tree, dict):
            self._complain(place, "is no mapping", "write `name: value` lines below it")
            return {}
        names = list(tree if known is None else known)
        for name in tree:
            if name not in names:
                self._complain((*place, name), "is not known here", did_you_mean(name, names))
        return {name: value for name, value in tree.items() if name in names}

    def _one_of(self, value: Any, place: tuple[str, ...], known: Iterable[str]) -> str:
        names = list(known)
        if value not in names:
            self._complain(place, f"{value!r} is not known", did_you_mean(str(value), names))
            return names[0]
        return str(value)

    def _text(self, value: Any, place: tuple[str, ...]) -> str:
        if not isinstance(value, str):
            self._complain(place, f"{value!r} is no text", "put it in quotes")
            return ""
        return value

    def _complain(self, place: tuple[str, ...], message: str, remedy: str) -> None:
        self.problems.append(self._source.problem(place, message, remedy))
