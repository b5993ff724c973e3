"""Running the ``iog`` command: where it is, what it says on its way, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Callable, Iterator, List, Mapping, Optional, Sequence, Union

from .errors import Error, NotInstalled, OutcomeUnknown, UsageError, of_exit

Progress = Callable[[str], None]
Secret = Union[str, bytes]

#: How long a command that is told to end may take before it is killed.
END_SECS = 10
#: The command names an order before it sends it.
_ORDER = re.compile(r"^order ([1-9A-HJ-NP-Za-km-z]{32,44}) \(id \d+\)$")
#: What stands before the last words, also where a question was left without an end of line.
_COMPLAINT = re.compile(r"^(?:.*\[y/N\] )?iog: ")
_MAX_SECRET_BYTES = 64 << 10


def to_stderr(line: str) -> None:
    """The progress that is shown where nothing else is asked for."""
    print(line, file=sys.stderr, flush=True)


def _find(binary: Optional[Union[str, Path]]) -> str:
    named = str(binary) if binary is not None else os.environ.get("IOG_BIN") or "iog"
    found = shutil.which(os.path.expanduser(named))
    if found is None:
        raise NotInstalled(
            f"cannot find the command {named}: install iog and put it into PATH, or name it by IOG_BIN or iog.Cli(binary=...)"
        )
    return found


@dataclass(frozen=True)
class Cli:
    """The ``iog`` command with its global options. What is not given is the command's own default: the Solana CLI's settings."""

    binary: Optional[Union[str, Path]] = None
    url: Optional[str] = None
    keypair: Optional[Union[str, Path]] = None
    network: Optional[Union[str, Path]] = None
    #: Gets each line that tells of progress; ``None`` for silence.
    progress: Optional[Progress] = to_stderr

    def with_progress(self, progress: Optional[Progress]) -> Cli:
        return replace(self, progress=progress)

    def line(self, *args: str) -> List[str]:
        """The whole command line: no secret is ever in it."""
        options: List[str] = []
        for flag, value in (("-u", self.url), ("-k", self.keypair), ("--network", self.network)):
            if value is not None:
                options += [flag, str(value)]
        # Options first: what follows -- is another command's.
        return [_find(self.binary), *options, *args]

    def text_of(self, *args: str) -> str:
        """A line to paste into a terminal, with the options that this object has."""
        import shlex

        options = [word for word in self.line()[1:]]
        return " ".join(["iog", *map(shlex.quote, [*options, *args])])

    def json(
        self,
        *args: str,
        yes: Optional[bool] = None,
        dry_run: bool = False,
        secrets: Optional[Mapping[str, Secret]] = None,
        seen: Optional[List[str]] = None,
    ) -> Any:
        """What the command tells, parsed. ``yes`` is None for a command that asks nothing, else whether the answer is given.

        ``seen`` gets the address of an order that the command is about to make, however it ends.
        """
        asks = yes is False and not dry_run
        if asks and not sys.stdin.isatty():
            raise UsageError(f"iog {args[0]} {args[1]} moves money and nobody is here to be asked: pass yes=True (or dry_run=True)")
        options = ["-o", "json-compact", *(["-y"] if yes else []), *(["--dry-run"] if dry_run else [])]
        with _secrets(secrets or {}) as (named, descriptors):
            running = Running(self, [*options, *args, *named], asks=asks, descriptors=descriptors)
            try:
                with running:
                    text = running.read()
                    running.succeed()
            finally:
                # Once it has ended: until then it may go on to make one.
                if seen is not None and running.order is not None:
                    seen.append(running.order)
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            raise Error(f"iog {args[0]} told something that is no JSON: use an iog of this package's version") from None

    def lines(self, *args: str) -> Iterator[Any]:
        """What the command tells line by line, as it comes. Ending the iteration ends the command."""
        with Running(self, ["-o", "json-compact", *args]) as running:
            for line in running.stdout:
                yield json.loads(line)
            running.succeed()


@contextlib.contextmanager
def _secrets(secrets: Mapping[str, Secret]) -> Iterator[Any]:
    """Options and pipes by which secrets come to the command: no file, no command line and no environment has them."""
    named: List[str] = []
    readers: List[int] = []
    writers: List[threading.Thread] = []
    try:
        for name, value in secrets.items():
            content = value.encode() if isinstance(value, str) else bytes(value)
            if len(content) > _MAX_SECRET_BYTES:
                raise UsageError(f"secret {name} has {len(content)} bytes, where {_MAX_SECRET_BYTES} are allowed")
            reader, writer = os.pipe()
            readers.append(reader)
            named += ["--secret", f"{name}=@/dev/fd/{reader}"]
            thread = threading.Thread(target=_fill, args=(writer, content), daemon=True)
            writers.append(thread)
            thread.start()
        yield named, readers
    finally:
        # Without a reader a writer that waits ends.
        for reader in readers:
            os.close(reader)
        for thread in writers:
            thread.join()


def _fill(writer: int, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:
        pipe.write(content)


class Running:
    """A command that runs, and is ended when the block is left, whatever happens in it."""

    def __init__(
        self,
        cli: Cli,
        args: Sequence[str],
        *,
        asks: bool = False,
        descriptors: Sequence[int] = (),
        input: Optional[bytes] = None,
        quiet: bool = False,
    ) -> None:
        self._progress = None if quiet else cli.progress
        self._asks = asks
        #: The last words on standard error, for what went wrong.
        self.said: List[bytes] = []
        self.order: Optional[str] = None
        stdin = None if asks else (subprocess.PIPE if input is not None else subprocess.DEVNULL)
        self.process = subprocess.Popen(
            cli.line(*args),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(descriptors),
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        self.stdout: IO[bytes] = self.process.stdout
        self._stderr: IO[bytes] = self.process.stderr
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        if input is not None:
            self._threads.append(threading.Thread(target=self._type, args=(input,), daemon=True))
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def read(self) -> str:
        return self.stdout.read().decode(errors="replace")

    def wait(self) -> int:
        code = self.process.wait()
        for thread in self._threads:
            thread.join()
        return code

    def succeed(self) -> None:
        """Waits for the end; another exit code than 0 is raised as what it stands for."""
        code = self.wait()
        if code < 0:
            raise OutcomeUnknown(f"iog was ended by signal {-code}: look at what it did before you repeat it", self.order)
        if code != 0:
            raise of_exit(code, self.complaint(), self.order)

    def complaint(self) -> str:
        """The line in which the command says why it ends."""
        lines = b"".join(self.said).decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "it said nothing; run it in a terminal with --verbose"
        return _COMPLAINT.sub("", last)

    def end(self) -> None:
        """Ends the command as Ctrl-C would, and if that does not help, at once."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(END_SECS)
        finally:
            # Also where somebody is out of patience with the first part.
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            self.stdout.close()
            for thread in self._threads:
                thread.join(END_SECS)
            self._stderr.close()

    def _type(self, content: bytes) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
            pipe.write(content)

    def _listen(self) -> None:
        if self._asks:
            # A question has no end of line: it is passed on as it comes.
            while True:
                piece = os.read(self._stderr.fileno(), 4096)
                if not piece:
                    return
                self._keep(piece)
                sys.stderr.write(piece.decode(errors="replace"))
                sys.stderr.flush()
        for line in self._stderr:
            self._keep(line)
            text = line.decode(errors="replace").rstrip("\n")
            if self._progress is not None and not text.startswith("iog: "):
                self._progress(text)

    def _keep(self, piece: bytes) -> None:
        self.said.append(piece)
        if self.order is None:
            for line in piece.decode(errors="replace").splitlines():
                found = _ORDER.match(line.strip())
                self.order = found.group(1) if found else self.order
