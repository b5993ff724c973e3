"""The Jobs API of a real Ray head with a token, without a mesh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import RayHead

import iog

pytestmark = pytest.mark.ray


@pytest.fixture
def jobs(ray_head: RayHead) -> iog.RayJobs:
    return iog.RayJobs(ray_head.url, ray_head.token_path)


def test_a_driver_runs_inside_with_its_folder(jobs: iog.RayJobs, tmp_path: Path) -> None:
    """redteam mesh M8: nothing is unpickled here; the result is a file."""
    folder, out = tmp_path / "job", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "part.py").write_text("def part(n):\n    return n * n\n")
    (folder / "main.py").write_text(
        "import json, os, ray\nfrom part import part\nray.init()\n"
        "found = ray.get([ray.remote(part).remote(n) for n in range(4)])\n"
        "print('found', found)\njson.dump(found, open(os.environ['OUT'] + '/found.json', 'w'))\n"
    )
    env = {"OUT": str(out)}
    job = jobs.submit("python main.py", working_dir=folder, env=env, metadata={"by": "test"})
    text = "".join(job.follow(timeout_secs=120))
    assert "found [0, 1, 4, 9]" in text
    status = job.wait()
    assert (status.id, status.state, status.over) == (job.id, "SUCCEEDED", True)
    assert json.loads((out / "found.json").read_text()) == [0, 1, 4, 9]
    assert job.id in [one.id for one in jobs.list()]
    # The same folder is not sent again.
    again = jobs.submit("true", working_dir=folder)
    assert again.wait(timeout_secs=120).state == "SUCCEEDED"


def test_a_driver_that_fails_has_its_code(jobs: iog.RayJobs) -> None:
    job = jobs.submit("sh -c 'echo wrong >&2; exit 7'", submission_id="fails")
    assert job.id == "fails"
    with pytest.raises(iog.JobFailed, match="fails is FAILED") as caught:
        job.wait(timeout_secs=120)
    assert caught.value.code == 7
    assert "wrong" in job.logs()
    assert job.wait(check=False).state == "FAILED"
    with pytest.raises(iog.RayError, match="fails"):
        jobs.submit("true", submission_id="fails")


def test_a_driver_that_goes_on_is_stopped(jobs: iog.RayJobs) -> None:
    job = jobs.submit("sh -c 'echo on; exec sleep 600'")
    with pytest.raises(iog.Timeout, match="runs on"):
        job.wait(timeout_secs=1)
    job.stop()
    assert job.wait(timeout_secs=60, check=False).state == "STOPPED"


def test_without_the_token_nothing_is_told(ray_head: RayHead, tmp_path: Path) -> None:
    """redteam mesh M4: a token that is old opens nothing, and the new one is taken from its file at once."""
    token = tmp_path / "token"
    token.write_text("00" * 24)
    jobs = iog.RayJobs(ray_head.url, token)
    with pytest.raises(iog.RayError, match="connect again"):
        jobs.list()
    token.write_text(ray_head.token_path.read_text())
    assert isinstance(jobs.list(), list)


def test_a_job_that_is_not_there(jobs: iog.RayJobs) -> None:
    with pytest.raises(iog.RayError, match="404"):
        jobs.job("nowhere").status()
