"""Batch inference over shards: this device's part of the texts, a vector for each.

    python3 embed.py MODEL                 on the devices; reads `texts`
    python3 embed.py --join FOLDER FILE    at home; puts the parts together
"""

import hashlib
import json
import math
import os
import pathlib
import re
import sys

BATCH = 256


def texts(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            line = json.loads(line)["text"]
        if line:
            yield line


def hashing(places):
    """Words' signed hashes, summed and scaled to length 1 (Weinberger and others, 2009): a vector without a model."""

    def encode(batch):
        for text in batch:
            vector = [0.0] * places
            for word in re.findall(r"\w+", text.lower()):
                number = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
                vector[number % places] += 1.0 if number >> 63 else -1.0
            length = math.sqrt(sum(value * value for value in vector)) or 1.0
            yield [value / length for value in vector]

    return encode


def model(name):
    from vllm import LLM

    llm = LLM(model=name, runner="pooling")
    return lambda batch: (output.outputs.embedding for output in llm.embed(batch))


def embed(name):
    rank, world = int(os.environ.get("IOG_RANK", "0")), int(os.environ.get("IOG_WORLD_SIZE", "1"))
    encode = hashing(int(name.partition(":")[2])) if name.startswith("hashing:") else model(name)
    mine = [(number, text) for number, text in enumerate(texts(pathlib.Path("texts"))) if number % world == rank]
    out = pathlib.Path(os.environ.get("IOG_OUTPUT_DIR", ".")) / f"part-{rank:04}-of-{world:04}.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    with unfinished.open("w") as part:
        for first in range(0, len(mine), BATCH):
            batch = mine[first : first + BATCH]
            for (number, _), vector in zip(batch, encode([text for _, text in batch])):
                part.write(json.dumps({"number": number, "vector": vector}) + "\n")
            print(f"{min(first + BATCH, len(mine))} of {len(mine)} texts", flush=True)
    unfinished.rename(out)


def join(folder, to):
    """In the order of the texts; a part that is missing is told, not left out."""
    parts = sorted(pathlib.Path(folder).rglob("part-*-of-*.jsonl"))
    names = {part.name for part in parts}
    world = int(parts[0].stem.rpartition("-")[2]) if parts else 1
    missing = [name for name in (f"part-{rank:04}-of-{world:04}.jsonl" for rank in range(world)) if name not in names]
    if missing or len(names) != world:
        raise SystemExit(f"of {world} parts these are missing, or others are there: {', '.join(missing) or folder}")
    lines = {}
    for part in parts:
        for line in part.read_text().splitlines():
            lines[json.loads(line)["number"]] = line
    if sorted(lines) != list(range(len(lines))):
        raise SystemExit("texts are missing: a device has had other texts than the rest")
    pathlib.Path(to).write_text("".join(lines[number] + "\n" for number in sorted(lines)))
    print(f"{len(lines)} vectors in {to}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--join", folder, to]:
            join(folder, to)
        case [name]:
            embed(name)
        case _:
            raise SystemExit(__doc__)
