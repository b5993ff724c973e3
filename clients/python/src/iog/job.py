"""Job files, made and checked in Python."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from .command import Cli
from .errors import UsageError

__all__ = ["Input", "Job", "Needs", "Readiness"]

Source = Union[str, Path, "Input"]


@dataclass(frozen=True)
class Input:
    """A file or folder of this machine, or an https address that devices fetch from (then with sha256 and size_bytes)."""

    source: Union[str, Path]
    #: Where the job finds it under /work: its own name unless given; ``.`` puts what is in a folder straight there.
    target: Optional[str] = None
    sha256: Optional[str] = None
    size_bytes: Optional[int] = None
    executable: bool = False

    def record(self) -> Dict[str, Any]:
        size = None if self.size_bytes is None else str(self.size_bytes)
        record = {"source": _place(self.source), "target": self.target, "sha256": self.sha256, "size": size}
        return {**_given(record), **({"executable": True} if self.executable else {})}


@dataclass(frozen=True)
class Readiness:
    """A service is ready when this answers."""

    port: int
    path: Optional[str] = None
    within_secs: int = 600

    def record(self) -> Dict[str, Any]:
        return _given({"port": self.port, "path": self.path, "within": f"{self.within_secs}s"})


@dataclass(frozen=True)
class Needs:
    """What an order and its devices must have for a job."""

    kind: str
    image: Optional[str]
    platform: Optional[str]
    inputs: int
    input_bytes: int
    secrets: List[str]
    ports: List[int]
    egress: bool
    warnings: List[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Needs:
        return cls(
            kind=record["kind"],
            image=record.get("image"),
            platform=record.get("platform"),
            inputs=record["inputs"],
            input_bytes=record["input_bytes"],
            secrets=record.get("secrets") or [],
            ports=[int(port) for port in record.get("ports") or []],
            egress=record["egress"],
            warnings=record.get("warnings") or [],
        )


@dataclass
class Job:
    """What a device runs. Sizes are ``8GiB`` and the like, or bytes; what is not said takes the lease's share."""

    command: Sequence[str] = ()
    #: ``batch``, ``service``, ``session`` or ``ray``.
    kind: str = "batch"
    #: ``registry/name@sha256:...``, or the path of an OCI archive that ends in ``.tar``.
    image: Optional[Union[str, Path]] = None
    platform: Optional[str] = None
    env: Mapping[str, str] = field(default_factory=dict)
    #: Names alone, or name -> variable of the environment that shall have it; values go to ``Order.create(secrets=...)``.
    secrets: Union[Sequence[str], Mapping[str, Optional[str]]] = ()
    inputs: Sequence[Source] = ()
    outputs: Sequence[str] = ()
    ports: Sequence[int] = ()
    cpus: Optional[Union[int, str]] = None
    memory: Optional[Union[int, str]] = None
    disk: Optional[Union[int, str]] = None
    shm: Optional[Union[int, str]] = None
    pids: Optional[int] = None
    #: How often a job that fails is started again.
    restarts: int = 0
    readiness: Optional[Readiness] = None
    egress: bool = False
    time_limit_secs: Optional[int] = None
    end_when_done: bool = False
    #: Further fields of the job file, as docs/compute.md names them.
    extra: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> Dict[str, Any]:
        """The job file's content. Paths in it are absolute."""
        if isinstance(self.command, str):
            raise UsageError("command is a list of words, not a text: there is no shell; write ['sh', '-c', '...'] for one")
        if isinstance(self.cpus, float):
            raise UsageError("cpus is a whole number or a text such as '1.5'")
        resources = {
            "cpus": _text(self.cpus),
            "memory": _text(self.memory),
            "disk": _text(self.disk),
            "shm": _text(self.shm),
            "pids": self.pids,
        }
        record: Dict[str, Any] = {
            "kind": self.kind,
            "image": _image(self.image),
            "platform": self.platform,
            "command": list(self.command),
            "env": dict(self.env),
            "secrets": _secrets(self.secrets),
            "inputs": [(one if isinstance(one, Input) else Input(one)).record() for one in self.inputs],
            "outputs": list(self.outputs),
            "ports": list(self.ports),
            "resources": _given(resources),
            "restart": {"on_failure": self.restarts} if self.restarts else None,
            "readiness": self.readiness.record() if self.readiness else None,
            "egress": self.egress,
            "time_limit": None if self.time_limit_secs is None else f"{self.time_limit_secs}s",
            "end_when_done": self.end_when_done,
        }
        return {**{key: value for key, value in record.items() if value}, **self.extra}

    def write(self, path: Union[str, Path]) -> Path:
        """Writes the job file (JSON, which is YAML, too). A file that is there is left alone."""
        path = Path(path)
        with path.open("x", encoding="utf-8") as file:
            json.dump(self.record(), file, indent=2)
            file.write("\n")
        return path

    def validate(self, cli: Optional[Cli] = None) -> Needs:
        """All that a device would refuse, before money moves; off line."""
        return validate(self, cli or Cli())


def validate(job: Union[Job, str, Path], cli: Cli) -> Needs:
    with as_file(job) as path:
        return Needs.of(cli.with_progress(None).json("job", "validate", str(path)))


@contextmanager
def as_file(job: Union[Job, str, Path]) -> Iterator[Path]:
    """The file of a job, for one command."""
    if not isinstance(job, Job):
        yield Path(job)
        return
    with tempfile.TemporaryDirectory(prefix="iog-job-") as folder:
        yield job.write(Path(folder) / "job.json")


def _given(record: Mapping[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in record.items() if value is not None}


def _text(value: Optional[Union[int, str]]) -> Optional[str]:
    return None if value is None else str(value)


def _place(source: Union[str, Path]) -> str:
    text = str(source)
    return text if "://" in text else str(Path(text).expanduser().absolute())


def _image(image: Optional[Union[str, Path]]) -> Any:
    if image is None:
        return None
    text = str(image)
    return {"archive": _place(image)} if isinstance(image, Path) or text.endswith(".tar") else text


def _secrets(secrets: Union[Sequence[str], Mapping[str, Optional[str]]]) -> List[Any]:
    if isinstance(secrets, Mapping):
        return [name if variable is None else {"name": name, "env": variable} for name, variable in secrets.items()]
    if isinstance(secrets, str):
        raise UsageError("secrets is a list of names, such as ['TOKEN']")
    return list(secrets)
