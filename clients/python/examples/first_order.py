# %% [markdown]
# # A first order
#
# One GPU for an hour runs a small program, and its result comes back as a file. Run the cells in order, in Jupyter or an editor
# that knows `# %%`, or the whole as a program. It wants `iog` in PATH and a network: `iog network up` with a node, as the
# README of the repository has it, in the folder where `localnet/` is.

# %%
import json
import os
from pathlib import Path

import iog

folder = os.environ.get("LOCALNET", "localnet")
cli = iog.Cli(url=os.environ.get("IOG_URL", "localhost"), keypair=f"{folder}/renter.json", network=f"{folder}/network.toml")
# Class 2 is the local network's for one card.
want: iog.Terms = {"gpus": 1, "hours": 1, "gpu_class": 2, "pay": "usdc", "max_cost": "0.25"}

# %% [markdown]
# ## What it costs
# Money is exact: whole base units and decimals. `terms` says what is held, forgiven and lost.

# %%
quote = iog.Order.quote(cli=cli, **want)
print(f"{quote.total} for {quote.gpus} GPU and {quote.hours} h, fees included")
print(quote.terms["ending"])

# %% [markdown]
# ## The job
# `validate` refuses all that a device would refuse, before money moves.

# %%
Path("primes.py").write_text(
    """
import json, os
found = [n for n in range(2, 10_000) if all(n % d for d in range(2, int(n**0.5) + 1))]
print(f"found {len(found)} primes")
with open(os.path.join(os.environ["IOG_OUTPUT_DIR"], "primes.json"), "w") as file:
    json.dump({"count": len(found), "last": found[-1]}, file)
"""
)
job = iog.Job(["/usr/bin/python3", "primes.py"], inputs=["primes.py"], memory="256MiB", disk="256MiB", time_limit_secs=600)
print(job.validate(cli))

# %% [markdown]
# ## Booking it
# `yes=True` is the consent: nothing else asks. The block ends the order when it is left, whatever happens in it.

# %%
with iog.Order.create(job=job, yes=True, cli=cli, **want) as order:
    order.wait(timeout_secs=300)
    for piece in order.logs():
        print(iog.printable(piece.text), end="")
    files = order.download("results")

# %% [markdown]
# ## The result
# JSON, safetensors, or `torch.load(weights_only=True)`: a pickle from a stranger's machine would run its maker's code here.

# %%
result = json.loads(files[0].path.read_text())
print(f"{result['count']} primes, the last is {result['last']}")
