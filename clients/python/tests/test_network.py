"""On a local network with the built programs, without a node."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import Network, until

import iog

pytestmark = pytest.mark.network

WANT: iog.Terms = {"gpus": 1, "hours": 2, "gpu_class": 2, "pay": "usdc"}


def orders(network: Network) -> set[str]:
    return {order.order for order in iog.Order.list(renter=network.address("renter"), cli=network.cli("renter"))}


def test_a_quote_is_the_programs(network: Network) -> None:
    quote = iog.Order.quote(cli=network.cli("renter"), **WANT)
    # 0.2 USD an hour for 2 hours, and 225 basis points.
    assert (quote.rent.units, quote.total.units, quote.currency) == (400_000, 409_000, "USDC")
    assert quote.total.whole == Decimal("0.409")
    assert quote.match_deposit_lamports == 20_000
    assert set(quote.terms) == {"held", "forgiven", "bonded", "deposited", "cancelling", "ending"}


def test_a_booking_is_simulated_and_leaves_nothing(network: Network) -> None:
    before = orders(network)
    quote = iog.Order.simulate(cli=network.cli("renter"), **WANT)
    assert quote.deposit == quote.total
    assert orders(network) == before


def test_an_order_is_booked_seen_and_taken_back(network: Network) -> None:
    cli = network.cli("renter")
    job = iog.Job(["true"], memory="64MiB")
    limited = WANT.copy()
    limited["max_cost"] = Decimal("0.41")
    with iog.Order.create(job=job, wait=False, yes=True, cli=cli, **limited) as order:
        state = order.show()
        assert (state.state, state.gpus, state.hours) == ("open", 1, 2)
        assert state.deposited is not None and state.deposited.units == 409_000
        assert order.address in orders(network)
        assert iog.Order.get(order.address, cli).show() == state
        assert [one.order for one in iog.Order.list(state="open", cli=cli) if one.order == order.address]
    assert not until_over(network, order.address).waits
    # To end it again is no error.
    order.end(yes=True)


def until_over(network: Network, address: str) -> iog.OrderState:
    found: iog.OrderState = until("the order's end", lambda: _over(network, address), 30)
    return found


def _over(network: Network, address: str) -> iog.OrderState | None:
    state = iog.Order(address, network.cli("renter"))._state()
    return state if state.over else None


def test_an_exception_in_the_block_ends_the_order(network: Network) -> None:
    cli = network.cli("renter")
    with pytest.raises(ZeroDivisionError):
        with iog.Order.create(wait=False, yes=True, cli=cli, **WANT) as order:
            _ = 1 // 0
    assert until_over(network, order.address).over


def test_an_adopted_order_is_left_standing(network: Network) -> None:
    cli = network.cli("renter")
    made = iog.Order.create(wait=False, yes=True, cli=cli, **WANT)
    with iog.Order.get(made.address, cli):
        pass
    assert made.show().waits
    made.end(yes=True)
    assert until_over(network, made.address).over


def test_a_wait_without_devices_takes_the_order_back(network: Network) -> None:
    before = orders(network)
    with pytest.raises(iog.OutcomeUnknown, match="the wait is over") as caught:
        iog.Order.create(wait_secs=2, yes=True, cli=network.cli("renter"), **WANT)
    assert caught.value.order is not None
    assert until_over(network, caught.value.order).over
    assert not {one for one in orders(network) - before if iog.Order(one, network.cli("renter")).show().waits}


@pytest.mark.parametrize("moment", [" GPUs matched", "(id "])
def test_an_interrupted_creation_takes_the_order_back(network: Network, moment: str) -> None:
    """A program that gets Ctrl-C while it waits for devices, or while it sends, leaves nothing that costs in silence."""
    program = (
        "import iog, iog.order\n"
        "iog.order.APPEARS_SECS = 2\n"
        f"cli = iog.Cli(url={network.url!r}, keypair={str(network.folder / 'renter.json')!r},"
        f" network={str(network.folder / 'network.toml')!r})\n"
        "iog.Order.create(gpus=1, hours=2, gpu_class=2, pay='usdc', yes=True, cli=cli)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        said: list[str] = []
        for line in child.stderr:
            said.append(line)
            if moment in line:
                break
        child.send_signal(signal.SIGINT)
        said += child.stderr.readlines()
        assert child.wait(60) != 0
    text = "".join(said)
    [address] = {line.split()[1] for line in said if line.startswith("order ") and "(id " in line}
    assert "KeyboardInterrupt" in text
    if "StillBooked" in text:
        assert moment == "(id " and f"order cancel {address}" in text
    assert until_over(network, address).over


def test_too_low_a_limit_is_refused_and_books_nothing(network: Network) -> None:
    before, limited = orders(network), WANT.copy()
    limited["max_cost"] = "0.4"
    with pytest.raises(iog.Error, match="0.409"):
        iog.Order.create(wait=False, yes=True, cli=network.cli("renter"), **limited)
    assert orders(network) == before


def test_an_order_that_is_not_there(network: Network) -> None:
    absent = iog.Order(network.address("renter"), network.cli("renter"))
    with pytest.raises(iog.UsageError, match="iog order list"):
        absent.show()
    with pytest.raises(iog.Refused, match="does not run|running"):
        made = iog.Order.create(wait=False, yes=True, cli=network.cli("renter"), **WANT)
        with made:
            made.extend(1, yes=True)


def test_on_a_terminal_the_question_is_asked(network: Network) -> None:
    """No yes: the terminal is asked, and a no books nothing."""
    before = orders(network)
    program = (
        "import iog\n"
        f"cli = iog.Cli(url={network.url!r}, keypair={str(network.folder / 'renter.json')!r})\n"
        "try:\n"
        "    iog.Order.create(gpus=1, hours=2, gpu_class=2, pay='usdc', wait=False, cli=cli)\n"
        "except iog.UsageError as error:\n"
        "    print('REFUSED', error)\n"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", program], stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 4096)
        os.write(ours, b"n\n")
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                said += piece
        os.close(ours)
    assert b"Escrow 0.409 USDC" in said, said
    assert b"REFUSED not confirmed" in said, said
    assert orders(network) == before


def test_validation_needs_no_file_of_the_callers(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.txt").write_text("x")
    quote = iog.Order.quote(job=iog.Job(["true"], inputs=["data.txt"]), cli=network.cli("renter"), **WANT)
    assert quote.warnings == [] or all(isinstance(warning, str) for warning in quote.warnings)
    assert [path.name for path in tmp_path.iterdir()] == ["data.txt"]


def clusters(cli: iog.Cli) -> set[str]:
    return {cluster["name"] for cluster in iog.Cluster.list(cli)}


def test_a_cluster_that_does_not_form_is_ended(network: Network) -> None:
    cli = network.cli("renter")
    before = {order.order for order in iog.Order.list(renter=network.address("renter"), cli=cli) if not order.over}
    cluster = iog.Cluster(wait_secs=2, yes=True, cli=cli, **WANT)
    with pytest.raises(iog.OutcomeUnknown, match=f"iog cluster end {cluster.name}"):
        with cluster:
            raise AssertionError("there is no device")
    assert cluster.name not in clusters(cli)
    after = {order.order for order in iog.Order.list(renter=network.address("renter"), cli=cli) if not order.over}
    assert after == before


def test_a_cluster_that_is_refused_leaves_nothing(network: Network) -> None:
    cli = network.cli("renter")
    dear = WANT.copy()
    dear["max_cost"] = "0.4"
    with pytest.raises(iog.Refused, match="0.409"):
        iog.Cluster(yes=True, cli=cli, **dear).create()
    with pytest.raises(iog.UsageError, match="no cluster nobody: see iog cluster list"):
        iog.Cluster.get("nobody", cli)
    assert not clusters(cli)


def test_a_cluster_of_the_same_name_is_left_alone(network: Network) -> None:
    cli = network.cli("renter")
    args = ["--class", "2", "--gpus", "1", "--hours", "2", "--pay", "usdc", "--ray", "--wait-secs", "1"]
    with pytest.raises(iog.OutcomeUnknown):
        cli.json("cluster", "create", "--name", "first", *args, yes=True)
    with pytest.raises(iog.UsageError, match="there is a cluster first"):
        iog.Cluster(name="first", yes=True, cli=cli, **WANT).create()
    adopted = iog.Cluster.get("first", cli)
    assert iog.Order(adopted.status().root_order, cli).show().waits
    adopted.end(yes=True)
    assert "first" not in clusters(cli)


def test_an_interrupted_cluster_is_ended(network: Network) -> None:
    program = (
        "import iog\n"
        f"cli = iog.Cli(url={network.url!r}, keypair={str(network.folder / 'renter.json')!r},"
        f" network={str(network.folder / 'network.toml')!r})\n"
        "want = dict(gpus=1, hours=2, gpu_class=2, pay='usdc')\n"
        "with iog.Cluster(name='interrupted', yes=True, cli=cli, **want):\n    pass\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if " GPUs matched" in line:
                break
        assert "interrupted" in clusters(network.cli("renter"))
        child.send_signal(signal.SIGINT)
        text = child.stderr.read()
        assert child.wait(90) != 0
    assert "KeyboardInterrupt" in text and "StillBooked" not in text
    assert "interrupted" not in clusters(network.cli("renter"))
