#!/usr/bin/python3
"""Losses and gradients of one batch on one core: ours, PyTorch's, and the machine's fp32 peak.

train_speed.py [BUILD]      needs python3-torch; by CPU time, the best of several, all in one run
"""
import json
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SIZES = {"tiny": (2, 128, 2), "mini": (4, 256, 4)}
VOCAB, SEQUENCES, LENGTH = 30522, 32, 128


class Layer(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(hidden, hidden) for _ in range(4))
        self.inner, self.outer = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)
        self.norm1, self.norm2 = nn.LayerNorm(hidden, 1e-12), nn.LayerNorm(hidden, 1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        q, k, v = (f(x).reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)
                   for f in (self.q, self.k, self.v))
        p = self.drop((q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1))
        x = self.norm1(x + self.drop(self.out((p @ v).transpose(1, 2).reshape(x.shape))))
        return self.norm2(x + self.drop(self.outer(F.gelu(self.inner(x)))))


class Bert(nn.Module):
    def __init__(self, layers, hidden, heads):
        super().__init__()
        self.word, self.position = nn.Embedding(VOCAB, hidden), nn.Embedding(512, hidden)
        self.token_type, self.norm = nn.Embedding(2, hidden), nn.LayerNorm(hidden, 1e-12)
        self.layers = nn.ModuleList(Layer(hidden, heads) for _ in range(layers))
        self.drop = nn.Dropout(0.1)
        self.transform, self.last = nn.Linear(hidden, hidden), nn.LayerNorm(hidden, 1e-12)
        self.bias = nn.Parameter(torch.zeros(VOCAB))
        self.pooler, self.next = nn.Linear(hidden, hidden), nn.Linear(hidden, 2)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids, types, masked, labels, follows):
        positions = torch.arange(ids.shape[1])
        x = self.drop(self.norm(self.word(ids) + self.position(positions) + self.token_type(types)))
        for layer in self.layers:
            x = layer(x)
        # On the masked rows only, which the scripts of the originals do not even do.
        h = self.last(F.gelu(self.transform(x.reshape(-1, x.shape[-1])[masked])))
        mlm = F.cross_entropy(h @ self.word.weight.T + self.bias, labels)
        return mlm + F.cross_entropy(self.next(torch.tanh(self.pooler(x[:, 0]))), follows)


def torch_seconds(name, n_masked):
    torch.manual_seed(1)
    model = Bert(*SIZES[name])
    ids = torch.randint(VOCAB, (SEQUENCES, LENGTH))
    types = (torch.arange(LENGTH) >= LENGTH // 2).long().expand(SEQUENCES, LENGTH)
    masked = torch.randperm(SEQUENCES * LENGTH)[:n_masked].sort().values
    labels = torch.randint(VOCAB, (n_masked,))
    follows = torch.arange(SEQUENCES) % 2
    best = 1e9
    for _ in range(6):
        start = time.process_time()
        model.zero_grad(set_to_none=False)
        model(ids, types, masked, labels, follows).backward()
        best = min(best, time.process_time() - start)
    return best


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    peak = float(subprocess.check_output([f"{build}/tests/fp32_peak"]))
    print(f"fp32 peak of a core {peak:.0f} GF/s; {SEQUENCES} sequences of {LENGTH}")
    for name in SIZES:
        ours = json.loads(subprocess.check_output(
            [f"{build}/tests/bert_speed", name, "1", str(SEQUENCES), str(LENGTH)],
            env={"OPENBLAS_NUM_THREADS": "1"}))
        theirs = torch_seconds(name, ours["masked"])
        rate = ours["gflop"] / ours["cpu_seconds"]
        print(f"{name}: {ours['tokens'] / ours['cpu_seconds']:.0f} tokens/s, {rate:.0f} GF/s = "
              f"{100 * rate / peak:.0f} % of the peak; PyTorch {torch.__version__} "
              f"{ours['tokens'] / theirs:.0f} tokens/s, {ours['gflop'] / theirs:.0f} GF/s: "
              f"{theirs / ours['cpu_seconds']:.2f} times faster")


main()
