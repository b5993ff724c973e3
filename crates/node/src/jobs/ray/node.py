"""One node of a Ray cluster, inside a job: `ray start --block`, and on the head the job's command by Ray's own Jobs API.

Run as `python3 -c <this> <configuration as JSON>` by the node's job side, which starts it again by the job's rule. Its end is the run's.
"""

import asyncio
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

CONFIG = json.loads(sys.argv[1])
ADDRESS = os.environ["IOG_ADDRESS"]
HEAD = "10.77.0.1"
HEAD_PORT, DASHBOARD_PORT, CLIENT_PORT = 6379, 8265, 10001
POLL_SECS = 0.5
# So long a head may give no answer to how its job stands.
SILENT_SECS = 120
# What Ray's own end is told by; the command's codes are its own.
RAY_ENDED = 75
# Of 128 + SIGTERM: the command was stopped through Ray.
STOPPED = 143


def say(text):
    print(f"iog: {text}", file=sys.stderr, flush=True)


def object_store_bytes():
    """What the job asked for, or four fifths of its shared memory: a larger store would spill into /tmp, which is memory, too."""
    shm = os.statvfs("/dev/shm")
    free = shm.f_bavail * shm.f_frsize
    return min(CONFIG["object_store_bytes"] or free, free * 4 // 5)


def arguments():
    store = object_store_bytes()
    memory = max(CONFIG["memory_bytes"] - store, 128 << 20)
    args = [
        "start",
        "--block",
        "--disable-usage-stats",
        f"--node-ip-address={ADDRESS}",
        f"--num-cpus={CONFIG['cpus']}",
        f"--num-gpus={CONFIG['gpus']}",
        f"--memory={memory}",
        f"--object-store-memory={max(store, 80 << 20)}",
        f"--resources={json.dumps(CONFIG['resources'])}",
        "--node-manager-port=7100",
        "--object-manager-port=7101",
        "--runtime-env-agent-port=7102",
        "--dashboard-agent-grpc-port=7103",
        "--dashboard-agent-listen-port=7104",
        "--metrics-export-port=7105",
        "--min-worker-port=7200",
        "--max-worker-port=7999",
    ]
    if not CONFIG["head"]:
        return args + [f"--address={HEAD}:{HEAD_PORT}"]
    # Forwards arrive at loopback, workers at the mesh address; nothing else leads into this network.
    return args + [
        "--head",
        f"--port={HEAD_PORT}",
        "--dashboard-host=0.0.0.0",
        f"--dashboard-port={DASHBOARD_PORT}",
        f"--ray-client-server-port={CLIENT_PORT}",
    ]


def wait_for_head():
    """A start that finds no head would cost an attempt; the head may come back after minutes."""
    told = False
    while True:
        try:
            socket.create_connection((HEAD, HEAD_PORT), timeout=5).close()
            return
        except OSError as error:
            if not told:
                say(f"waits for the head at {HEAD}:{HEAD_PORT} ({error})")
                told = True
            time.sleep(POLL_SECS)


def start():
    if not CONFIG["head"]:
        wait_for_head()
    say(f"ray start, {'head' if CONFIG['head'] else 'worker'} at {ADDRESS}")
    # Its own words are no part of what the command writes.
    return subprocess.Popen([shutil.which("ray"), *arguments()], stdin=subprocess.DEVNULL, stdout=sys.stderr)


def ended(ray):
    say(f"Ray ended here (code {ray.returncode})")
    return RAY_ENDED


def alive_nodes():
    with open(os.environ["RAY_AUTH_TOKEN_PATH"], encoding="ascii") as file:
        token = file.read().strip()
    request = urllib.request.Request(
        f"http://{ADDRESS}:{DASHBOARD_PORT}/nodes?view=summary", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        nodes = json.load(answer)["data"]["summary"]
    return sum(node.get("raylet", {}).get("state") == "ALIVE" for node in nodes)


def wait_for_nodes(ray):
    """Whether they came before Ray ended."""
    wanted, told = CONFIG["min_nodes"], None
    while ray.poll() is None:
        try:
            alive = alive_nodes()
        except (OSError, ValueError, KeyError, TypeError):
            alive = 0
        if alive >= wanted:
            return True
        if alive != told:
            say(f"{alive} of {wanted} nodes are there")
            told = alive
        time.sleep(POLL_SECS)
    return False


async def follow(client, job, ray):
    """Passes the job's log on until the job is over; a line that is cut is taken up where it was."""
    shown, answered = 0, time.monotonic()
    while ray.poll() is None:
        try:
            status = client.get_job_status(job)
        except Exception as error:  # A head that is busy is no head that is gone.
            if time.monotonic() - answered > SILENT_SECS:
                raise
            say(f"Ray does not tell how the job stands: {error}")
            await asyncio.sleep(5)
            continue
        passed, answered = 0, time.monotonic()
        try:
            async for piece in client.tail_job_logs(job):
                new = piece[max(shown - passed, 0) :]
                passed += len(piece)
                if new:
                    shown = passed
                    print(new, end="", flush=True)
        except Exception as error:  # Of any of Ray's clients: the status decides.
            say(f"the log is cut: {error}")
        if status.is_terminal():
            return
        await asyncio.sleep(POLL_SECS)


def run_command(ray):
    from ray.job_submission import JobStatus, JobSubmissionClient

    if not wait_for_nodes(ray):
        return ended(ray)
    client = JobSubmissionClient(f"http://{ADDRESS}:{DASHBOARD_PORT}")
    while True:
        try:
            job = client.submit_job(entrypoint=shlex.join(CONFIG["command"]))
            break
        except Exception as error:
            if ray.poll() is not None:
                return ended(ray)
            say(f"Ray does not take the job yet: {error}")
            time.sleep(2)
    say(f"submitted as {job}")
    try:
        asyncio.run(follow(client, job, ray))
        found = client.get_job_info(job)
    except Exception as error:
        if ray.poll() is None:
            say(f"Ray does not tell how the job stands: {error}")
        return ended(ray)
    say(f"{job} {found.status.lower()}")
    if found.status == JobStatus.SUCCEEDED:
        return 0
    if found.status == JobStatus.STOPPED:
        return STOPPED
    if found.message:
        # The rest is the log again.
        say(found.message.splitlines()[0])
    return found.driver_exit_code or 1


def main():
    ray = start()
    signal.signal(signal.SIGTERM, lambda *_: ray.terminate())
    if CONFIG["head"] and CONFIG["command"]:
        return run_command(ray)
    ray.wait()
    return ended(ray)


sys.exit(main())
