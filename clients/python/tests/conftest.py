"""Real parts: the built command, a local network with the built programs, a node that serves, a Ray head."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence

import pytest

import iog

REPO = Path(__file__).resolve().parents[3]
EXAMPLES = REPO / "clients/python/examples"


def built(name: str, variable: str) -> Path:
    path = Path(os.environ.get(variable) or REPO / "target/debug" / name)
    assert path.is_file(), f"{path} is not there: cargo build -p iog-cli -p iog-keeper, or name it by {variable}"
    return path


def until(what: str, look: Callable[[], Any], secs: int) -> Any:
    """Looks until something is there."""
    end = time.monotonic() + secs
    last: Optional[BaseException] = None
    while time.monotonic() < end:
        try:
            found = look()
            if found:
                return found
        except (iog.Error, OSError, ValueError) as error:
            last = error
        time.sleep(0.2)
    raise AssertionError(f"{what} within {secs} s: {last}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def leave(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> None:
    process.send_signal(number)
    try:
        process.wait(60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def started(home: Path) -> list[str]:
    """Processes that have this home, but for this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            named = f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0")
            if named and process.name != str(os.getpid()):
                found.append(f"{process.name} {(process / 'cmdline').read_text()}")
        except OSError:
            continue
    return found


@pytest.fixture(scope="session", autouse=True)
def home() -> Iterator[Path]:
    """A home of the tests' own: no settings, orders or keys of whoever runs them. The lab's renter has one."""
    if lab := os.environ.get("IOG_LAB_HOME"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HOME", lab)
            yield Path(lab)
        return
    folder = Path(tempfile.mkdtemp(prefix="iog-python-"))
    patch = pytest.MonkeyPatch()
    patch.setenv("HOME", str(folder))
    patch.setenv("IOG_BIN", str(built("iog", "IOG_BIN")))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "IOG_URL"):
        patch.delenv(name, raising=False)
    yield folder
    for agent in iog.Cli(progress=None).json("agent", "list"):
        iog.Cli(progress=None).json("agent", "stop", agent["order"])
    until("the end of all that was started", lambda: not started(folder), 60)
    patch.undo()
    shutil.rmtree(folder)


@pytest.fixture
def cli(home: Path) -> iog.Cli:
    """Without a network: nothing listens on port 1."""
    key = home / "id.json"
    if not key.exists():
        iog.Cli().json("device", "keygen", str(key))
    return iog.Cli(url="http://127.0.0.1:1", keypair=key, progress=None)


@dataclass
class Network:
    url: str
    folder: Path

    def cli(self, wallet: str) -> iog.Cli:
        return iog.Cli(url=self.url, keypair=self.folder / f"{wallet}.json", network=self.folder / "network.toml", progress=None)

    def address(self, wallet: str) -> str:
        addresses = json.loads((self.folder / "addresses.json").read_text())
        found: str = addresses["wallets"][wallet]
        return found


@pytest.fixture(scope="session")
def network(home: Path) -> Iterator[Network]:
    folder = home / "localnet"
    rpc, ws, relay = free_port(), free_port(), free_port()
    command = [str(built("iog", "IOG_BIN")), "network", "up", "-o", "json-compact", "--dir", str(folder), "--block-ms", "150"]
    command += ["--rpc-port", str(rpc), "--ws-port", str(ws), "--relay-port", str(relay)]
    command += ["--programs", os.environ.get("IOG_PROGRAMS") or str(REPO / "target/deploy")]
    with open(home / "network.log", "wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, (home / "network.log").read_text()
            yield Network(json.loads(line)["rpc_url"], folder)
        finally:
            leave(process)


@pytest.fixture(scope="session")
def node(network: Network, home: Path) -> Iterator[Network]:
    """A supplier's two devices of class 2, proved and listed, as the repository's README makes one.

    Two, since an order has its device for a whole hour, whenever it is ended.
    """
    supplier = network.cli("supplier-a")

    def run(*args: str) -> Any:
        return supplier.json(*args, yes=True)

    def register(letter: str) -> str:
        keys = ["--device-key", str(network.folder / f"device-{letter}.json"), "--tunnel-key", network.address(f"tunnel-{letter}")]
        device: str = run("device", "register", *keys, "--class", "2", "--country", "DE", "--platform", "linux/amd64")["device"]
        run("stake", "open", device, "200")
        return device

    run("operator", "register", "--name", "alice")
    devices = [register("a"), register("b")]
    run("market", "open-earnings", "--pay", "usdc")
    keeper = home / "keeper"
    keeper.mkdir(mode=0o700)
    ray = os.environ.get("IOG_RAY")
    shows = f'sandbox_shows = ["{ray}"]' if ray else ""
    (keeper / "keeper.toml").write_text(
        f"""rpc_url = "{network.url}"
single_rpc = true
fee_payer = "{network.folder}/keeper.json"
state_dir = "state"
lock_dir = "."
books_mib = 1
tick_secs = 0.4
listen = "127.0.0.1:{free_port()}"
[[device]]
key = "{network.folder}/device-a.json"
tunnel_key = "{network.folder}/tunnel-a.json"
[[device]]
key = "{network.folder}/device-b.json"
tunnel_key = "{network.folder}/tunnel-b.json"
[node]
engine = "sandbox"
network = "{network.folder}/network.toml"
{shows}
[policy]
own_renters = ["{network.address("renter")}"]
"""
    )
    command = [str(built("iog-keeper", "IOG_KEEPER_BIN")), "node", "--config", str(keeper / "keeper.toml")]
    if os.geteuid() == 0:
        # What a lease left is kept for a day, on a disk of its own: its mount goes with the node's processes.
        command = ["unshare", "--mount", "--propagation", "private", *command]
    with open(keeper / "log", "wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            # Only a device that has proved its memory may be listed.
            for device in devices:
                listing = ("market", "list-device", device, "--floor", "0.1", "--pay", "usdc")
                until("the device's proof", partial(run, *listing), 240)
            yield network
        finally:
            leave(process, signal.SIGTERM)
            if os.environ.get("IOG_SHOW_LOG"):
                print((keeper / "log").read_text())


@dataclass
class RayHead:
    url: str
    token_path: Path


@pytest.fixture(scope="session")
def ray_head(home: Path) -> Iterator[RayHead]:
    """A head alone, with a token, by Ray's own command."""
    place = os.environ.get("IOG_RAY")
    program = shutil.which("ray", path=f"{place}/bin" if place else None)
    assert program, "ray is not there: pip install 'ray[default]', or name its environment's folder by IOG_RAY"
    token = home / "ray-token"
    token.touch(mode=0o600)
    token.write_text(os.urandom(24).hex())
    # Its sockets' paths must be short.
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    dashboard = free_port()
    env = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAY_USAGE_STATS_ENABLED": "0"}
    env["PATH"] = f"{Path(program).parent}:{env['PATH']}"
    command: Sequence[str] = [
        program, "start", "--head", "--block", "--node-ip-address=127.0.0.1", f"--port={free_port()}",
        "--dashboard-host=127.0.0.1", f"--dashboard-port={dashboard}", f"--ray-client-server-port={free_port()}",
        "--num-cpus=1", "--object-store-memory=100000000", f"--temp-dir={folder}", "--disable-usage-stats",
    ]  # fmt: skip
    with open(home / "ray.log", "wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    head = RayHead(f"http://127.0.0.1:{dashboard}", token)
    try:
        until("the head's Jobs API", lambda: iog.RayJobs(head.url, token).list() is not None, 120)
        yield head
    finally:
        leave(process, signal.SIGTERM)
        until("the end of the head's processes", lambda: not _session(process.pid), 30)
        shutil.rmtree(folder, ignore_errors=True)


def _session(leader: int) -> bool:
    """Whether anything of a session is left; it is killed."""
    found = False
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found = True
            with_pid = int(stat.parent.name)
            try:
                os.kill(with_pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    return found
