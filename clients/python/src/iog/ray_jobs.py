"""Ray's Jobs API: drivers run inside the cluster, and what they leave comes back as files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from .errors import JobFailed, RayError, Timeout, UsageError

__all__ = ["RayJob", "RayJobStatus", "RayJobs"]

#: Answers are strangers' words: no more of one is read.
MAX_ANSWER_BYTES = 64 << 20
MAX_REASON_BYTES = 64 << 10
#: A folder that goes with each submission; more belongs into the image or the job's inputs.
MAX_FOLDER_BYTES = 100 << 20
ANSWER_SECS = 60
#: A head that is started again may be away for so long.
AWAY_SECS = 180
POLL_SECS = 1
_OVER = ("SUCCEEDED", "FAILED", "STOPPED")
_LEFT_OUT = (".git", "__pycache__", ".venv", ".ipynb_checkpoints")


class _Stay(urllib.request.HTTPRedirectHandler):
    """The token goes to the forwarded port and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class RayJobStatus:
    """A job as the head has it."""

    id: str
    #: PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
    state: str
    message: Optional[str]
    exit_code: Optional[int]

    @property
    def over(self) -> bool:
        return self.state in _OVER


class RayJobs:
    """The Jobs API at an address that ``iog cluster connect`` forwards to the head."""

    def __init__(self, url: str, token_path: Union[str, Path]) -> None:
        if not url.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:")):
            raise UsageError(f"the Jobs API is spoken to on loopback only, where iog cluster connect puts it, not at {url}")
        self.url = url.rstrip("/")
        self.token_path = Path(token_path)
        # No proxy: what it is told would leave this machine with the token.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())

    def submit(
        self,
        entrypoint: str,
        *,
        working_dir: Optional[Union[str, Path]] = None,
        env: Optional[Mapping[str, str]] = None,
        submission_id: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
    ) -> RayJob:
        runtime_env: Dict[str, Any] = {}
        if working_dir is not None:
            runtime_env["working_dir"] = self._upload(*packed(Path(working_dir)))
        if env:
            runtime_env["env_vars"] = dict(env)
        body: Dict[str, Any] = {"entrypoint": entrypoint, "runtime_env": runtime_env, "metadata": dict(metadata or {})}
        if submission_id is not None:
            body["submission_id"] = submission_id
        return RayJob(self, str(self._json("POST", "/api/jobs/", body)["submission_id"]))

    def list(self) -> List[RayJobStatus]:
        return [_status(record) for record in self._json("GET", "/api/jobs/") if record.get("submission_id")]

    def job(self, id: str) -> RayJob:
        return RayJob(self, id)

    def _upload(self, name: str, content: bytes) -> str:
        path = f"/api/packages/gcs/{name}"
        try:
            self._ask("GET", path)
        except RayError as error:
            if "404" not in str(error):
                raise
            self._ask("PUT", path, content, "application/zip")
        return f"gcs://{name}"

    def _json(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        answer = self._ask(method, path, content, "application/json")
        try:
            return json.loads(answer)
        except ValueError:
            raise RayError(f"{path} answered something that is no JSON: is it a Ray head of 2.x?") from None

    def _ask(self, method: str, path: str, content: Optional[bytes] = None, kind: Optional[str] = None) -> bytes:
        # Read each time: a departure gives the cluster a new token.
        token = self.token_path.read_text(encoding="utf-8").strip()
        headers = {"Authorization": f"Bearer {token}", **({"Content-Type": kind} if content is not None and kind else {})}
        request = urllib.request.Request(self.url + path, data=content, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=ANSWER_SECS) as answer:
                read: bytes = answer.read(MAX_ANSWER_BYTES + 1)
        except urllib.error.HTTPError as error:
            hint = "; the token is not the cluster's: connect again" if error.code in (401, 403) else ""
            why = _reason(error.read(MAX_REASON_BYTES))
            raise RayError(f"the head refused {method} {path}: {error.code} {why}{hint}") from None
        except OSError as error:
            raise NoAnswer(f"the head does not answer at {self.url}: {error}; see iog cluster status, and connect again") from error
        if len(read) > MAX_ANSWER_BYTES:
            raise TooLong(f"{path} answers with more than {MAX_ANSWER_BYTES} bytes: write less to the log, and more to files")
        return read


class TooLong(RayError):
    """More is told than is read."""


class NoAnswer(RayError):
    """Nothing answered: it may be starting again."""


@dataclass(frozen=True)
class RayJob:
    """A job that was submitted."""

    jobs: RayJobs
    id: str

    def status(self) -> RayJobStatus:
        return _status(self.jobs._json("GET", f"/api/jobs/{self.id}"))

    def logs(self) -> str:
        """All that it wrote so far: a stranger's text, see :func:`printable`."""
        return str(self.jobs._json("GET", f"/api/jobs/{self.id}/logs").get("logs") or "")

    def stop(self) -> None:
        self.jobs._json("POST", f"/api/jobs/{self.id}/stop", {})

    def follow(self, *, timeout_secs: Optional[int] = None) -> Iterator[str]:
        """What it writes, until it is over. A head that is away is waited for; a log that is too long ends, and not the job."""
        begun = answered = time.monotonic()
        told, whole = 0, True
        while True:
            over = False
            try:
                # Asked first: what is written afterwards comes with the log.
                over = self.status().over
                text = self.logs() if whole else ""
                answered = time.monotonic()
            except TooLong as error:
                if not whole:
                    raise
                whole, text = False, ""
                yield f"\n[{error}; the rest is not shown]\n"
            except NoAnswer:
                if time.monotonic() - answered > AWAY_SECS:
                    raise
                over, text = False, ""
            if len(text) > told:
                yield text[told:]
                told = len(text)
            if over:
                return
            if timeout_secs is not None and time.monotonic() - begun >= timeout_secs:
                raise Timeout(f"job {self.id} is not over after {timeout_secs} s; it runs on: stop() ends it")
            time.sleep(POLL_SECS)

    def wait(self, *, timeout_secs: Optional[int] = None, check: bool = True) -> RayJobStatus:
        """Until it is over. With ``check`` another end than success is raised as :class:`JobFailed`."""
        for _ in self.follow(timeout_secs=timeout_secs):
            pass
        status = self.status()
        if check:
            require_success(status)
        return status


def require_success(status: RayJobStatus) -> None:
    if status.state != "SUCCEEDED":
        message = printable(status.message or "no reason given")
        raise JobFailed(f"job {status.id} is {status.state}: {message}; see its logs()", status.exit_code)


def _reason(answer: bytes) -> str:
    """Of a traceback the line that says what it is."""
    lines = [line for line in answer.decode(errors="replace").splitlines() if any(map(str.isalpha, line))]
    return printable(lines[-1].strip() if lines else "")


def printable(text: str) -> str:
    """Control characters shown and not obeyed, as the command shows them; lines stay."""
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _status(record: Mapping[str, Any]) -> RayJobStatus:
    code = record.get("driver_exit_code")
    return RayJobStatus(str(record["submission_id"]), str(record["status"]), record.get("message"), code)


def packed(folder: Path) -> Tuple[str, bytes]:
    """A folder as Ray's package: its name follows from its content, so that the same is sent once."""
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    if folder == Path.home().resolve() or folder.parent == folder:
        raise UsageError(f"{folder} would send all that you have to the cluster: give a folder of the job alone")
    buffer = io.BytesIO()
    size = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            size += path.stat().st_size
            if size > MAX_FOLDER_BYTES:
                raise UsageError(
                    f"{folder} has more than {MAX_FOLDER_BYTES >> 20} MiB: put large files into the job's inputs or its image"
                )
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    content = buffer.getvalue()
    return f"_ray_pkg_{hashlib.sha256(content).hexdigest()[:32]}.zip", content


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for path in (Path(here) / name for name in sorted([*files, *folders])):
            if path.is_symlink() and folder not in path.resolve().parents:
                raise UsageError(f"{path} leads out of the folder: what it leads to would be sent; remove it")
            if path.is_file():
                yield path
