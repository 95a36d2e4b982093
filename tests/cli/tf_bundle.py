"""TensorFlow checkpoints of version 2, written from the descriptions of the formats: LevelDB's
table_format.md and tensor_bundle.proto. An independent twin of the reader under test."""
import struct

import numpy as np

MAGIC = 0xdb4775248b80fb57
TYPES = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}


def crc32c(data, table=[]):
    if not table:
        for i in range(256):
            for _ in range(8):
                i = i >> 1 ^ (0x82f63b78 if i & 1 else 0)
            table.append(i)
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xffffffff


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, kind, payload):
    return varint(number << 3 | kind) + payload


def message(number, body):
    return field(number, 2, varint(len(body)) + body)


def snappy(data):
    """Valid and hardly smaller: literals of up to 60 bytes, and a copy where 8 bytes repeat."""
    out, at, start = varint(len(data)), 0, 0

    def literal(chunk):
        return b"".join(bytes([(len(c) - 1) << 2]) + c
                        for c in (chunk[i:i + 60] for i in range(0, len(chunk), 60)))
    while at < len(data):
        back = data.rfind(data[at:at + 8], max(0, at - 2000), at) if at + 8 <= len(data) else -1
        if back >= 0 and back + 8 <= at:
            out += literal(data[start:at])
            out += bytes([(8 - 4) << 2 | 1 | (at - back) >> 8 << 5, (at - back) & 255])
            at += 8
            start = at
        else:
            at += 1
    return out + literal(data[start:])


class Table:
    def __init__(self, compress=False):
        self.data, self.index, self.compress = b"", [], compress

    def place(self, entries):
        body, last = b"", b""
        restarts = []
        for i, (key, value) in enumerate(entries):
            shared = 0
            if i % 16 == 0:
                restarts.append(len(body))
            else:
                while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                    shared += 1
            body += varint(shared) + varint(len(key) - shared) + varint(len(value))
            body += key[shared:] + value
            last = key
        body += b"".join(struct.pack("<I", r) for r in restarts or [0])
        body += struct.pack("<I", len(restarts or [0]))
        kind = b"\0"
        if self.compress:
            body, kind = snappy(body), b"\1"
        handle = varint(len(self.data)) + varint(len(body))
        self.data += body + kind + struct.pack("<I", masked(body + kind))
        return handle

    def finish(self, entries, per_block=40):
        for at in range(0, len(entries), per_block):
            block = entries[at:at + per_block]
            self.index.append((block[-1][0] + b"\0", self.place(block)))
        meta = self.place([])
        index = self.place(self.index)
        return self.data + (meta + index).ljust(40, b"\0") + struct.pack("<Q", MAGIC)


def save(prefix, tensors, shards=1, compress=False):
    """tensors: name -> array."""
    files = [b""] * shards
    entries = [(b"", field(1, 0, varint(shards)) + message(3, field(1, 0, varint(1))))]
    for i, name in enumerate(sorted(tensors)):
        array = np.asarray(tensors[name], order="C")
        data, shard = array.tobytes(), i % shards
        shape = b"".join(message(2, field(1, 0, varint(d))) for d in array.shape)
        entry = field(1, 0, varint(TYPES[array.dtype.name])) + message(2, shape)
        entry += field(3, 0, varint(shard)) if shard else b""
        entry += field(4, 0, varint(len(files[shard]))) if files[shard] else b""
        entry += field(5, 0, varint(len(data))) + field(6, 5, struct.pack("<I", masked(data)))
        entries.append((name.encode(), entry))
        files[shard] += data
    for i, data in enumerate(files):
        with open(f"{prefix}.data-{i:05}-of-{shards:05}", "wb") as f:
            f.write(data)
    with open(prefix + ".index", "wb") as f:
        f.write(Table(compress).finish(entries))
