"""The forwards to a cluster's head: ``iog cluster connect``, for as long as they are wanted."""

from __future__ import annotations

import json
import threading
from typing import Any, Mapping, Optional

from .command import Cli, Running
from .errors import Timeout

#: How long the forwards may take to stand.
CONNECT_SECS = 180


class Connection:
    """Ports of this machine that lead to dashboard and client port of the head, whichever device that is."""

    def __init__(self, cli: Cli, name: str) -> None:
        self._cli, self._name = cli, name
        self._running: Optional[Running] = None
        self._told: Mapping[str, Any] = {}

    def __getitem__(self, key: str) -> str:
        """What the command tells of them; they are opened by the first question, and again where the command has ended."""
        self.open()
        return str(self._told[key])

    def open(self) -> None:
        if self._running is not None and self._running.process.poll() is None:
            return
        self.close()
        # Free ports: several clusters may be open at once.
        args = ["-o", "json-compact", "cluster", "connect", self._name, "--dashboard-port", "0", "--client-port", "0"]
        running = Running(self._cli, args)
        late = threading.Timer(CONNECT_SECS, running.process.terminate)
        late.daemon = True
        late.start()
        try:
            line = running.stdout.readline()
            if not line.strip():
                running.succeed()
                raise Timeout(f"no connection to the head within {CONNECT_SECS} s: see iog cluster status {self._name}")
            self._told = json.loads(line)
        except BaseException:
            running.end()
            raise
        finally:
            late.cancel()
        self._running = running

    def close(self) -> None:
        if self._running is not None:
            self._running.end()
            self._running = None
