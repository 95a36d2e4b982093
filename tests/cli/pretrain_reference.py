"""The original's pretraining instances, made slowly: what --rng python is compared with.

usage: pretrain_reference.py IDS VOCAB SHARD SEQ_LENGTH MAX_PREDICTIONS MASKED_PROB SHORT_PROB COPIES
       SEED WHOLE_WORDS

IDS holds the ids of a sentence a line, an empty line between documents (tokenize --ids). Fails when
the six arrays of the shard are not the ones made here.
"""
import random
import sys

import h5py
import numpy

CLS, SEP, MASK = "[CLS]", "[SEP]", "[MASK]"


def read_documents(path, words):
    documents = [[]]
    for line in open(path):
        sentence = [words[int(i)] for i in line.split()]
        if sentence:
            documents[-1].append(sentence)
        else:
            documents.append([])
    return [d for d in documents if d]


class Maker:
    def __init__(self, rng, words, length, predictions, masked_prob, short_prob, whole_words):
        self.rng, self.words = rng, words
        self.room, self.predictions = length - 3, predictions
        self.masked_prob, self.short_prob = masked_prob, short_prob
        self.whole_words = whole_words

    def instances(self, documents, d):
        document, rng = documents[d], self.rng
        target = self.room
        if rng.random() < self.short_prob:
            target = rng.randint(2, self.room)
        first = 0
        while first < len(document):
            end = first + 1
            size = len(document[first])
            while end < len(document) and size < target:
                size += len(document[end])
                end += 1
            n_a = rng.randint(1, end - first - 1) if end - first > 1 else 1
            a = sum(document[first:first + n_a], [])
            if end - first == 1 or rng.random() < 0.5:
                b, label = self.random_text(documents, d, target - len(a))
                first += n_a
            else:
                b, label = sum(document[first + n_a:end], []), 0
                first = end
            self.truncate(a, b)
            tokens = [CLS] + a + [SEP] + b + [SEP]
            yield (len(a) + 2, label) + self.mask(tokens)

    def random_text(self, documents, d, want):
        for _ in range(10):
            other = self.rng.randint(0, len(documents) - 1)
            if other != d:
                break
        document, b = documents[other], []
        for sentence in document[self.rng.randint(0, len(document) - 1):]:
            b += sentence
            if len(b) >= want:
                break
        return b, int(other != d)

    def truncate(self, a, b):
        while len(a) + len(b) > self.room:
            longer = a if len(a) > len(b) else b
            del longer[0 if self.rng.random() < 0.5 else -1]

    def mask(self, tokens):
        groups = []
        for i, token in enumerate(tokens):
            if token in (CLS, SEP):
                continue
            if self.whole_words and groups and token.startswith("##"):
                groups[-1].append(i)
            else:
                groups.append([i])
        self.rng.shuffle(groups)
        count = min(self.predictions, max(1, round(len(tokens) * self.masked_prob)))
        shown, masked = list(tokens), {}
        for group in groups:
            if len(masked) >= count:
                break
            if len(masked) + len(group) > count:
                continue
            for i in group:
                masked[i] = tokens[i]
                if self.rng.random() < 0.8:
                    shown[i] = MASK
                elif self.rng.random() >= 0.5:
                    shown[i] = self.words[self.rng.randint(0, len(self.words) - 1)]
        return shown, sorted(masked.items())


def make(documents, words, length, predictions, masked_prob, short_prob, copies, seed, whole):
    """The six arrays, from documents of sentences of tokens."""
    id_of = {w: i for i, w in enumerate(words)}
    rng = random.Random(seed)
    rng.shuffle(documents)
    maker = Maker(rng, words, length, predictions, masked_prob, short_prob, whole)
    rows = [r for _ in range(copies) for d in range(len(documents))
            for r in maker.instances(documents, d)]
    rng.shuffle(rows)

    n = len(rows)
    arrays = {
        "input_ids": numpy.zeros((n, length), "i4"),
        "input_mask": numpy.zeros((n, length), "i1"),
        "segment_ids": numpy.zeros((n, length), "i1"),
        "masked_lm_positions": numpy.zeros((n, predictions), "i4"),
        "masked_lm_ids": numpy.zeros((n, predictions), "i4"),
        "next_sentence_labels": numpy.zeros(n, "i1"),
    }
    for i, (n_first, label, tokens, masked) in enumerate(rows):
        arrays["input_ids"][i, :len(tokens)] = [id_of[t] for t in tokens]
        arrays["input_mask"][i, :len(tokens)] = 1
        arrays["segment_ids"][i, n_first:len(tokens)] = 1
        arrays["masked_lm_positions"][i, :len(masked)] = [at for at, _ in masked]
        arrays["masked_lm_ids"][i, :len(masked)] = [id_of[t] for _, t in masked]
        arrays["next_sentence_labels"][i] = label
    return arrays


def main(ids, vocab, shard, length, predictions, masked_prob, short_prob, copies, seed, whole):
    words = open(vocab).read().splitlines()
    return make(read_documents(ids, words), words, int(length), int(predictions),
                float(masked_prob), float(short_prob), int(copies), int(seed), whole == "yes")


def compare(shard, want):
    with h5py.File(shard) as f:
        for name, array in want.items():
            if f[name].dtype != array.dtype or not numpy.array_equal(f[name][...], array):
                sys.exit(f"'{name}' differs")


if __name__ == "__main__":
    compare(sys.argv[3], main(*sys.argv[1:]))
