"""Without a network: the built command, its refusals, and what never reaches it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any, Mapping, Optional

import pytest

import iog
from iog import ray_jobs
from iog.command import Running

HELLO = iog.Job(["sh", "-c", "echo hello"], cpus="0.5", memory="64MiB", time_limit_secs=60)


def test_a_job_is_checked_before_money_moves(cli: iog.Cli, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.txt").write_text("abc")
    job = iog.Job(
        ["python3", "serve.py"],
        kind="service",
        env={"MODE": "fast"},
        secrets={"TOKEN": "TOKEN", "KEY": None},
        inputs=[tmp_path / "data", iog.Input("https://example.com/w.bin", sha256="ab" * 32, size_bytes=10)],
        ports=[8888],
        disk=1 << 30,
        restarts=3,
        readiness=iog.Readiness(8888, "/health", within_secs=120),
    )
    needs = job.validate(cli)
    assert (needs.kind, needs.inputs, needs.input_bytes) == ("service", 2, 13)
    assert (needs.secrets, needs.ports, needs.egress) == (["TOKEN", "KEY"], [8888], False)
    written = job.write(tmp_path / "job.json")
    assert "8888" in written.read_text()
    with pytest.raises(FileExistsError):
        job.write(written)


def test_what_is_wrong_with_a_job_is_said_by_field(cli: iog.Cli) -> None:
    with pytest.raises(iog.UsageError, match="digest"):
        iog.Job(image="pytorch/pytorch:latest").validate(cli)
    with pytest.raises(iog.UsageError, match="no_such_field"):
        iog.Job(["true"], extra={"no_such_field": 1}).validate(cli)
    with pytest.raises(iog.UsageError, match="list of words"):
        iog.Job("echo hello").record()
    with pytest.raises(iog.UsageError, match="memory|size"):
        iog.Job(["true"], memory="much").validate(cli)


def test_quotes_are_exact(cli: iog.Cli) -> None:
    record = cli.json("order", "quote", "--base-price", "0.76", "--io-price", "0.25", "--gpus", "2", "--hours", "3")
    quote = iog.Quote.of(record)
    # 2 GPUs at 0.76 USD for 3 hours are 4.56 USD, in IO at 0.25 four times as many, and 2 % reservation.
    assert quote.rent == iog.Amount(1_824_000_000, Decimal("18.24"), "IO")
    assert quote.total.units == quote.rent.units + quote.reservation_fee.units + quote.network_fee.units
    assert "first hour" in quote.terms["ending"]
    assert str(quote.rent) == "18.24 IO"


@pytest.mark.parametrize("money", [0.1, True, "much", "-1", "NaN", Decimal("Infinity"), None, []])
def test_money_is_no_float(money: object) -> None:
    from iog.amounts import argument

    with pytest.raises(iog.UsageError, match="max_cost"):
        argument("max_cost", money)  # type: ignore[arg-type]
    assert [argument("max_cost", given) for given in ("12.50", 7, Decimal("1E+2"))] == ["12.50", "7", "100"]


def test_errors_are_the_commands_own_by_its_exit_codes(cli: iog.Cli) -> None:
    with pytest.raises(iog.UsageError, match="--gpus|gpus|class"):
        iog.Order.quote(hours=1, cli=cli)
    with pytest.raises(iog.RpcError, match="--url") as caught:
        iog.Order.quote(gpus=1, hours=1, gpu_class=1, cli=cli)
    assert caught.value.exit_code == 4
    with pytest.raises(iog.UsageError, match="no keyword gpu: help"):
        iog.Order.quote(gpu=1, hours=1, cli=cli)  # type: ignore[call-arg]
    with pytest.raises(iog.UsageError, match="whole number"):
        iog.Order.quote(gpus=1, hours=1.5, cli=cli)  # type: ignore[arg-type]
    with pytest.raises(iog.UsageError, match="list of texts"):
        iog.Order.quote(hours=1, parts="1:2", cli=cli)
    with pytest.raises(iog.UsageError, match="32 bytes in base58"):
        iog.Order("no-address", cli).show()


def test_the_command_is_found_or_its_absence_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(iog.NotInstalled, match="IOG_BIN"):
        iog.Cli(binary="/nowhere/iog").json("job", "validate", "x")
    monkeypatch.setenv("IOG_BIN", "/nowhere/else")
    with pytest.raises(iog.NotInstalled, match="/nowhere/else"):
        iog.Cli().json("job", "validate", "x")


def test_nothing_is_booked_without_consent(cli: iog.Cli) -> None:
    """No terminal and no yes: refused before anything is read, and the command is not even run."""
    absent = iog.Cli(binary="/nowhere/iog")
    for book in (
        lambda: iog.Order.create(gpus=1, hours=1, gpu_class=1, cli=absent),
        lambda: iog.Order("x", absent).extend(1),
        lambda: iog.Cluster(gpus=1, hours=1, cli=absent).create(),
        lambda: iog.Cluster(gpus=1, hours=1, cli=absent).scale(2),
        lambda: iog.Cluster(gpus=1, hours=1, cli=absent).end(),
    ):
        with pytest.raises((iog.UsageError, iog.NotInstalled)) as caught:
            book()
        if isinstance(caught.value, iog.UsageError):
            assert "pass yes=True" in str(caught.value)


def test_secrets_go_by_a_pipe_and_by_nothing_else(cli: iog.Cli, tmp_path: Path) -> None:
    """The real command takes the value from the pipe that its line names: with one that is too long it tells its bytes."""
    job = iog.Job(["true"], secrets=["TOKEN"])
    with pytest.raises(iog.UsageError, match="65537 bytes"):
        iog.Order.create(job=job, secrets={"TOKEN": "x" * 65_537}, gpus=1, hours=1, gpu_class=1, yes=True, cli=cli)
    # All 64 KiB are read: what stops it then is the endpoint.
    witness = ["http://127.0.0.2:1"]
    with pytest.raises(iog.RpcError):
        iog.Order.create(
            job=job, secrets={"TOKEN": b"x" * 65_536}, gpus=1, hours=1, gpu_class=1, witness_urls=witness, yes=True, cli=cli
        )
    with pytest.raises(iog.UsageError, match="names no secret OTHER"):
        iog.Order.create(job=job, secrets={"OTHER": "x"}, gpus=1, hours=1, gpu_class=1, witness_urls=witness, yes=True, cli=cli)


def test_an_interruption_ends_the_command() -> None:
    """In a process of its own, which a signal meets in the middle of a command that would run for ever."""
    program = (
        "import iog, sys\n"
        "from iog.command import Running\n"
        "with Running(iog.Cli(binary='sleep', progress=None), ['600']) as running:\n"
        "    print(running.process.pid, flush=True)\n"
        "    running.succeed()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        pid = int(child.stdout.readline())
        child.send_signal(signal.SIGINT)
        assert child.wait(30) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_command_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iog.command.END_SECS", 0.2)
    stubborn = ["-c", "trap '' INT; echo ready; while :; do sleep 1; done"]
    running = Running(iog.Cli(binary="sh", progress=None), stubborn)
    assert running.stdout.readline() == b"ready\n"
    running.end()
    assert running.process.returncode == -signal.SIGKILL


def test_an_order_that_is_named_before_it_is_sent_is_remembered() -> None:
    address = "4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    script = f"echo 'order {address} (id 7)' >&2; echo 'iog: the wait is over: order stands' >&2; exit 5"
    with Running(iog.Cli(binary="sh", progress=None), ["-c", script]) as running:
        with pytest.raises(iog.OutcomeUnknown, match="the wait is over") as caught:
            running.succeed()
    assert caught.value.order == address


def test_progress_goes_where_it_is_asked_for() -> None:
    told: list[str] = []
    with Running(iog.Cli(binary="sh", progress=told.append), ["-c", "echo a >&2; echo 'iog: b' >&2; exit 3"]) as running:
        with pytest.raises(iog.Refused, match="^b$"):
            running.succeed()
    assert told == ["a"]


def test_what_cannot_be_ended_is_said_with_the_line_that_ends_it() -> None:
    nobody = iog.Cli(binary="false", url="http://127.0.0.1:1", progress=None)
    with pytest.raises(iog.StillBooked, match="goes on costing until you run") as caught:
        iog.Order("4Nd1m", nobody, ends_at_exit=True).__exit__(None, None, None)
    assert caught.value.commands[0] == "iog -u http://127.0.0.1:1 order end 4Nd1m"


def test_an_outside_driver_is_warned_of() -> None:
    """redteam mesh M8"""
    cluster = iog.Cluster(name="tank", gpus=1, hours=1, cli=iog.Cli(binary="false", progress=None))
    for ask in (lambda: cluster.address, cluster.init):
        with warnings.catch_warnings(record=True) as caught, pytest.raises(iog.Error):
            warnings.simplefilter("always")
            ask()
        [warning] = caught
        assert warning.category is iog.OutsideDriverWarning
        assert "iog cluster shell tank" in str(warning.message)
        assert warning.filename == __file__


def test_the_token_stays_on_loopback(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    for url in ("https://ray.example.com", "http://10.77.0.1:8265", "http://127.0.0.1.example.com:1"):
        with pytest.raises(iog.UsageError, match="loopback"):
            iog.RayJobs(url, token)
    with pytest.raises(iog.RayError, match="does not answer"):
        iog.RayJobs("http://127.0.0.1:1", token).list()


def test_a_redirect_gets_no_token(tmp_path: Path) -> None:
    """A head that sends its asker elsewhere is refused: a real server, and a second one that must hear nothing."""
    import http.server

    heard: list[str] = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            if self.path.startswith("/api"):
                self.send_response(307)
                self.send_header("Location", f"http://127.0.0.1:{port}/stolen")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        token = tmp_path / "token"
        token.write_text("secret")
        with pytest.raises(iog.RayError, match="307"):
            iog.RayJobs(f"http://127.0.0.1:{port}", token).list()
        server.shutdown()
        thread.join()
    assert heard == ["/api/jobs/"]


class _Talkative(ray_jobs.RayJobs):
    """A head whose job runs for a while and writes more than is read."""

    def __init__(self) -> None:
        self.states = ["RUNNING", "SUCCEEDED", "SUCCEEDED"]

    def _json(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Any:
        if path.endswith("/logs"):
            raise ray_jobs.TooLong(f"{path} answers with too much")
        return {"submission_id": "a", "status": self.states.pop(0)}


def test_a_log_that_is_too_long_ends_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_jobs, "POLL_SECS", 0)
    head = _Talkative()
    shown = "".join(head.job("a").follow())
    assert "is not shown" in shown and head.states == ["SUCCEEDED"]


def test_only_the_jobs_own_folder_is_sent(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "job"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/config").write_text("secret")
    (folder / "run.py").write_text("print(1)")
    name, content = ray_jobs.packed(folder)
    assert b".git" not in content and b"run.py" in content
    assert (name, content) == ray_jobs.packed(folder)
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(iog.UsageError, match="leads out"):
        ray_jobs.packed(folder)
    for everything in (home, Path("/")):
        with pytest.raises(iog.UsageError, match="all that you have"):
            ray_jobs.packed(everything)


def test_strangers_text_does_not_steer_the_terminal() -> None:
    """redteam mesh M7: of S4, for what jobs write"""
    assert iog.printable("a\x1b[2Jb\r\nü") == "a\\x1b[2Jb\\r\nü"
