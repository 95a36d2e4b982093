"""Writes the corpora: small files of every form, as the systems themselves write them.

  make_corpus.py      in tests/fuzz/corpus
"""
import collections
import io
import json
import pickle
import struct
import sys
import tempfile
import zipfile

import numpy as np
import torch

sys.path.insert(0, "../../cli")
import tf_bundle

NAMES = ["bert.pooler.dense.weight", "bert.pooler.dense.bias", "cls.predictions.bias"]


def save(path, data):
    with open(path, "wb") as f:
        f.write(data)


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


state = collections.OrderedDict((n, torch.arange(4, dtype=d).reshape(2, 2).t()) for n, d in
                                zip(NAMES, (torch.float32, torch.float16, torch.bfloat16)))
plain = saved({"model": state, "epoch": 1})
legacy = saved(state, _use_new_zipfile_serialization=False)
save("weights/zip.pt", plain)
save("weights/legacy.bin", legacy)
with zipfile.ZipFile(io.BytesIO(plain)) as z:
    save("pickle/state_dict.pkl", [z.read(n) for n in z.namelist() if n.endswith("data.pkl")][0])
for protocol in (2, 4, 5):
    save(f"pickle/protocol{protocol}.pkl", pickle.dumps(
        collections.OrderedDict(a=[1, -2, 2.5, None, True, (), (1, 2, 3)], b={"c": "d" * 300},
                                e={1, 2}, f=b"bytes", g=2 ** 70), protocol))

header = {"__metadata__": {"format": "pt"},
          NAMES[0]: {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
          NAMES[1]: {"dtype": "BF16", "shape": [2], "data_offsets": [16, 20]},
          "ids": {"dtype": "I64", "shape": [1, 1], "data_offsets": [20, 28]}}
text = json.dumps(header).encode()
save("weights/x.safetensors", struct.pack("<Q", len(text)) + text + bytes(range(28)))

for compress in (False, True):
    lengths = []

    class Table(tf_bundle.Table):
        def place(self, entries):
            before = len(self.data)
            handle = super().place(entries)
            lengths.append(len(self.data) - before - 5)
            return handle

    original, tf_bundle.Table = tf_bundle.Table, Table
    with tempfile.TemporaryDirectory() as folder:
        tf_bundle.save(f"{folder}/corpus", {f"bert/encoder/layer_{i}/output/dense/{n}":
                                            np.ones((3, 2), "f4") for i in range(20)
                                            for n in ("kernel", "bias", "kernel/adam_m")},
                       compress=compress)
        with open(f"{folder}/corpus.index", "rb") as f:
            index = f.read()
    tf_bundle.Table = original
    save(f"tf_index/{'snappy' if compress else 'plain'}.index",
         bytes([len(lengths)]) + b"".join(struct.pack("<H", n) for n in lengths) + index)
