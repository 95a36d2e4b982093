"""BERT and its optimisers in PyTorch, in double, from the papers: what the trainer is compared with.

torch_reference.py gradients CONFIG WEIGHTS SHARD GRADIENTS MLM_LOSS NSP_LOSS
torch_reference.py steps CONFIG WEIGHTS SHARD OPTIMIZER RATE N_STEPS WEIGHTS_AFTER
torch_reference.py tune CONFIG WEIGHTS FEATURES RATE N_STEPS WEIGHTS_AFTER
"""
import json
import struct
import sys

import h5py
import numpy as np
import torch
from torch.nn import functional as F


def read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    header.pop("__metadata__", None)
    return {name: torch.tensor(np.frombuffer(data[8 + n + t["data_offsets"][0]:
                                                  8 + n + t["data_offsets"][1]], np.float32)
                               .astype(np.float64).reshape(t["shape"]))
            for name, t in header.items()}


class Rows:
    """A shard as padded rows with an attention mask; packed rows attend inside a sequence only."""

    def __init__(self, path):
        with h5py.File(path, "r") as f:
            data = {name: torch.tensor(f[name][()].astype(np.int64)) for name in f}
        self.ids, self.types, mask = data["input_ids"], data["segment_ids"], data["input_mask"]
        n, length = self.ids.shape
        self.allowed = (mask[:, :, None] == mask[:, None, :]) & (mask[:, None, :] > 0)
        self.positions = data.get("positions", torch.arange(length).expand(n, length))
        self.labels = torch.full((n, length), -1)
        for row in range(n):
            for at, token in zip(data["masked_lm_positions"][row], data["masked_lm_ids"][row]):
                if at == 0:
                    break
                self.labels[row, at] = token
        if "positions" in data:
            self.firsts = data["next_sentence_positions"]
            self.next = torch.where(data["next_sentence_weights"] == 1,
                                    data["next_sentence_labels"], -1)
        else:
            self.firsts = torch.zeros(n, 1, dtype=torch.int64)
            self.next = data["next_sentence_labels"].reshape(n, 1)


class Features:
    """Rows of fine-tuning; what they are to be answered with is in `data`."""

    def __init__(self, path):
        with h5py.File(path, "r") as f:
            self.data = {name: torch.tensor(f[name][()]) for name in f}
        self.ids, self.types = (self.data[n].long() for n in ("input_ids", "segment_ids"))
        self.mask = self.data["input_mask"] > 0
        n, length = self.ids.shape
        self.allowed = self.mask[:, None, :].expand(n, length, length)
        self.positions = torch.arange(length).expand(n, length)


def linear(w, x, name):
    return F.linear(x, w[name + ".weight"], w[name + ".bias"])


def norm(w, config, x, name):
    return F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"],
                        config.get("layer_norm_eps", 1e-12))


def gelu_of(config):
    return (lambda x: F.gelu(x, approximate="tanh")) \
        if config.get("hidden_act") == "gelu_new" else F.gelu


def encode(w, config, rows):
    heads = config["num_attention_heads"]
    gelu = gelu_of(config)

    def split(x):
        return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)

    e = "bert.embeddings."
    x = norm(w, config, w[e + "word_embeddings.weight"][rows.ids] +
             w[e + "position_embeddings.weight"][rows.positions] +
             w[e + "token_type_embeddings.weight"][rows.types], e + "LayerNorm")
    for i in range(config["num_hidden_layers"]):
        p = f"bert.encoder.layer.{i}."
        q, k, v = (split(linear(w, x, p + "attention.self." + n)) for n in ("query", "key", "value"))
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        scores = scores.masked_fill(~rows.allowed[:, None], -1e9)
        context = (scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
        x = norm(w, config, x + linear(w, context, p + "attention.output.dense"),
                 p + "attention.output.LayerNorm")
        y = linear(w, gelu(linear(w, x, p + "intermediate.dense")), p + "output.dense")
        x = norm(w, config, x + y, p + "output.LayerNorm")
    return x


def pooled(w, first):
    return torch.tanh(linear(w, first, "bert.pooler.dense"))


def losses(w, config, rows):
    x = encode(w, config, rows)
    hidden = norm(w, config, gelu_of(config)(linear(w, x, "cls.predictions.transform.dense")),
                  "cls.predictions.transform.LayerNorm")
    logits = hidden @ w["bert.embeddings.word_embeddings.weight"].T + w["cls.predictions.bias"]
    mlm = F.cross_entropy(logits.flatten(0, 1), rows.labels.flatten(), ignore_index=-1)
    first = torch.gather(x, 1, rows.firsts[:, :, None].expand(-1, -1, x.shape[-1]))
    answer = linear(w, pooled(w, first), "cls.seq_relationship")
    return mlm, F.cross_entropy(answer.flatten(0, 1), rows.next.flatten(), ignore_index=-1)


def tuned_loss(w, config, rows):
    x, data = encode(w, config, rows), rows.data
    if "qa_outputs.weight" in w:
        logits = linear(w, x, "qa_outputs").masked_fill(~rows.mask[:, :, None], -1e9)
        return (F.cross_entropy(logits[:, :, 0], data["start_positions"].long()) +
                F.cross_entropy(logits[:, :, 1], data["end_positions"].long())) / 2
    logits = linear(w, pooled(w, x[:, 0]), "classifier")
    if logits.shape[1] == 1:
        return F.mse_loss(logits[:, 0], data["label_ids"].double())
    return F.cross_entropy(logits, data["label_ids"].long())


def names_of(w):
    return {n.replace("dense_act", "dense"): t for n, t in w.items()
            if n != "cls.predictions.decoder.weight"}


def close(got, want, tolerance, what, floor=0.0):
    far = (got - want).abs().max().item() / max(want.abs().max().item(), floor)
    assert far <= tolerance, f"{what} is {far:.2e} of its largest value away"
    return far


def gradients(config, w, rows, grads, mlm, nsp):
    for t in w.values():
        t.requires_grad_()
    own = losses(w, config, rows)
    for got, want in ((mlm, own[0].item()), (nsp, own[1].item())):
        assert abs(float(got) - want) <= 1e-6 * want, (got, want)
    sum(own).backward()
    largest = max(t.grad.abs().max().item() for t in w.values())
    grads = read_safetensors(grads)
    assert sorted(grads) == sorted(w)
    # The gradient of a key's bias is 0 but for rounding: softmax does not see a common shift.
    print("worst gradient", max(close(grads[n], w[n].grad, 1e-5, n,
                                      largest if n.endswith("self.key.bias") else 0) for n in w))


def lamb(w, state, rate, step):
    norm = sum((t.grad ** 2).sum() for t in w.values()).sqrt()
    for name, t in w.items():
        g = t.grad / max(norm, 1.0)
        m, v = state.setdefault(name, [torch.zeros_like(t), torch.zeros_like(t)])
        m.mul_(0.9).add_(0.1 * g)
        v.mul_(0.999).add_(0.001 * g * g)
        u = m / (1 - 0.9 ** step) / ((v / (1 - 0.999 ** step)).sqrt() + 1e-6)
        if "bias" in name or "LayerNorm" in name:
            t.data -= rate * u
        else:
            u = u + 0.01 * t.data
            t.data -= rate * t.data.norm() / u.norm() * u


def adamw_of(w):
    bare = [t for n, t in w.items() if "bias" in n or "LayerNorm" in n]
    rest = [t for n, t in w.items() if not ("bias" in n or "LayerNorm" in n)]
    return torch.optim.AdamW([{"params": rest, "weight_decay": 0.01},
                              {"params": bare, "weight_decay": 0.0}], lr=1, eps=1e-6)


def steps(config, w, rows, optimizer, rate, n_steps, after):
    for t in w.values():
        t.requires_grad_()
    adamw, state = adamw_of(w), {}
    for step in range(1, int(n_steps) + 1):
        adamw.zero_grad()
        sum(losses(w, config, rows)).backward()
        if optimizer == "lamb":
            lamb(w, state, float(rate), step)
        else:
            torch.nn.utils.clip_grad_norm_(w.values(), 1.0)
            for group in adamw.param_groups:
                group["lr"] = float(rate)
            adamw.step()
    after = read_safetensors(after)
    # A key's bias moves by the sign of its rounding errors: its first moments are all rounding.
    print("worst weight", max(close(after[n], w[n].data, 1e-4, n, 0.1)
                              for n in w if not n.endswith("self.key.bias")))


def tune(config, w, rows, rate, n_steps, after):
    """Adam without bias correction, a constant rate, all rows a step."""
    state = {n: [torch.zeros_like(t), torch.zeros_like(t)] for n, t in w.items()}
    for t in w.values():
        t.requires_grad_()
    for _ in range(int(n_steps)):
        for t in w.values():
            t.grad = None
        tuned_loss(w, config, rows).backward()
        norm_of_all = sum((t.grad ** 2).sum() for t in w.values()).sqrt()
        for name, t in w.items():
            g = t.grad / max(norm_of_all, 1.0)
            m, v = state[name]
            m.mul_(0.9).add_(0.1 * g)
            v.mul_(0.999).add_(0.001 * g * g)
            decay = 0 if "bias" in name or "LayerNorm" in name else 0.01
            t.data -= float(rate) * (m / (v.sqrt() + 1e-6) + decay * t.data)
    after = read_safetensors(after)
    assert sorted(after) == sorted(w)
    print("worst weight", max(close(after[n], w[n].data, 1e-4, n, 0.1)
                              for n in w if not n.endswith("self.key.bias")))


if __name__ == "__main__":
    command, config, weights, shard, *values = sys.argv[1:]
    torch.set_num_threads(1)
    with open(config) as f:
        config = json.load(f)
    {"gradients": gradients, "steps": steps, "tune": tune}[command](
        config, names_of(read_safetensors(weights)),
        (Features if command == "tune" else Rows)(shard), *values)
