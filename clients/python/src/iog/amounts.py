"""Money: whole numbers of base units, and beside them exact decimals. Never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Mapping, Optional, Union

from .errors import UsageError

#: What a caller may give for an amount. A float is refused: 0.1 is none.
Money = Union[Decimal, int, str]


@dataclass(frozen=True, order=True)
class Amount:
    """Of IO (8 decimals), or of IOSD, a US dollar token or US dollars (6 decimals)."""

    units: int
    whole: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.whole} {self.currency}"


def of_record(record: Mapping[str, Any], key: str, currency: str) -> Optional[Amount]:
    """``key`` and ``key_ui`` of a record of the command, or None where it has none."""
    units, whole = record.get(key), record.get(f"{key}_ui")
    if units is None or whole is None:
        return None
    return Amount(int(units), Decimal(whole), currency)


def needed(record: Mapping[str, Any], key: str, currency: str) -> Amount:
    """As :func:`of_record`, of a key that must be there."""
    amount = of_record(record, key, currency)
    if amount is None:
        raise UsageError(f"iog did not tell {key}: use an iog of this package's version")
    return amount


def argument(name: str, given: Money) -> str:
    """An amount in whole units as the command takes it."""
    if isinstance(given, (float, bool)) or not isinstance(given, (Decimal, int, str)):
        raise UsageError(f"{name} is money: give a Decimal, an int or a str, such as Decimal('12.5'), not {given!r}")
    try:
        amount = Decimal(given)
    except ArithmeticError:
        raise UsageError(f"{name} is no amount: {given!r}; write it as '12.5'") from None
    if not amount.is_finite() or amount < 0:
        raise UsageError(f"{name} must be a number of 0 or more, not {given!r}")
    return f"{amount:f}"
