"""With a node that serves: an order's whole life, and the example."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES, Network

import iog

pytestmark = pytest.mark.node

WANT: iog.Terms = {"gpus": 1, "hours": 1, "gpu_class": 2, "pay": "usdc"}
# It writes at once, waits for a word by exec, and leaves with a code of its own.
PROGRAM = """
echo begun with $(cat /run/iog/secrets/WORD | tr a-z A-Z)
while [ ! -e /work/go ]; do sleep 0.1; done
cat /work/go > /work/out/said
echo gone; exit 3
"""


def test_an_orders_life(node: Network, tmp_path: Path) -> None:
    cli = node.cli("renter")
    job = iog.Job(["sh", "-c", PROGRAM], secrets=["WORD"], memory="64MiB", disk="64MiB", time_limit_secs=300)
    with iog.Order.create(job=job, secrets={"WORD": "swordfish"}, wait_secs=240, yes=True, cli=cli, **WANT) as order:
        assert order.show().state == "active"
        [lease] = order.status()
        assert (lease.stage, lease.job, lease.place, lease.job_over) == ("running", "running", 0, False)
        pieces = order.logs(follow=True)
        first = next(piece for piece in pieces if piece.stream == "stdout")
        assert (first.text, first.lease) == ("begun with SWORDFISH\n", lease.lease)
        done = order.exec(["sh", "-c", "cat > /work/go; echo told; echo twice >&2; exit 9"], input=b"on we go")
        assert done == iog.ExecResult(9, b"told\n", b"twice\n")
        assert "gone\n" in [piece.text for piece in pieces]
        with pytest.raises(iog.JobFailed, match="exited 3") as caught:
            order.wait(timeout_secs=60)
        assert caught.value.code == 3
        [lease] = order.wait(check=False)
        assert (lease.exit_code, lease.job_over) == (3, True)
        [file] = order.download(tmp_path)
        assert (file.path.read_text(), file.size_bytes, file.new) == ("on we go", 8, True)
        assert not order.download(tmp_path)[0].new
        with pytest.raises(iog.Error, match="not run|no such|over|exited|Refused|refused"):
            order.exec(["true"])
        more = order.extend(1, max_cost="0.3", yes=True)
        assert (more.hours_added, more.total.units) == (1, 204_500)
    assert order.show().over


def test_the_example_runs(node: Network, tmp_path: Path) -> None:
    """As its reader runs it, in a folder of its own."""
    env = {**os.environ, "LOCALNET": str(node.folder), "IOG_URL": node.url}
    program = [sys.executable, str(EXAMPLES / "first_order.py")]
    ran = subprocess.run(program, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "0.2045 USDC for 1 GPU and 1 h" in ran.stdout
    assert ran.stdout.endswith("1229 primes, the last is 9973\n")
    [result] = (tmp_path / "results").rglob("primes.json")
    assert json.loads(result.read_text())["count"] == 1229
