"""Trains a small network on all cards of an order together: put your own model, data and loss where this one's are.

A process for each card, or one where there is none. Each takes its part of every batch; DistributedDataParallel averages the gradients,
so that the weights come out as those of one process with the whole batch, but for rounding.
"""

import json
import os
import pathlib

import torch
from torch import distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel

EPOCHS = int(os.environ.get("EPOCHS", "100"))
BATCH = int(os.environ.get("BATCH", "64"))
LEARNING_RATE = float(os.environ.get("LEARNING_RATE", "0.05"))
OUT = pathlib.Path(os.environ.get("IOG_OUTPUT_DIR", "."))


def data(rows=512):
    """Two spirals: no straight line tells them apart."""
    random = torch.Generator().manual_seed(7)
    kind = torch.arange(rows) % 2
    turn = torch.rand(rows, generator=random) * 6 + 0.5
    angle = turn + kind * torch.pi
    points = torch.stack([turn * torch.cos(angle), turn * torch.sin(angle)], dim=1) / 6
    return points + torch.randn(rows, 2, generator=random) * 0.01, kind


def network():
    torch.manual_seed(11)
    return nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))


def train(card, cards, machine, machines):
    rank, world = machine * cards + card, machines * cards
    if BATCH % world:
        raise SystemExit(f"BATCH is {BATCH}; choose one that {world} processes share evenly")
    on_card = torch.cuda.is_available()
    device = torch.device("cuda", card) if on_card else torch.device("cpu")
    if world > 1:
        # The others are found at MASTER_ADDR and MASTER_PORT.
        distributed.init_process_group("nccl" if on_card else "gloo", rank=rank, world_size=world)
    model = network().to(device)
    shared = DistributedDataParallel(model) if world > 1 else model
    points, kinds = (tensor.to(device) for tensor in data())
    optimiser = torch.optim.SGD(shared.parameters(), lr=LEARNING_RATE, momentum=0.9)
    loss_of = nn.CrossEntropyLoss()
    order = torch.Generator().manual_seed(13)
    for epoch in range(1, EPOCHS + 1):
        shuffled = torch.randperm(len(points), generator=order)
        for batch in shuffled[: len(shuffled) - len(shuffled) % BATCH].split(BATCH):
            mine = batch[rank::world].to(device)
            optimiser.zero_grad()
            loss_of(shared(points[mine]), kinds[mine]).backward()
            optimiser.step()
        if rank == 0 and epoch % 10 == 0:
            print(f"epoch {epoch}: loss {loss_of(model(points), kinds).item():.4f}", flush=True)
    if rank == 0:
        guesses = model(points)
        right = (guesses.argmax(1) == kinds).float().mean().item()
        save(model, loss_of(guesses, kinds).item(), right, world)
    if world > 1:
        distributed.barrier()
        distributed.destroy_process_group()


def save(model, loss, right, world):
    """A model that `torch.load(..., weights_only=True)` reads, and what may be read without PyTorch."""
    OUT.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), OUT / "model.pt")
    weights = {name: tensor.flatten().tolist() for name, tensor in model.state_dict().items()}
    result = {"loss": loss, "right": right, "processes": world, "weights": weights}
    (OUT / "result.json").write_text(json.dumps(result))
    print(f"trained by {world} processes: loss {loss:.4f}, {right:.1%} right", flush=True)


def main():
    cards = max(1, torch.cuda.device_count())
    machine, machines = int(os.environ.get("IOG_RANK", "0")), int(os.environ.get("IOG_WORLD_SIZE", "1"))
    if machines > 1 and "IOG_ADDRESS" not in os.environ:
        raise SystemExit(f"the machines are not connected: {os.environ.get('IOG_NO_MESH', 'there is no IOG_ADDRESS')}")
    if cards == 1:
        train(0, 1, machine, machines)
    else:
        multiprocessing.spawn(train, (cards, machine, machines), nprocs=cards)


if __name__ == "__main__":
    main()
