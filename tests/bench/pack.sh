#!/bin/sh
# How fast nnlsh-pack plans and packs, and how near the optimum: one run, on a quiet machine.
#
#   TOOLS=build/tools tests/bench/pack.sh
#
# The original packer's times stand here as numbers (measured once, two cores): it takes minutes to
# plan what is planned in a second here. Share of deflate: user time that packing without compression
# saves.
set -eu
source=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
tools=$(cd "${TOOLS:-$source/build/tools}" && pwd)
shared=${BERTLINE_SHARED:-$source/../shared}
if [ ! -d "$shared/data/histograms" ] || [ ! -d "$shared/golden/make-pretrain" ]; then
    echo "skipped: no histograms and shards in $shared"
    exit 77
fi
shared=$(cd "$shared" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
exec /usr/bin/python3 - "$tools" "$shared" <<'EOF'
import json, os, resource, shutil, subprocess, sys, time
import h5py
import numpy as np

tools, shared = sys.argv[1:]


def run(*command):
    """Wall and user seconds, the best of three, and what was printed."""
    best = None
    for _ in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
        wall = time.monotonic() - start
        user = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before.ru_utime
        best = min(best or (wall, user), (wall, user))
    return best[0], best[1], out


print(f"{'plan':<30}{'packs':>12}{'bound':>12}{'above':>7}{'efficiency':>12}{'user s':>8}"
      f"{'original s':>14}")
for name, T, depth, solver, original in [
        ("wikipedia", 512, 3, "optimal", 199), ("wikipedia", 512, 4, "optimal", None),
        ("wikipedia", 512, 0, "optimal", None), ("wikipedia", 512, 3, "nnls", 199),
        ("wikipedia", 512, 3, "best-fit", None), ("squad_1_1", 384, 2, "optimal", None),
        ("squad_1_1", 384, 0, "optimal", None)]:
    _, user, out = run(f"{tools}/nnlsh-pack", "plan", "-q", "-s", str(T), "-d", str(depth), "--solver",
                       solver, "-H", f"{shared}/data/histograms/{name}_histogram.json")
    m = json.loads(out)
    print(f"{name + ' depth ' + str(depth) + ' ' + solver:<30}{m['new_number_of_samples']:>12,}"
          f"{m['lower_bound']:>12,}{m['above_lower_bound']:>7}{m['packing_efficiency']:>12.4%}"
          f"{user:>8.2f}{f'{original} ({original / user:.0f} x)' if original else '':>14}")


def multiply(T, rows):
    """The rows of a real shard again and again, in another order each time, with gzip as the original."""
    os.makedirs(f"in{T}")
    with h5py.File(f"{shared}/golden/make-pretrain/seq{T}_training_0.hdf5") as f:
        data = {name: f[name][()] for name in f}
    n = len(data["input_ids"])
    order = np.concatenate([np.random.RandomState(i).permutation(n) for i in range(rows // n + 1)])
    for i, part in enumerate(np.array_split(order[:rows], 4)):
        with h5py.File(f"in{T}/x_training_{i}.hdf5", "w") as f:
            for name, values in data.items():
                f.create_dataset(name, data=values[part], compression="gzip")


print(f"\n{'pack, files to files':<30}{'rows/s':>12}{'wall s':>9}{'user s':>9}{'deflate':>9}")
for T, rows in [(128, 60000), (512, 18700)]:
    multiply(T, rows)
    times = {}
    for packing in ("none", "gzip"):
        times[packing] = run(f"{tools}/nnlsh-pack", "-q", "-i", f"in{T}", "-o", f"out{T}",
                             "--compression", packing)
    wall, user, _ = times["gzip"]
    print(f"{f'{rows:,} of {T} tokens':<30}{rows / wall:>12,.0f}{wall:>9.2f}{user:>9.2f}"
          f"{1 - times['none'][1] / user:>9.0%}")
    shutil.rmtree(f"in{T}")
EOF
