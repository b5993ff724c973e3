"""On a cluster, which whoever runs these names: the lab does. See the README for the variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES

import iog

pytestmark = pytest.mark.lab


def example(tmp_path: Path) -> str:
    program = [sys.executable, str(EXAMPLES / "cluster.py")]
    ran = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=550, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_example_runs(tmp_path: Path) -> None:
    """It books a cluster by WANT (and CLUSTER_JOB), or takes the one that CLUSTER names."""
    assert str(sum(n * n for n in range(8_000))) in example(tmp_path)


def test_a_cluster_that_stands_is_used_and_left_standing(tmp_path: Path) -> None:
    """redteam mesh M8: the driver runs inside, its result is a file."""
    cli = iog.Cli(url=os.environ.get("IOG_URL"), keypair=os.environ.get("IOG_KEYPAIR"), network=os.environ.get("IOG_NETWORK"))
    name = os.environ.get("CLUSTER")
    assert name, "name a cluster that stands by CLUSTER"
    before = iog.Cluster.get(name, cli).status()
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "main.py").write_text(
        "import json, os, ray\nray.init()\n"
        "ips = {node['NodeManagerAddress'] for node in ray.nodes() if node['Alive']}\n"
        "json.dump(sorted(ips), open('/work/out/ips.json', 'w'))\n"
    )
    with iog.Cluster.get(name, cli) as cluster:
        cluster.submit("python main.py", working_dir=folder, timeout_secs=300)
        files = cluster.download(tmp_path / "results")
        with pytest.warns(iog.OutsideDriverWarning, match="iog cluster shell"):
            assert cluster.address.startswith("ray://127.0.0.1:")
        assert (cluster.token_path.stat().st_mode & 0o777) == 0o600
    [file] = [file for file in files if file.path.name == "ips.json"]
    assert set(json.loads(file.path.read_text())) <= {member.address for member in before.members}
    assert iog.Cluster.get(name, cli).status().members == before.members
