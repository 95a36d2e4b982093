"""Reads a folder of shards as trainers do: with the data sets and the arithmetic that theirs use.

usage: read_shards.py FOLDER

The data set of the original's run_pretraining.py takes six arrays by name, casts all but the labels to
int64, finds the end of the masked positions at the first 0 and makes labels of -1 with the masked ids
in their places. With torch, a DataLoader of several workers goes over all files once.
"""
import os
import sys

import h5py
import numpy

KEYS = ["input_ids", "input_mask", "segment_ids", "masked_lm_positions", "masked_lm_ids",
        "next_sentence_labels"]
DTYPES = ["int32", "int8", "int8", "int32", "int32", "int8"]


class Pretraining:
    """One file in memory; a row is five arrays."""

    def __init__(self, path, max_predictions):
        with h5py.File(path, "r") as f:
            self.inputs = [numpy.asarray(f[key][:]) for key in KEYS]
        self.max_predictions = max_predictions

    def __len__(self):
        return len(self.inputs[0])

    def __getitem__(self, row):
        ids, mask, segments, positions, masked, label = [x[row].astype("int64") for x in self.inputs]
        labels = numpy.full(ids.shape, -1, "int64")
        end = self.max_predictions
        zeros = numpy.flatnonzero(positions == 0)
        if len(zeros):
            end = zeros[0]
        labels[positions[:end]] = masked[:end]
        return ids, segments, mask, labels, label


def check(row):
    ids, segments, mask, labels, label = row
    n = int(mask.sum())
    assert (mask[:n] == 1).all() and not mask[n:].any() and not ids[n:].any() and not segments[n:].any()
    assert (labels[n:] == -1).all() and (labels >= 0).sum() >= 1
    assert labels[0] == -1 and int(label) in (0, 1)
    return n


def main(folder):
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder) if "training" in name)
    n_rows = 0
    for path in paths:
        with h5py.File(path, "r") as f:
            assert [str(f[key].dtype) for key in KEYS] == DTYPES
        data = Pretraining(path, 20)
        assert len(data) > 0
        for row in range(len(data)):
            check(data[row])
        n_rows += len(data)
    try:
        import torch
    except ImportError:
        print("no torch here: read with h5py only")
        return
    whole = torch.utils.data.ConcatDataset([Pretraining(path, 20) for path in paths])
    loader = torch.utils.data.DataLoader(whole, batch_size=16, shuffle=True, num_workers=0)
    seen = sum(len(batch[0]) for batch in loader)
    assert seen == n_rows and batch_types(loader) == {torch.int64}


def batch_types(loader):
    return {x.dtype for x in next(iter(loader))}


main(*sys.argv[1:])
