"""make-pretrain's speed: text to gzip shards, dupe 5, 128/20, against a Python program.

usage: /usr/bin/python3 make_pretrain.py [TOOLS]      (TOOLS: the folder of the programs, default build/tools)

The rival does what the original create_pretraining_data.py does, in the way it does it: tokens are
Python strings, documents lists of lists, one process, tokenized character by character, written with
h5py's gzip. It is written anew here (tests/cli/pretrain_reference.py makes the instances) and gives the
same arrays as --rng python, which this checks. Both count from text to closed files. Text: the books of
the shared material, a book a document. CPU seconds; wall time only for two threads.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "cli"))
source = os.path.join(here, "..", "..")
tools = sys.argv[1] if len(sys.argv) > 1 else os.path.join(source, "build", "tools")
shared = os.environ.get("BERTLINE_SHARED", os.path.join(source, "..", "shared"))
vocab = os.path.join(shared, "data", "vocab", "bert-base-uncased", "vocab.txt")
books = os.path.join(shared, "data", "books")


class Tokenizer:
    """Basic and WordPiece tokenization, character by character, as the originals'."""

    def __init__(self, words):
        self.words = set(words)

    def pieces(self, line):
        return [p for word in self.split(line) for p in self.wordpiece(word)]

    def split(self, line):
        clean = []
        for c in line:
            code = ord(c)
            if code == 0 or code == 0xFFFD or unicodedata.category(c) in ("Cc", "Cf") and c not in "\t\n\r":
                continue
            clean.append(" " if c in " \t\n\r" or unicodedata.category(c) == "Zs" else
                         f" {c} " if 0x4E00 <= code <= 0x9FFF else c)
        result = []
        for word in "".join(clean).split():
            word = "".join(c for c in unicodedata.normalize("NFD", word.lower())
                           if unicodedata.category(c) != "Mn")
            part = []
            for c in word:
                code = ord(c)
                if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126 or \
                        unicodedata.category(c).startswith("P"):
                    if part:
                        result.append("".join(part))
                    result.append(c)
                    part = []
                else:
                    part.append(c)
            if part:
                result.append("".join(part))
        return result

    def wordpiece(self, word):
        if len(word) > 100:
            return ["[UNK]"]
        result, start = [], 0
        while start < len(word):
            end = len(word)
            while start < end:
                piece = ("##" if start else "") + word[start:end]
                if piece in self.words:
                    break
                end -= 1
            if start == end:
                return ["[UNK]"]
            result.append(piece)
            start = end
        return result


def rival(text, output):
    import h5py
    import pretrain_reference
    words = open(vocab).read().splitlines()
    tokenizer = Tokenizer(words)
    documents = [[]]
    for line in open(text):
        pieces = tokenizer.pieces(line.strip())
        if pieces:
            documents[-1].append(pieces)
        elif not line.strip():
            documents.append([])
    arrays = pretrain_reference.make([d for d in documents if d], words, 128, 20, 0.15, 0.1, 5, 12345, False)
    with h5py.File(output, "w") as f:
        for name, values in arrays.items():
            f.create_dataset(name, data=values, compression="gzip")


def run(*command):
    """CPU seconds, wall seconds, peak MiB of a program and its rows."""
    start = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return usage.ru_utime + usage.ru_stime, time.time() - start, usage.ru_maxrss / 1024


def best(times, *command):
    runs = [run(*command) for _ in range(times)]
    return min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs)


def rows(folder):
    import h5py
    n = 0
    for name in os.listdir(folder):
        with h5py.File(os.path.join(folder, name)) as f:
            n += len(f["input_ids"])
    return n


def write_text(folder):
    """The sentences of each book without empty lines; the first two alone, for the rival."""
    texts = []
    for name in sorted(os.listdir(books)):
        sentences = subprocess.run([os.path.join(tools, "split-sentences"), "-q", os.path.join(books, name)],
                                   stdout=-1, check=True).stdout.decode(errors="replace")
        texts.append("\n".join(line for line in sentences.split("\n") if line.strip()) + "\n\n")
    for name, some in (("few.txt", texts[:2]), ("all.txt", texts * 3)):
        with open(os.path.join(folder, name), "w") as f:
            f.write("".join(some))


def main():
    make = os.path.join(tools, "make-pretrain")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_text(folder)
        cpu, _, memory = run(sys.executable, __file__, "--rival", "few.txt", "rival.hdf5")
        run(make, "-q", "--rng", "python", "--vocab", vocab, "-o", "same.hdf5", "few.txt")
        import h5py
        with h5py.File("rival.hdf5") as a, h5py.File("same.hdf5") as b:
            assert all((a[k][...] == b[k][...]).all() for k in a) and len(a) == 6
            n = len(a["input_ids"])
        theirs = n / cpu
        print(f"rival (Python, the original's way)  {n:8d} instances  {cpu:6.2f} CPU s  "
              f"{theirs:8.0f} /s  {memory:5.0f} MiB")
        plain = {}
        for compression in "gzip", "zstd", "none":
            for threads in 1, 2:
                cpu, wall, memory = best(3, make, "-q", "-t", str(threads), "--vocab", vocab, "-n", "4",
                                         "--test-fraction", "0", "--compression", compression, "-o", "set",
                                         "all.txt")
                n = rows("set")
                used = cpu if threads == 1 else wall
                plain[compression, threads] = cpu
                size = sum(os.path.getsize(os.path.join("set", f)) for f in os.listdir("set")) / 2**20
                print(f"make-pretrain -t {threads} {compression:4}  {n:8d} instances  "
                      f"{used:6.2f} {'CPU' if threads == 1 else 'wall'} s  {n / used:8.0f} /s  "
                      f"{memory:5.0f} MiB  {n / used / theirs:5.1f} times the rival  ({cpu:.2f} CPU s, "
                      f"shards {size:.0f} MiB)")
        share = 1 - plain["none", 1] / plain["gzip", 1]
        print(f"deflate: {share:.0%} of the CPU time of a gzip run")
        size = os.path.getsize("all.txt")
        cpu, wall, memory = run(make, "-q", "-t", "2", "--vocab", vocab, "-n", "4", "--test-fraction", "0",
                                "--memory", str(size // 20), "-o", "little", "all.txt")
        print(f"a text of {size / 2**20:.1f} MiB with --memory {size / 20 / 2**20:.1f} MiB: {cpu:.2f} CPU s, "
              f"{memory:.0f} MiB at the peak (mapped temporary files included)")


if sys.argv[1:2] == ["--rival"]:
    rival(*sys.argv[2:])
elif not os.path.isdir(books):
    sys.exit(f"no books in '{books}'")
else:
    main()
