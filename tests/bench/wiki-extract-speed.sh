#!/bin/sh
# What wiki-extract does per core, beside expat alone on the same bytes in the same run, and what
# memory it takes:   tests/bench/wiki-extract-speed.sh BUILD [DUMP.xml] [MEGABYTES]
# DUMP (default: the sample) is repeated to MEGABYTES (default 120) of uncompressed XML. Times are
# CPU seconds, the best of five.
set -eu
build=${1:?usage: $0 BUILD [DUMP.xml] [MEGABYTES]}
here=$(cd "$(dirname "$0")/../.." && pwd)
dump=${2:-$here/scripts/sample-wiki.xml}
megabytes=${3:-120}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$dump" "$megabytes" "$work/big.xml" "$build/tools/wiki-extract" <<'PY'
import bz2, os, resource, subprocess, sys, xml.parsers.expat

dump, megabytes, big, tool = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
data = (bz2.open(dump) if dump.endswith(".bz2") else open(dump, "rb")).read()
first, last = data.index(b"<page>"), data.rindex(b"</page>") + len(b"</page>")
pages = data[first:last]
with open(big, "wb") as f:
    f.write(data[:first])
    for _ in range(max(1, (megabytes << 20) // len(pages))):
        f.write(pages)
    f.write(b"\n</mediawiki>\n")
size = os.path.getsize(big) / 1e6

def seconds(command):
    """CPU seconds of one run, and its memory in MB."""
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, used = os.wait4(pid, 0)
    assert status == 0, command
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

expat = [sys.executable, "-c", "import sys, xml.parsers.expat as e\n"
         "e.ParserCreate().ParseFile(open(sys.argv[1], 'rb'))", big]
ours = [tool, "-q", "-t", "1", big]
rounds = [(seconds(expat)[0], *seconds(ours)) for _ in range(5)]
alone, mine, memory = min(r[0] for r in rounds), min(r[1] for r in rounds), max(r[2] for r in rounds)
print(f"{size:.0f} MB of XML")
print(f"expat alone    {size / alone:6.0f} MB/s")
print(f"wiki-extract   {size / mine:6.0f} MB/s per core, {mine / alone:.2f} times expat's time, {memory:.0f} MB of memory")
PY
