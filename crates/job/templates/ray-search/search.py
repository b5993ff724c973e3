"""Looks for the hyper-parameters of a small model: random search, then the better half of the settings with more steps, until one is left.

    python3 search.py            on a Ray cluster: every trial is a task
    python3 search.py --alone    in this process, without Ray: the same settings, the same result
"""

import json
import math
import os
import pathlib
import random
import socket
import sys

TRIALS = int(os.environ.get("TRIALS", "32"))
TRIAL_GPUS = float(os.environ.get("TRIAL_GPUS", "0"))
FIRST_STEPS = 20


def settings(number):
    """Of a trial: the same for the same number, wherever and whenever it is reckoned."""
    dice = random.Random(number)
    return {"rate": 10 ** dice.uniform(-3, 0.5), "decay": 10 ** dice.uniform(-5, -1)}


def points(seed, rows):
    dice = random.Random(seed)
    for _ in range(rows):
        x = [dice.gauss(0, 1) for _ in range(4)]
        chance = 1 / (1 + math.exp(-(2 * x[0] - x[1] + 0.5 * x[2] * x[3])))
        yield [1.0, *x, x[2] * x[3]], dice.random() < chance


def trial(number, steps):
    """Trains a logistic regression by gradient descent, and returns its loss on other points. Plain data, nothing pickled of one's own."""
    chosen = settings(number)
    train, test = list(points(1, 120)), list(points(2, 200))
    weights = [0.0] * 6
    guess = lambda x: 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(w * v for w, v in zip(weights, x))))))
    for _ in range(steps):
        slope = [chosen["decay"] * w for w in weights]
        for x, is_one in train:
            error = (guess(x) - is_one) / len(train)
            slope = [s + error * v for s, v in zip(slope, x)]
        weights = [w - chosen["rate"] * s for w, s in zip(weights, slope)]
    loss = -sum(math.log(guess(x) if is_one else 1 - guess(x)) for x, is_one in test) / len(test)
    return {"trial": number, "steps": steps, "loss": loss, "where": socket.gethostname()}


def search(run):
    left, steps, rounds = list(range(TRIALS)), FIRST_STEPS, []
    while True:
        results = sorted(run(left, steps), key=lambda result: (result["loss"], result["trial"]))
        rounds.append(results)
        print(f"{len(left)} trials of {steps} steps: best loss {results[0]['loss']:.6f}", flush=True)
        if len(left) <= 1:
            return rounds
        left, steps = [result["trial"] for result in results[: len(left) // 2]], steps * 2


def alone(numbers, steps):
    return [trial(number, steps) for number in numbers]


def on_ray(numbers, steps):
    import ray

    def here(number, steps):
        result = trial(number, steps)
        result["where"] = ray.util.get_node_ip_address()
        return result

    task = ray.remote(num_gpus=TRIAL_GPUS, max_retries=3, scheduling_strategy="SPREAD")(here)
    return ray.get([task.remote(number, steps) for number in numbers])


def main():
    rounds = search(alone if "--alone" in sys.argv else on_ray)
    best = rounds[-1][0]
    places = sorted({result.pop("where") for results in rounds for result in results})
    out = pathlib.Path(os.environ.get("IOG_OUTPUT_DIR", ".")) / "search.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"best": best, "settings": settings(best["trial"]), "places": places, "rounds": rounds}, indent=1))
    print(f"best: trial {best['trial']}, {settings(best['trial'])}, loss {best['loss']:.6f}; reckoned at {', '.join(places)}")


if __name__ == "__main__":
    main()
