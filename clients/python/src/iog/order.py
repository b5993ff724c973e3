"""Orders: GPUs for hours, and the job on them."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, List, Mapping, Optional, Sequence, Type, Union

from .command import Cli, Running, Secret
from .errors import Error, JobFailed, OutcomeUnknown, StillBooked, Timeout, UsageError, of_exit
from .job import Job, as_file
from .results import ExecResult, Extension, File, LeaseStatus, LogPiece, OrderState, Quote
from .terms import booked, path_option, quoted

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

    from .terms import Terms

__all__ = ["Order"]

JobOrFile = Union[Job, str, Path]

#: Pause between two looks at how a job stands.
POLL_SECS = 1
#: How long an order may take to be seen that was sent when its maker was interrupted.
APPEARS_SECS = 60
#: Which device answers and by which path: the command's word, not the remote command's.
_PATH = re.compile(rb"\Adevice \S+ \(lease \S+\), [^\n]* ms\n")


class Order:
    """An order by its address. A ``with`` block ends one that was made for it, also by an exception."""

    def __init__(self, address: str, cli: Optional[Cli] = None, *, ends_at_exit: bool = False) -> None:
        self.address = address
        self.cli = cli or Cli()
        self.ends_at_exit = ends_at_exit

    def __repr__(self) -> str:
        return f"iog.Order({self.address!r})"

    @staticmethod
    def quote(*, job: Optional[JobOrFile] = None, cli: Optional[Cli] = None, **terms: Unpack[Terms]) -> Quote:
        """What a booking would cost, and on which terms; with a job also what is wrong with it."""
        cli = cli or Cli()
        if job is None:
            return Quote.of(cli.json("order", "quote", *quoted(terms)))
        with as_file(job) as file:
            return Quote.of(cli.json("order", "quote", *quoted(terms), "--job", str(file)))

    @classmethod
    def create(
        cls,
        *,
        job: Optional[JobOrFile] = None,
        secrets: Optional[Mapping[str, Secret]] = None,
        yes: bool = False,
        wait: bool = True,
        wait_secs: int = 2_400,
        keep_on_error: bool = False,
        cli: Optional[Cli] = None,
        **terms: Unpack[Terms],
    ) -> Order:
        """Books and, with ``wait``, returns when the job runs on every device.

        Without ``yes`` it is asked on the terminal. Whatever keeps it from returning an order, Ctrl-C included, takes the order
        back, unless ``keep_on_error``. An order in its first hour is paid for that hour.
        """
        cli = cli or Cli()
        patience = ["--wait", "--wait-secs", str(wait_secs)] if wait else []
        seen: List[str] = []
        try:
            record = _create(cli, job, [*booked(terms), *patience], yes=yes, secrets=secrets, seen=seen)
        except BaseException as error:
            if seen and not keep_on_error:
                cls(seen[0], cli)._take_back(error)
            raise
        return cls(record["order"], cli, ends_at_exit=True)

    @classmethod
    def simulate(cls, *, job: Optional[JobOrFile] = None, cli: Optional[Cli] = None, **terms: Unpack[Terms]) -> Quote:
        """All of :meth:`create` but the sending: the chain's own answer, for nothing."""
        return Quote.of(_create(cli or Cli(), job, booked(terms), yes=False, dry_run=True))

    @classmethod
    def get(cls, address: str, cli: Optional[Cli] = None) -> Order:
        """An order that is there. A ``with`` block does not end it."""
        order = cls(address, cli)
        order.show()
        return order

    @staticmethod
    def list(*, renter: Optional[str] = None, state: Optional[str] = None, cli: Optional[Cli] = None) -> List[OrderState]:
        """Orders of the network, all or one wallet's."""
        options = [*path_option("--renter", renter), *path_option("--state", state)]
        return [OrderState.of(record) for record in (cli or Cli()).json("order", "list", *options)]

    def show(self) -> OrderState:
        """What the chain has of it."""
        return OrderState.of(self.cli.json("order", "show", self.address))

    def status(self) -> List[LeaseStatus]:
        """How its jobs stand, as the devices sign it; of an order that was booked on this machine."""
        record = self.cli.with_progress(None).json("order", "status", self.address)
        return [LeaseStatus.of(lease) for lease in record["leases"]]

    def wait(self, *, timeout_secs: Optional[int] = None, check: bool = True) -> List[LeaseStatus]:
        """Until the job of every device is over. With ``check`` another end than code 0 is raised as :class:`JobFailed`."""
        until = None if timeout_secs is None else time.monotonic() + timeout_secs
        told: Optional[str] = None
        while True:
            leases = self.status()
            words = "; ".join(f"{lease.lease[:8]}: {lease.job or lease.stage}" for lease in leases)
            if words != told and self.cli.progress is not None:
                self.cli.progress(words or "waits for devices")
                told = words
            if leases and all(lease.job_over or lease.stage == "over" for lease in leases):
                if check:
                    _check(self, leases)
                return leases
            if until is not None and time.monotonic() >= until:
                raise Timeout(f"the job is not over after {timeout_secs} s; order {self.address} stands", self.address)
            time.sleep(POLL_SECS)

    def logs(
        self, *, follow: bool = False, lease: Optional[Union[str, int]] = None, all: bool = False, from_byte: int = 0
    ) -> Iterator[LogPiece]:
        """What the job writes: a stranger's text, show it by ``iog.printable``. To leave the loop ends the connection."""
        options = ["--from", str(from_byte), *(["--follow"] if follow else [])]
        for piece in self.cli.lines("order", "logs", self.address, *options, *_which(lease, all)):
            yield LogPiece(piece["lease"], piece["offset"], piece["stream"], piece["text"])

    def exec(self, command: Sequence[str], *, input: bytes = b"", lease: Optional[Union[str, int]] = None) -> ExecResult:
        """Runs a command beside the job; its exit code is in the result, whatever it is."""
        if isinstance(command, str):
            raise UsageError("command is a list of words: there is no shell; write ['sh', '-c', '...'] for one")
        args = ["order", "exec", self.address, *_which(lease, False), "--", *command]
        with Running(self.cli, args, input=input, quiet=True) as running:
            stdout = running.stdout.read()
            code = running.wait()
        stderr = b"".join(running.said)
        own = stderr.rstrip().splitlines()[-1:]
        # The command's own complaints have its codes; a remote command that says the same fools only its caller.
        if code in (2, 3, 4, 5) and own and own[0].startswith(b"iog: "):
            raise of_exit(code, running.complaint(), self.address)
        if code < 0:
            raise OutcomeUnknown("iog was ended by a signal: whether the command runs on is not known", self.address)
        return ExecResult(code, stdout, _PATH.sub(b"", stderr))

    def download(
        self, to: Union[str, Path], *, lease: Optional[Union[str, int]] = None, all: bool = False, max_bytes: Optional[int] = None
    ) -> List[File]:
        """Fetches what the job left, verified, into a folder for each lease under ``to``.

        Read JSON, safetensors, or ``torch.load(weights_only=True)``: a pickle from a device runs its maker's code as you.
        """
        limit = [] if max_bytes is None else ["--max-bytes", str(max_bytes)]
        args = ["order", "download", self.address, "--dir", str(to), *limit, *_which(lease, all)]
        return [File.of(record) for record in self.cli.json(*args)]

    def extend(self, hours: int, *, max_cost: Any = None, yes: bool = False) -> Extension:
        """Books further hours, at the price of now."""
        options = booked({"hours": hours, "max_cost": max_cost})
        return Extension.of(self.cli.json("order", "extend", self.address, *options, yes=yes))

    def stop(self, *, lease: Optional[Union[str, int]] = None, all: bool = False) -> None:
        """Stops the job; the order goes on, and is paid."""
        self.cli.json("order", "stop", self.address, *_which(lease, all))

    def end(self, *, yes: bool = False) -> None:
        """Ends it now, or takes it back where it has not started. The first hour of a started order is paid."""
        state = self._state()
        if state.over:
            return
        verb = "cancel" if state.waits else "end"
        try:
            self.cli.json("order", verb, self.address, yes=yes)
        except Error:
            # It may have started, or ended, in between.
            after = self._state()
            if after.over:
                return
            if after.waits == state.waits:
                raise
            self.cli.json("order", "cancel" if after.waits else "end", self.address, yes=yes)

    def __enter__(self) -> Order:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self.ends_at_exit:
            self._end_or_say()

    def _end_or_say(self) -> None:
        """Who left the block agreed to the end when it was made; what cannot be ended is said."""
        try:
            self.end(yes=True)
        except BaseException as error:
            raise StillBooked(f"order {self.address} could not be ended: {error}", self._commands()) from error

    def _commands(self) -> List[str]:
        return [self.cli.text_of("order", verb, self.address) for verb in ("end", "cancel")]

    def _take_back(self, error: BaseException) -> None:
        """After a creation that failed: what was refused is not there; what was interrupted may come yet."""
        refused = isinstance(error, Error) and not isinstance(error, OutcomeUnknown)
        try:
            there = self._appears(0 if refused else APPEARS_SECS)
        except Error as silent:
            raise StillBooked(f"whether order {self.address} was booked is not known: {silent}", self._commands()) from error
        if there:
            self._end_or_say()
        elif not refused:
            raise StillBooked(f"order {self.address} was sent and is not seen; if it comes", self._commands()) from error

    def _appears(self, within_secs: int) -> bool:
        until = time.monotonic() + within_secs
        while self._state().state == "closed":
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECS)
        return True

    def _state(self) -> OrderState:
        try:
            return self.show()
        except UsageError as error:
            # Closed, or never there.
            if "account at" not in str(error):
                raise
            return OrderState(self.address, "closed", None, 0, 0, "", None, None, None, None, None, None, None)


def _create(
    cli: Cli,
    job: Optional[JobOrFile],
    options: Sequence[str],
    *,
    yes: bool,
    dry_run: bool = False,
    secrets: Optional[Mapping[str, Secret]] = None,
    seen: Optional[List[str]] = None,
) -> Mapping[str, Any]:
    args = ["order", "create", *options]
    if job is None:
        record: Mapping[str, Any] = cli.json(*args, yes=yes, dry_run=dry_run, secrets=secrets, seen=seen)
        return record
    with as_file(job) as file:
        record = cli.json(*args, "--job", str(file), yes=yes, dry_run=dry_run, secrets=secrets, seen=seen)
        return record


def _which(lease: Optional[Union[str, int]], all: bool) -> List[str]:
    return ["--all"] if all else path_option("--lease", None if lease is None else str(lease))


def _check(order: Order, leases: Sequence[LeaseStatus]) -> None:
    for lease in leases:
        if lease.exit_code != 0:
            words = lease.job or "ended before its job did"
            how = f"see iog order logs {order.address}"
            raise JobFailed(f"the job of lease {lease.lease} {words}: {how}", lease.exit_code, order.address)
