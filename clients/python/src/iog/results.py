"""What the command tells, as records of named values: amounts exact, times in Unix seconds, units in names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from .amounts import Amount, needed, of_record

__all__ = ["ClusterStatus", "ExecResult", "Extension", "File", "LeaseStatus", "LogPiece", "Member", "OrderState", "Quote"]


@dataclass(frozen=True)
class Quote:
    """What a booking would cost, by the program's own arithmetic."""

    currency: str
    gpus: int
    hours: int
    per_hour: Amount
    rent: Amount
    reservation_fee: Amount
    network_fee: Amount
    total: Amount
    #: What is escrowed: the total, or all of max_cost where later prices are paid from it.
    deposit: Amount
    match_deposit_lamports: int
    #: What is held, forgiven, bonded, deposited and lost, in words.
    terms: Dict[str, str]
    warnings: List[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Quote:
        currency = record["currency"]
        money = {name: needed(record, name, currency) for name in _MONEY}
        terms = {key[len("terms_") :]: text for key, text in record.items() if key.startswith("terms_")}
        return cls(
            currency=currency,
            gpus=record["gpus"],
            hours=record["hours"],
            match_deposit_lamports=record["match_deposit_lamports"],
            terms=terms,
            warnings=record.get("warnings") or [],
            **money,
        )


_MONEY = ("per_hour", "rent", "reservation_fee", "network_fee", "total", "deposit")


@dataclass(frozen=True)
class OrderState:
    """An order as the chain has it."""

    order: str
    #: open, matched, active, completed, ended, expired, or closed where it is gone.
    state: str
    renter: Optional[str]
    gpus: int
    hours: int
    currency: str
    deposited: Optional[Amount]
    escrowed: Optional[Amount]
    paid: Optional[Amount]
    refunded: Optional[Amount]
    created_ts: Optional[int]
    started_ts: Optional[int]
    end_ts: Optional[int]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> OrderState:
        currency = record["currency"]
        return cls(
            order=record["order"],
            state=record["state"],
            renter=record["renter"],
            gpus=record["gpus"],
            hours=record["hours"],
            currency=currency,
            deposited=of_record(record, "deposited", currency),
            escrowed=of_record(record, "escrowed", currency),
            paid=of_record(record, "paid", currency),
            refunded=of_record(record, "refunded", currency),
            created_ts=record["created_ts"],
            started_ts=record.get("started_ts"),
            end_ts=record.get("end_ts"),
        )

    @property
    def waits(self) -> bool:
        """Not started and not over: it is taken back, not ended."""
        return self.state in ("open", "matched")

    @property
    def over(self) -> bool:
        """Nothing more is booked of it; what is held is paid or comes back by itself."""
        return not self.waits and self.state != "active"


@dataclass(frozen=True)
class LeaseStatus:
    """A device of an order and its job, as the device signed it."""

    lease: str
    device: str
    place: Optional[int]
    gpus: int
    #: not started, running, or over.
    stage: str
    #: waits for ..., prepares: ..., running, exited N, failed: ..., refused: ..., stopped; None before its first word.
    job: Optional[str]
    #: The job's own, once it ran to its end.
    exit_code: Optional[int]
    attempt: int
    path: Optional[str]
    trouble: Optional[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> LeaseStatus:
        code = record.get("exit_code")
        return cls(
            lease=record["lease"],
            device=record["device"],
            place=record.get("place"),
            gpus=record["gpus"],
            stage=record["stage"],
            job=record.get("job"),
            exit_code=None if code is None else int(code),
            attempt=record["attempt"],
            path=record.get("path"),
            trouble=record.get("trouble"),
        )

    @property
    def job_over(self) -> bool:
        """The job runs no more, and will not be tried again."""
        words = self.job or ""
        return self.exit_code is not None or words.startswith(("failed:", "refused:", "stopped"))


@dataclass(frozen=True)
class LogPiece:
    """What a job wrote, as it came."""

    lease: str
    #: Of the job's log, from its first byte.
    offset_bytes: int
    #: stdout, stderr, or node for what the node says.
    stream: str
    text: str


@dataclass(frozen=True)
class ExecResult:
    """How a command beside the job ended."""

    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class File:
    """A file that a job left, verified: it is what the device sent, which is not to say that it was computed."""

    lease: str
    path: Path
    size_bytes: int
    sha256: str
    #: It was not there before.
    new: bool

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> File:
        path = Path(record["path"])
        return cls(record["lease"], path, record["len"], record["sha256"], record["new"])


@dataclass(frozen=True)
class Extension:
    """Further hours of an order."""

    order: str
    hours_added: int
    end_ts: Optional[int]
    total: Amount
    deposit: Amount

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Extension:
        currency = record["currency"]
        return cls(
            order=record["order"],
            hours_added=record["hours_added"],
            end_ts=record.get("end_ts"),
            total=needed(record, "total", currency),
            deposit=needed(record, "deposit", currency),
        )


@dataclass(frozen=True)
class Member:
    """A device of the cluster."""

    rank: Optional[int]
    #: In the mesh: 10.77.0.0/16.
    address: Optional[str]
    lease: Optional[str]
    device: Optional[str]
    state: Optional[str]


@dataclass(frozen=True)
class ClusterStatus:
    """A cluster as ``iog cluster status`` tells it."""

    name: str
    state: Optional[str]
    root_order: str
    orders: List[str]
    members: List[Member]
    #: All that was told.
    record: Mapping[str, Any]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> ClusterStatus:
        fields = ("rank", "address", "lease", "device", "state")
        members = [Member(**{name: member.get(name) for name in fields}) for member in record.get("members") or []]
        orders = [order["order"] for order in record.get("orders") or []]
        return cls(record["name"], record.get("state"), record["root_order"], orders, members, record)
