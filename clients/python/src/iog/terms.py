"""What is asked of a booking, and how the command is told so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Sequence, Tuple, TypedDict, Union

from .amounts import Money, argument
from .errors import UsageError

if TYPE_CHECKING:
    from typing import Literal

    Pay = Literal["io", "usdc", "iosd"]
    Kind = Literal["general", "train", "inference"]
    Check = Literal["off", "warn", "require"]

__all__ = ["Terms"]


class Terms(TypedDict, total=False):
    """Keywords of a quote, an order and a cluster alike; each is the option of ``iog order create`` of that meaning."""

    gpus: int
    hours: int
    #: Number or name of the class, and others that will do at its price or less.
    gpu_class: Union[str, int, Sequence[str]]
    #: Exactly so many GPUs on each machine.
    per_machine: int
    #: Instead of gpus and gpu_class: ``CLASS[,CLASS]:GPUS[@PER_MACHINE]``, four at most.
    parts: Sequence[str]
    pay: Pay
    #: Mint of the US dollar token, where the market takes several.
    mint: str
    kind: Kind
    min_tier: int
    countries: Sequence[str]
    #: What the total, fees included, may not pass, in whole units of the currency. Never a float.
    max_cost: Money
    #: How much more than quoted the total may be, where max_cost is not given (100: 1 %).
    slippage_bps: int
    min_reputation_bps: int
    secure: bool
    platform: str
    #: All devices of one supplier: an order is as trustworthy as its worst device.
    one_owner: bool
    #: Only devices of this supplier.
    owner: str
    relays: Sequence[str]
    relay_only: bool
    witness_urls: Sequence[str]
    trust_endpoint: bool
    check: Check
    end_when_done: bool


def _one(flag: str) -> Callable[[Any], List[str]]:
    return lambda value: [flag, str(value)]


def _whole(flag: str) -> Callable[[Any], List[str]]:
    def options(value: Any) -> List[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            raise UsageError(f"{flag[2:]} is a whole number, not {value!r}")
        return [flag, str(value)]

    return options


def _flag(flag: str) -> Callable[[Any], List[str]]:
    return lambda value: [flag] if value else []


def _each(flag: str) -> Callable[[Any], List[str]]:
    def options(value: Any) -> List[str]:
        if isinstance(value, str):
            raise UsageError(f"{flag[2:]} is a list of texts, not the text {value!r}")
        return [word for one in value for word in (flag, str(one))]

    return options


def _listed(flag: str) -> Callable[[Any], List[str]]:
    def options(value: Any) -> List[str]:
        words = [value] if isinstance(value, (str, int)) else list(value)
        return [flag, ",".join(map(str, words))] if words else []

    return options


#: Of a quote, and so of all.
_QUOTED: Dict[str, Callable[[Any], List[str]]] = {
    "gpus": _whole("--gpus"),
    "hours": _whole("--hours"),
    "gpu_class": _listed("--class"),
    "per_machine": _whole("--per-machine"),
    "parts": _each("--part"),
    "pay": _one("--pay"),
    "mint": _one("--mint"),
    "kind": _one("--kind"),
    "min_tier": _whole("--min-tier"),
    "countries": _listed("--country"),
    "one_owner": _flag("--one-owner"),
    "owner": _one("--owner"),
}
#: Of what is booked.
_BOOKED: Dict[str, Callable[[Any], List[str]]] = {
    "max_cost": lambda value: ["--max-total", argument("max_cost", value)],
    "slippage_bps": _whole("--slippage-bps"),
    "min_reputation_bps": _whole("--min-reputation"),
    "secure": _flag("--secure"),
    "platform": _one("--platform"),
    "relays": _each("--relay"),
    "relay_only": _flag("--relay-only"),
    "witness_urls": _each("--witness-url"),
    "trust_endpoint": _flag("--trust-endpoint"),
    "check": _one("--check"),
    "end_when_done": _flag("--end-when-done"),
}


def quoted(terms: Mapping[str, Any]) -> List[str]:
    """Options of a quote; what concerns a booking alone is left out, so that the same keywords do for both."""
    _known(terms)
    return _options(terms, _QUOTED)


def booked(terms: Mapping[str, Any]) -> List[str]:
    """Options of an order."""
    _known(terms)
    return _options(terms, {**_QUOTED, **_BOOKED})


def _known(terms: Mapping[str, Any]) -> None:
    unknown = sorted(set(terms) - set(_QUOTED) - set(_BOOKED))
    if unknown:
        raise UsageError(f"there is no keyword {', '.join(unknown)}: help(iog.Terms) lists them")


def _options(terms: Mapping[str, Any], known: Mapping[str, Callable[[Any], List[str]]]) -> List[str]:
    given: List[Tuple[str, Any]] = [(name, value) for name, value in terms.items() if value is not None]
    return [word for name, value in given if name in known for word in known[name](value)]


def path_option(flag: str, path: Union[str, Path, None]) -> List[str]:
    return [] if path is None else [flag, str(path)]
