"""Ray clusters of rented GPUs."""

from __future__ import annotations

import os
import secrets as random
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Mapping, Optional, Type, Union

from .amounts import Money
from .command import Cli, Secret
from .connection import Connection
from .errors import Error, NotInstalled, OutcomeUnknown, OutsideDriverWarning, StillBooked, UsageError
from .job import Job, as_file
from .order import APPEARS_SECS, POLL_SECS, Order
from .ray_jobs import RayJob, RayJobs, printable, require_success
from .results import ClusterStatus, File
from .terms import booked, path_option

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

    from .terms import Terms

__all__ = ["Cluster"]

#: Why a driver belongs into the cluster.
OUTSIDE = (
    "a driver outside the cluster unpickles what its members send, which runs their code as you, beside your keys: "
    "use Cluster.submit(), which runs it inside, or iog cluster shell {name}, a sandbox without keys"
)


class Cluster:
    """A Ray cluster: booked when a ``with`` block begins, ended when it is left, also by an exception.

    An order is as trustworthy as its worst device: every member can run code in every other's container and read all data;
    ``one_owner=True`` takes the whole cluster from one supplier. What kills the interpreter outright (SIGKILL, SIGTERM, a
    power cut) leaves the cluster until its hours are over: ``iog cluster list`` shows it.
    """

    def __init__(
        self,
        *,
        name: Optional[str] = None,
        job: Optional[Union[Job, str, Path]] = None,
        image: Optional[str] = None,
        private: bool = False,
        secrets: Optional[Mapping[str, Secret]] = None,
        yes: bool = False,
        wait_secs: Optional[int] = None,
        cli: Optional[Cli] = None,
        **terms: Unpack[Terms],
    ) -> None:
        #: Known before anything is booked, so that whatever was booked can be ended.
        self.name = name or f"py-{random.token_hex(4)}"
        self.cli = cli or Cli()
        self._job, self._secrets, self._yes = job, secrets, yes
        self._options = [*booked(terms), *path_option("--image", image), *(["--private"] if private else [])]
        self._options += [] if wait_secs is None else ["--wait-secs", str(wait_secs)]
        self._root: Optional[str] = None
        self._ends_at_exit = True
        self._connection = Connection(self.cli, self.name)

    def __repr__(self) -> str:
        return f"iog.Cluster({self.name!r})"

    @classmethod
    def get(cls, name: str, cli: Optional[Cli] = None) -> Cluster:
        """A cluster that stands. A ``with`` block connects to it and does not end it."""
        cluster = cls(name=name, cli=cli)
        cluster._ends_at_exit = False
        cluster.status()
        return cluster

    @staticmethod
    def list(cli: Optional[Cli] = None) -> List[Mapping[str, Any]]:
        """The clusters of this machine, as the command tells them."""
        clusters: List[Mapping[str, Any]] = (cli or Cli()).json("cluster", "list")
        return clusters

    def create(self) -> Cluster:
        """Books, and returns when head and workers have joined. What fails or is interrupted is ended again."""
        args = ["cluster", "create", "--ray", "--name", self.name, *self._options]
        if self._state() is not None:
            raise UsageError(f"there is a cluster {self.name}: take another name, or adopt it by Cluster.get({self.name!r})")
        try:
            if self._job is None:
                told = self.cli.json(*args, yes=self._yes, secrets=self._secrets)
            else:
                with as_file(self._job) as file:
                    told = self.cli.json(*args, "--job", str(file), yes=self._yes, secrets=self._secrets)
        except BaseException as error:
            self._take_back(error)
            raise
        self._root = told["root_order"]
        return self

    def connect(self) -> Cluster:
        """Forwards dashboard and client port of the head to this machine, until :meth:`disconnect` or the block's end."""
        self._connection.open()
        return self

    def disconnect(self) -> None:
        """Ends the forwards; the cluster stands."""
        self._connection.close()

    @property
    def dashboard(self) -> str:
        """Of Ray's dashboard, for a browser: each lease has a host name of its own. Its pages are the suppliers'."""
        return self._connection["dashboard_url"]

    @property
    def address(self) -> str:
        """Of Ray's client: ``ray://127.0.0.1:...``, for a driver outside the cluster. Warns: see :class:`OutsideDriverWarning`."""
        warnings.warn(OUTSIDE.format(name=self.name), OutsideDriverWarning, stacklevel=2)
        return self._connection["client_address"]

    @property
    def token_path(self) -> Path:
        """The file with the cluster's token (mode 0600), for ``RAY_AUTH_TOKEN_PATH``. It is new after each departure."""
        return Path(self._connection["token_path"])

    def init(self, **options: Any) -> Any:
        """``ray.init`` from outside, with address and token. Warns: see :class:`OutsideDriverWarning`."""
        warnings.warn(OUTSIDE.format(name=self.name), OutsideDriverWarning, stacklevel=2)
        address = self._connection["client_address"]
        # Ray reads them when it is imported.
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH=str(self.token_path))
        try:
            import ray
        except ImportError:
            raise NotInstalled(
                "ray is not installed here: pip install 'ray[client]' of the cluster's version, or use Cluster.submit()"
            ) from None
        return ray.init(address, **options)

    @property
    def jobs(self) -> RayJobs:
        """Ray's Jobs API."""
        return RayJobs(self._connection["ray_address"], self.token_path)

    def submit(
        self,
        entrypoint: str,
        *,
        working_dir: Optional[Union[str, Path]] = None,
        env: Optional[Mapping[str, str]] = None,
        wait: bool = True,
        timeout_secs: Optional[int] = None,
    ) -> RayJob:
        """Runs a driver inside the cluster. With ``wait`` its log is shown, and another end than success is raised.

        What goes to ``/work/out`` on the head comes back by :meth:`download`. An interruption stops the job.
        """
        job = self.jobs.submit(entrypoint, working_dir=working_dir, env=env)
        if not wait:
            return job
        try:
            for text in job.follow(timeout_secs=timeout_secs):
                if self.cli.progress is not None:
                    sys.stdout.write(printable(text))
                    sys.stdout.flush()
        except BaseException:
            job.stop()
            raise
        require_success(job.status())
        return job

    def download(self, to: Union[str, Path], *, max_bytes: Optional[int] = None) -> List[File]:
        """What drivers left in ``/work/out`` of the head, verified. Read JSON, safetensors, ``weights_only``; unpickle nothing."""
        status = self.status()
        head = next((member.lease for member in status.members if member.rank == 0), None)
        if head is None:
            raise UsageError(f"cluster {self.name} has no head now: see iog cluster status {self.name}")
        return Order(self.root, self.cli).download(to, lease=head, max_bytes=max_bytes)

    def status(self) -> ClusterStatus:
        """Orders, members, ranks and addresses."""
        return ClusterStatus.of(self.cli.with_progress(None).json("cluster", "status", self.name))

    @property
    def root(self) -> str:
        """Address of its first order, which is there after its end, too."""
        self._root = self._root or self.status().root_order
        return self._root

    def scale(self, gpus: int, *, max_cost: Optional[Money] = None, yes: bool = False) -> ClusterStatus:
        """To so many GPUs: by a further order that joins the mesh, or by the end of further orders, newest first."""
        options = booked({"max_cost": max_cost})
        self.cli.json("cluster", "scale", self.name, str(gpus), *options, yes=yes)
        return self.status()

    def end(self, *, yes: bool = False) -> None:
        """Ends every order of it. The first hour of each is paid."""
        self.disconnect()
        self.cli.json("cluster", "end", self.name, yes=yes)

    def __enter__(self) -> Cluster:
        if self._ends_at_exit:
            self.create()
        try:
            return self.connect()
        except BaseException:
            self._leave()
            raise

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._leave()

    def _leave(self) -> None:
        try:
            self.disconnect()
        finally:
            if self._ends_at_exit:
                self._end_or_say()

    def _end_or_say(self) -> None:
        """Whoever began the block agreed to its end; what cannot be ended is said."""
        try:
            self.end(yes=True)
        except BaseException as error:
            if isinstance(error, UsageError) and "has no cluster" in str(error):
                return
            commands = [self.cli.text_of("cluster", "end", self.name)]
            raise StillBooked(f"cluster {self.name} could not be ended: {error}", commands) from error

    def _take_back(self, error: BaseException) -> None:
        """After a creation that failed: what was sent when it was interrupted may take a while to be seen."""
        # Somebody else was faster with the name: that cluster is not ours.
        if isinstance(error, NotInstalled) or "this machine has a cluster" in str(error):
            return
        refused = isinstance(error, Error) and not isinstance(error, OutcomeUnknown)
        until = time.monotonic() + (0 if refused else APPEARS_SECS)
        try:
            while self._state() == "gone" and time.monotonic() < until:
                time.sleep(POLL_SECS)
        except Error as silent:
            if isinstance(error, UsageError):
                return
            commands = [self.cli.text_of("cluster", "end", self.name)]
            raise StillBooked(f"whether cluster {self.name} was booked is not known: {silent}", commands) from error
        self._end_or_say()

    def _state(self) -> Optional[str]:
        """Of its first order, ``gone`` where the chain has none; None where the command knows no such cluster."""
        known = {cluster["name"]: str(cluster["state"]) for cluster in Cluster.list(self.cli.with_progress(None))}
        return known.get(self.name)
