"""The original's distribution of documents over text shards, made slowly: what shard-text is compared with.

usage: shard_text_reference.py SENTENCES PREFIX N_TRAINING N_TEST FRACTION FOLDER

Fails when a file in FOLDER does not hold the documents that it should, in their order.
"""
import os
import statistics
import sys


def distribute(sizes, n_training, n_test, fraction):
    """sizes: sentences of each document -> lists of documents, training shards first."""
    piles = {}
    for document, size in enumerate(sizes):
        piles.setdefault(size, []).append(document)
    total = sum(sizes)
    share = int((1 - fraction) * total)
    kinds = [([[] for _ in range(n_training)], [share // n_training]),
             ([[] for _ in range(n_test)], [(total - share) // n_test if n_test else 0])]

    def largest():
        return max((size for size, pile in piles.items() if pile), default=0)

    def sentences(shard):
        return sum(sizes[d] for d in shard)

    for shards, nominal in kinds:
        for shard in shards:
            size = largest()
            shard.append(piles[size].pop())
            nominal[0] = max(nominal[0], size)
    history = []
    while any(piles.values()):
        for shards, nominal in kinds:
            counts = [sentences(s) for s in shards]
            for shard, count in zip(shards, counts):
                fits = [s for s, pile in piles.items() if pile and s <= nominal[0] - count]
                if fits and count <= statistics.median(counts):
                    shard.append(piles[max(fits)].pop())
        history = (history + [sum(map(len, piles.values()))])[-4:]
        if len(set(history)) == 1:
            kinds[0][1][0] += 1
    return kinds[0][0] + kinds[1][0]


def main(path, prefix, n_training, n_test, fraction, folder):
    documents = [d.split("\n") for d in open(path, newline="\n").read().strip("\n").split("\n\n")]
    n_training, n_test = int(n_training), int(n_test)
    shards = distribute([len(d) for d in documents], n_training, n_test, float(fraction))
    names = [f"{prefix}_training_{i}.txt" for i in range(n_training)] + \
            [f"{prefix}_test_{i}.txt" for i in range(n_test)]
    if sorted(os.listdir(folder)) != sorted(names):
        sys.exit(f"the folder holds {os.listdir(folder)}")
    for name, shard in zip(names, shards):
        want = "".join("\n".join(documents[d]) + "\n\n" for d in shard)
        if open(os.path.join(folder, name), newline="\n").read() != want:
            sys.exit(f"{name} differs")


main(*sys.argv[1:])
