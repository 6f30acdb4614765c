"""Physical values: exact conversion between plain numbers and the pair of exponent and value that messages carry.

Numbers are in the units of the messages (W, Wh, A, V). The harness sends exponents from -3 to 3 only, which is what
devices in the field understand; it reads any.
"""

from __future__ import annotations

from decimal import Decimal

from harness.messages.common_types import RationalNumberType

EXPONENTS = range(-3, 4)
_LOWEST, _HIGHEST = -(2**15), 2**15 - 1
LARGEST = float(_HIGHEST * 10 ** EXPONENTS[-1])
"""The largest magnitude that can be sent, in the unit of the value."""


def rational(value: float | Decimal) -> RationalNumberType:
    """The pair that stands for `value`: exact where one is, else the nearest. Raises `ValueError` beyond ±32.767e6.

    Of several exact pairs the one whose exponent is nearest to 0 is taken, so that 60 kWh reads (1, 6000). The result
    never falls when `value` rises, so a limit that is rounded stays on its side of another rounded limit.
    """
    wanted = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not wanted.is_finite() or abs(wanted) > _HIGHEST * 10 ** EXPONENTS[-1]:
        raise ValueError(f"{value} does not fit into a RationalNumber with an exponent of at most {EXPONENTS[-1]}")
    fitting = [pair for pair in (_rounded(wanted, exponent) for exponent in EXPONENTS) if _fits(pair)]
    exact = [pair for pair in fitting if decimal(pair) == wanted]
    return min(exact, key=lambda pair: abs(pair.Exponent)) if exact else fitting[0]


def decimal(pair: RationalNumberType) -> Decimal:
    """The exact number that a pair stands for."""
    return Decimal(pair.Value).scaleb(pair.Exponent)


def number(pair: RationalNumberType) -> float:
    """The number that a pair stands for, to the precision of a float."""
    return float(decimal(pair))


def maybe(pair: RationalNumberType | None) -> float | None:
    """The number of an optional field; None where it is absent."""
    return None if pair is None else number(pair)


def _rounded(wanted: Decimal, exponent: int) -> RationalNumberType:
    return RationalNumberType(Exponent=exponent, Value=int(wanted.scaleb(-exponent).to_integral_value()))


def _fits(pair: RationalNumberType) -> bool:
    return _LOWEST <= pair.Value <= _HIGHEST
