"""Makes and compares shards for the tests, with h5py: what the trainers of the original systems use.

shards.py make FOLDER N_FILES ROWS T P SEED   pretraining shards as the original scripts write them
shards.py same INPUT OUTPUT T P S             every sequence of the one folder is in the other, once
shards.py equal A B                           two files hold the same data sets
"""
import os
import sys

import h5py
import numpy as np

TYPES = {False: {"input_ids": "i4", "input_mask": "i1", "segment_ids": "i1",
                 "masked_lm_positions": "i4", "masked_lm_ids": "i4", "next_sentence_labels": "i1"},
         True: {"input_ids": "i4", "input_mask": "i4", "segment_ids": "i1", "positions": "i4",
                "masked_lm_positions": "i4", "masked_lm_ids": "i4", "next_sentence_positions": "i4",
                "next_sentence_labels": "i1", "next_sentence_weights": "i4"}}


def make(folder, n_files, rows, T, P, seed):
    random = np.random.RandomState(seed)
    os.makedirs(folder, exist_ok=True)
    for i in range(n_files):
        data = {name: np.zeros((rows,) if name == "next_sentence_labels" else
                               (rows, P if name.startswith("masked") else T), type)
                for name, type in TYPES[False].items()}
        for row in range(rows):
            n = T if random.rand() < 0.2 else random.randint(5, T + 1)
            data["input_ids"][row, :n] = random.randint(1, 30522, n)
            data["input_mask"][row, :n] = 1
            data["segment_ids"][row, random.randint(2, n):n] = 1
            k = min(P, max(1, round(n * 0.15)))
            data["masked_lm_positions"][row, :k] = 1 + np.sort(random.permutation(n - 1)[:k])
            data["masked_lm_ids"][row, :k] = random.randint(1, 30522, k)
            data["next_sentence_labels"][row] = random.randint(0, 2)
        with h5py.File(os.path.join(folder, f"made_training_{i}.hdf5"), "w") as f:
            for name, values in data.items():
                f.create_dataset(name, data=values, compression="gzip")


def sequences(path, packed, more=()):
    """Unpacks every row the way a trainer does; positions and masks are checked on the way."""
    with h5py.File(path, "r") as f:
        data = {name: f[name][()] for name in f if name not in more}
    assert {name: values.dtype.str[1:] for name, values in data.items()} == TYPES[packed], path
    for row in range(len(data["input_ids"])):
        mask = data["input_mask"][row]
        positions = data["masked_lm_positions"][row]
        n_masked = (list(positions) + [0]).index(0)
        positions, masked_ids = positions[:n_masked], data["masked_lm_ids"][row][:n_masked]
        assert (mask[mask.astype(bool).sum():] == 0).all()
        lengths = []
        for k in range(1, mask.max() + 1):
            columns = np.flatnonzero(mask == k)
            start, end = columns[0], columns[-1] + 1
            assert end - start == len(columns)
            label = data["next_sentence_labels"][row]
            if packed:
                assert (data["positions"][row][start:end] == np.arange(end - start)).all()
                assert data["next_sentence_positions"][row][k - 1] == start
                assert data["next_sentence_weights"][row][k - 1] == 1
                label = label[k - 1]
            own = (positions >= start) & (positions < end)
            lengths.append(end - start)
            yield (data["input_ids"][row][start:end].tobytes(),
                   data["segment_ids"][row][start:end].tobytes(),
                   (positions[own] - start).tobytes(), masked_ids[own].tobytes(), int(label))
        assert lengths == sorted(lengths) and lengths
        if packed:
            assert data["next_sentence_weights"][row].sum() == len(lengths)
            assert (positions < sum(lengths)).all()


def same(before, after, T, P, S):
    inputs = [os.path.join(before, name) for name in sorted(os.listdir(before))]
    outputs = [os.path.join(after, name) for name in sorted(os.listdir(after))]
    for path in outputs:
        with h5py.File(path, "r") as f:
            n = len(f["input_ids"])
            for name in TYPES[True]:
                width = T if name in ("input_ids", "input_mask", "segment_ids", "positions") else \
                    P + S if name.startswith("masked") else S
                assert f[name].shape == (n, width), (path, name, f[name].shape)
    a = sorted(s for path in inputs for s in sequences(path, False))
    b = sorted(s for path in outputs for s in sequences(path, True))
    assert a == b, (len(a), len(b))


def equal(a, b):
    with h5py.File(a, "r") as f, h5py.File(b, "r") as g:
        assert sorted(f) == sorted(g)
        for name in f:
            assert f[name].dtype == g[name].dtype and (f[name][()] == g[name][()]).all(), name


if __name__ == "__main__":
    command, *values = sys.argv[1:]
    {"make": make, "same": same, "equal": equal}[command](
        *[int(value) if value.isdigit() else value for value in values])
