# %% [markdown]
# # A Ray cluster
#
# GPUs of several machines as one Ray cluster. Drivers run inside it, by Ray's Jobs API: objects from a Ray cluster are pickles,
# and reading one runs the code of any member, as you. What is wanted comes back as files.

# %%
import json
import os
import tempfile
from pathlib import Path

import iog

want: iog.Terms = json.loads(os.environ.get("WANT", '{"gpus": 8, "hours": 2, "pay": "usdc", "max_cost": "40"}'))
cli = iog.Cli(url=os.environ.get("IOG_URL"), keypair=os.environ.get("IOG_KEYPAIR"), network=os.environ.get("IOG_NETWORK"))
# One that stands already is used and left standing.
name = os.environ.get("CLUSTER")
job = os.environ.get("CLUSTER_JOB")

# %% [markdown]
# ## The program
# A driver with tasks on all machines. It reads and writes JSON.

# %%
folder = Path(tempfile.mkdtemp(prefix="squares-"))
(folder / "squares.py").write_text(
    """
import json, os, ray
ray.init()

@ray.remote
def squares(begin, end):
    return sum(n * n for n in range(begin, end))

parts = ray.get([squares.remote(begin, begin + 1_000) for begin in range(0, 8_000, 1_000)])
out = os.environ.get("IOG_OUTPUT_DIR", "/work/out")
with open(os.path.join(out, "squares.json"), "w") as file:
    json.dump({"sum": sum(parts), "nodes": len(ray.nodes())}, file)
print("done:", sum(parts))
"""
)

# %% [markdown]
# ## The cluster
# The block books it, waits until head and workers have joined, and ends it when it is left, also by an exception.

# %%
cluster = iog.Cluster.get(name, cli) if name else iog.Cluster(job=job, yes=True, cli=cli, **want)
with cluster:
    for member in cluster.status().members:
        print(member.rank, member.address, member.state)
    print("dashboard (the suppliers' pages):", cluster.dashboard)
    cluster.submit("python squares.py", working_dir=folder)
    files = cluster.download("results")

# %%
result = json.loads(next(file for file in files if file.path.name == "squares.json").path.read_text())
assert result["sum"] == sum(n * n for n in range(8_000))
print(result)
