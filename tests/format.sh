#!/bin/sh
# The tree reads as one hand wrote it: clang-format has nothing to change.
cd "${SOURCE:-$(dirname "$0")/..}" || exit 1
if ! command -v clang-format >/dev/null; then
    echo "skipped: no clang-format here"
    exit 77
fi
find libprep libtrain tools tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
