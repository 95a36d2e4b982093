#!/bin/sh
# clang-tidy over every source of the two libraries and the tools; needs a configured build folder.
cd "${SOURCE:-$(dirname "$0")/..}" || exit 1
build=${1:-build}
if ! command -v clang-tidy >/dev/null; then
    echo "skipped: no clang-tidy here"
    exit 77
fi
find libprep libtrain tools -name '*.c' ! -name comm_solo.c -print0 |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$build" --quiet 2>/dev/null
