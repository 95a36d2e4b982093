"""BERT's encoder and heads in NumPy, in double, after the paper: what bert-predict is compared with.

predict_reference.py extract MODEL LAYERS SEQUENCES OURS    lines of extract_features.py
predict_reference.py masks MODEL MASK_ID SEQUENCES OURS     lines of fill-mask --json
predict_reference.py classes MODEL LABELS FEATURES OURS     test_results.tsv; LABELS in the order of the data
predict_reference.py spans MODEL - FEATURES OURS            saved logits

SEQUENCES: lines of `tokenize --pairs --json`. FEATURES: HDF5 of glue-features or squad-features.
"""
import json
import math
import struct
import sys

import numpy as np


def read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    header.pop("__metadata__", None)
    return {name.replace("dense_act", "dense"):
            np.frombuffer(data[8 + n + t["data_offsets"][0]:8 + n + t["data_offsets"][1]],
                          np.float32).astype(np.float64).reshape(t["shape"])
            for name, t in header.items()}


gelu = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))), otypes=[float])


class Bert:
    def __init__(self, folder):
        self.w = read_safetensors(folder + "/model.safetensors")
        with open(folder + "/config.json") as f:
            self.config = json.load(f)

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x ** 2).mean(-1, keepdims=True) + self.config.get("layer_norm_eps", 1e-12))
        return x * self.w[name + ".weight"] + self.w[name + ".bias"]

    def layers(self, ids, segments):
        """The output of every layer for one sequence."""
        n, heads = len(ids), self.config["num_attention_heads"]
        at = "bert.embeddings."
        x = self.norm(self.w[at + "word_embeddings.weight"][ids] +
                      self.w[at + "position_embeddings.weight"][:n] +
                      self.w[at + "token_type_embeddings.weight"][segments], at + "LayerNorm")
        outputs = []
        for i in range(self.config["num_hidden_layers"]):
            at = "bert.encoder.layer.%d." % i
            q, k, v = (self.linear(x, at + "attention.self." + name).reshape(n, heads, -1)
                       .transpose(1, 0, 2) for name in ("query", "key", "value"))
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            context = (scores @ v).transpose(1, 0, 2).reshape(n, -1)
            x = self.norm(x + self.linear(context, at + "attention.output.dense"),
                          at + "attention.output.LayerNorm")
            inner = gelu(self.linear(x, at + "intermediate.dense"))
            x = self.norm(x + self.linear(inner, at + "output.dense"), at + "output.LayerNorm")
            outputs.append(x)
        return outputs

    def masked(self, x):
        """Probabilities of all words for rows of the last layer."""
        at = "cls.predictions."
        x = self.norm(gelu(self.linear(x, at + "transform.dense")), at + "transform.LayerNorm")
        x = x @ self.w["bert.embeddings.word_embeddings.weight"].T + self.w[at + "bias"]
        x = np.exp(x - x.max(-1, keepdims=True))
        return x / x.sum(-1, keepdims=True)

    def classes(self, x):
        """Logits of a sequence, from its last layer."""
        return self.linear(np.tanh(self.linear(x[0], "bert.pooler.dense")), "classifier")


def read_features(path):
    """The rows without padding: ids, segments; and the width of the file."""
    import h5py
    with h5py.File(path) as f:
        ids, mask, segments = (f[k][:].astype(int)
                               for k in ("input_ids", "input_mask", "segment_ids"))
    lengths = mask.sum(1)
    return [(i[:n], s[:n]) for i, s, n in zip(ids, segments, lengths)], ids.shape[1]


def extract(bert, layers, sequence, index, line):
    ours = json.loads(line)
    outputs = bert.layers(sequence["ids"], sequence["segments"])
    made = {"linex_index": index, "features": [
        {"token": token, "layers": [
            {"index": layer, "values": [round(float(np.float32(x)), 6) for x in outputs[layer][i]]}
            for layer in layers]}
        for i, token in enumerate(sequence["tokens"])]}
    # The text is that of json.dumps, whatever the last digits of the numbers.
    assert line == json.dumps(ours) + "\n", line[:200]
    assert [(f["token"], [v["index"] for v in f["layers"]]) for f in ours["features"]] == \
        [(f["token"], [v["index"] for v in f["layers"]]) for f in made["features"]]
    assert ours["linex_index"] == index
    for a, b in zip(ours["features"], made["features"]):
        for x, y in zip(a["layers"], b["layers"]):
            assert x["values"] == [round(v, 6) for v in x["values"]]
            np.testing.assert_allclose(x["values"], y["values"], rtol=1e-4, atol=1.5e-5)


def masks(bert, mask, sequence, line):
    ours = json.loads(line)
    rows = [i for i, token in enumerate(sequence["ids"]) if token == mask]
    p = bert.masked(bert.layers(sequence["ids"], sequence["segments"])[-1][rows])
    assert len(ours["masks"]) == len(rows)
    for guesses, row in zip(ours["masks"], p):
        best = np.sort(row)[::-1][:len(guesses)]
        np.testing.assert_allclose([g["probability"] for g in guesses], best, rtol=1e-4)
        np.testing.assert_allclose([row[g["id"]] for g in guesses], best, rtol=1e-4)


def classes(bert, labels, features, ours):
    rows, _ = read_features(features)
    ours = np.loadtxt(ours, ndmin=2)
    assert len(ours) == len(rows)
    named = bert.config["label2id"]
    for (ids, segments), row in zip(rows, ours):
        logits = bert.classes(bert.layers(ids, segments)[-1])
        if len(logits) == 1:
            want = logits
        else:
            want = np.exp(logits - logits.max())
            want = (want / want.sum())[[named[label] for label in labels]]
        np.testing.assert_allclose(row, want, rtol=1e-4, atol=1e-6)


def spans(bert, features, ours):
    import h5py
    rows, width = read_features(features)
    with h5py.File(ours) as f:
        start, end, number = f["start_logits"][:], f["end_logits"][:], f["unique_id"][:]
    assert start.shape == end.shape == (len(rows), width)
    assert list(number) == list(range(10 ** 9, 10 ** 9 + len(rows)))
    for (ids, segments), s, e in zip(rows, start, end):
        want = bert.linear(bert.layers(ids, segments)[-1], "qa_outputs")
        np.testing.assert_allclose(s[:len(ids)], want[:, 0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(e[:len(ids)], want[:, 1], rtol=1e-4, atol=1e-5)
        assert (s[len(ids):] == -10000).all() and (e[len(ids):] == -10000).all()


def main():
    what, folder, value, sequences, ours = sys.argv[1:]
    bert = Bert(folder)
    if what == "classes":
        return classes(bert, value.split(","), sequences, ours)
    if what == "spans":
        return spans(bert, sequences, ours)
    with open(sequences) as f:
        sequences = [json.loads(line) for line in f]
    with open(ours) as f:
        lines = f.readlines()
    assert len(lines) == len(sequences)
    for i, (sequence, line) in enumerate(zip(sequences, lines)):
        if what == "extract":
            extract(bert, [int(x) for x in value.split(",")], sequence, i, line)
        else:
            masks(bert, int(value), sequence, line)


main()
