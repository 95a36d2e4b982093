"""Reads a TFRecord file with nothing but the page of the format, and compares it with a shard.

usage: tfrecord_reference.py RECORDS SHARD
"""
import struct
import sys

import h5py
import numpy


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        n, = struct.unpack_from("<Q", data, at)
        assert struct.unpack_from("<I", data, at + 8)[0] == masked(data[at:at + 8])
        record = data[at + 12:at + 12 + n]
        assert struct.unpack_from("<I", data, at + 12 + n)[0] == masked(record)
        yield record
        at += 16 + n


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        assert tag & 7 == 2
        n, at = varint(data, at)
        yield tag >> 3, data[at:at + n]
        at += n


def values(feature):
    (kind, holder), = fields(feature)
    (field, packed), = fields(holder)
    assert field == 1
    if kind == 2:
        return list(struct.unpack(f"<{len(packed) // 4}f", packed))
    assert kind == 3
    at, result = 0, []
    while at < len(packed):
        value, at = varint(packed, at)
        result.append(value - (1 << 64) if value >> 63 else value)
    return result


def example(record):
    (field, features), = fields(record)
    assert field == 1
    result = {}
    for field, entry in fields(features):
        assert field == 1
        parts = dict(fields(entry))
        result[parts[1].decode()] = values(parts[2])
    return result


def main(path, shard):
    names = ["input_ids", "input_mask", "segment_ids", "masked_lm_positions", "masked_lm_ids",
             "next_sentence_labels"]
    rows = [example(r) for r in records(open(path, "rb").read())]
    with h5py.File(shard) as f:
        assert len(f["input_ids"]) == len(rows)
        for row in rows:
            assert sorted(row) == sorted(names + ["masked_lm_weights"])
        for name in names:
            got = numpy.array([row[name] for row in rows])
            assert numpy.array_equal(got.reshape(f[name].shape), f[name][...]), name
        weights = numpy.array([row["masked_lm_weights"] for row in rows])
        assert numpy.array_equal(weights, (f["masked_lm_positions"][...] > 0) * 1.0)


main(*sys.argv[1:])
