"""A real Ray cluster of two devices: of the node here, or the one that stands and that CLUSTER names, as the lab does.

In a run of its own (-m lab): a device that was hired is taken for an hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
from conftest import EXAMPLES

import iog

pytestmark = pytest.mark.lab

RAY = Path(os.environ.get("IOG_RAY", "/nowhere"))
NODE = {"cpus": 1, "object_store": "100MiB"}
JOB = iog.Job(
    kind="ray",
    env={"PATH": f"{RAY}/bin:/usr/bin:/bin"},
    extra={"ray": {"head": NODE, "worker": NODE}},
    memory="2GiB",
    disk="512MiB",
)


def named() -> iog.Cli:
    return iog.Cli(url=os.environ.get("IOG_URL"), keypair=os.environ.get("IOG_KEYPAIR"), network=os.environ.get("IOG_NETWORK"))


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[iog.Cluster]:
    name = os.environ.get("CLUSTER")
    if name:
        yield iog.Cluster.get(name, named())
        return
    cli = request.getfixturevalue("node").cli("renter").with_progress(iog.command.to_stderr)
    with iog.Cluster(job=JOB, gpus=2, hours=1, gpu_class=2, pay="usdc", max_cost="0.5", yes=True, cli=cli) as made:
        yield made
    assert made.name not in [one["name"] for one in iog.Cluster.list(cli)]
    assert iog.Order(made.root, cli).show().over


def run(program: list[str], cluster: iog.Cluster, cwd: Path, **more: str) -> str:
    """As the cluster's renter runs it."""
    cli = cluster.cli
    env = {**os.environ, "CLUSTER": cluster.name, **more}
    given = {"IOG_URL": cli.url, "IOG_KEYPAIR": cli.keypair, "IOG_NETWORK": cli.network}
    env.update({name: str(value) for name, value in given.items() if value is not None})
    ran = subprocess.run(program, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_members_have_ranks_and_addresses(cluster: iog.Cluster) -> None:
    status = cluster.status()
    assert status.state == "running", status.record
    ranks = {member.rank: member.address for member in status.members}
    assert ranks[0] == "10.77.0.1" and len(ranks) >= 2
    assert iog.Cluster.get(cluster.name, cluster.cli).status().root_order == status.root_order


def test_the_example_uses_it_and_leaves_it_standing(cluster: iog.Cluster, tmp_path: Path) -> None:
    """redteam mesh M8: the driver runs inside, on all machines, and its result is a file."""
    told = run([sys.executable, str(EXAMPLES / "cluster.py")], cluster, tmp_path)
    [result] = (tmp_path / "results").rglob("squares.json")
    result = json.loads(result.read_text())
    assert result == {"sum": sum(n * n for n in range(8_000)), "nodes": len(cluster.status().members)}
    assert "rank" not in told and "running" in told
    assert cluster.status().state == "running"


def test_a_drivers_failure_is_raised(cluster: iog.Cluster) -> None:
    with pytest.raises(iog.JobFailed) as caught:
        cluster.submit("sh -c 'exit 7'")
    assert caught.value.code == 7
    job = cluster.submit("sleep 600", wait=False)
    job.stop()
    assert job.wait(timeout_secs=60, check=False).state == "STOPPED"


def test_a_driver_outside_works_and_is_warned_of(cluster: iog.Cluster, tmp_path: Path) -> None:
    """redteam mesh M8. With the cluster's own Python, which Ray's client asks for."""
    assert (cluster.token_path.stat().st_mode & 0o777) == 0o600
    assert cluster.dashboard.startswith("http://") and ".localhost:" in cluster.dashboard
    with pytest.warns(iog.OutsideDriverWarning, match="iog cluster shell"):
        assert cluster.address.startswith("ray://127.0.0.1:")
    if not os.environ.get("IOG_RAY"):
        pytest.fail("name an environment with the cluster's Ray by IOG_RAY")
    program = (
        "import os, warnings, iog\n"
        "cli = iog.Cli(**{k: os.environ.get('IOG_' + k.upper()) for k in ('url', 'keypair', 'network')}, progress=None)\n"
        "with iog.Cluster.get(os.environ['CLUSTER'], cli) as cluster, warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    cluster.init(logging_level='ERROR')\n"
        "    import ray\n"
        "    print(ray.get(ray.remote(lambda: 6 * 7).remote()), [w.category.__name__ for w in caught][:1])\n"
        "    ray.shutdown()\n"
    )
    source = str(Path(iog.__file__).parent.parent)
    told = run([str(RAY / "bin/python3"), "-c", program], cluster, tmp_path, PYTHONPATH=source)
    assert told.splitlines()[-1] == "42 ['OutsideDriverWarning']"
