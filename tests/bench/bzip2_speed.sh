#!/bin/sh
# bzip2_speed.sh [FILE.bz2]: reading bzip2 against lbzip2 and bzip2 on the same cores, best of three.
# The ratio is user seconds of lbzip2 over ours; the target is 0.85. Without FILE: 60 MB of text is made.
# Needs lbzip2; run it in the build folder's parent or set BUILD.
set -eu
build=${BUILD:-build}
file=${1:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
command -v lbzip2 >/dev/null || { echo "bzip2_speed: lbzip2 is needed" >&2; exit 1; }
if [ -z "$file" ]; then
    file=$scratch/text.bz2
    cat "$(dirname "$0")"/../../libprep/*/*.[ch] >"$scratch/text"
    for _ in 1 2 3 4 5 6 7 8; do
        cat "$scratch/text" "$scratch/text" | awk '{ print NR * 7919 % 1000003, $0 }' >"$scratch/more"
        mv "$scratch/more" "$scratch/text"
        [ "$(wc -c <"$scratch/text")" -lt 60000000 ] || break
    done
    bzip2 -c "$scratch/text" >"$file"
fi
n=$(lbzip2 -dc "$file" | wc -c)

# user and wall seconds of the best run
best()
{
    for _ in 1 2 3; do
        bash -c 'TIMEFORMAT="%U %R"; time "$@" >/dev/null' - "$@" 2>&1
    done | sort -n | head -1
}

cores=$(nproc)
printf '%-28s %10s %10s %10s\n' "" "user s" "wall s" "MB/s user"
show()
{
    label=$1
    shift
    set -- "$label" $(best "$@")
    awk -v label="$1" -v u="$2" -v w="$3" -v n="$n" \
        'BEGIN { printf "%-28s %10.2f %10.2f %10.0f\n", label, u, w, n / u / 1e6 }'
    last=$2
}
show "bzip2 -dc" bzip2 -dc "$file"
show "lbzip2 -n1 -dc" lbzip2 -n1 -dc "$file"
one=$last
show "here, 1 thread" "$build/tests/source_cat" 1 "$file"
ours_one=$last
show "lbzip2 -n$cores -dc" lbzip2 -n"$cores" -dc "$file"
all=$last
show "here, $cores threads" "$build/tests/source_cat" "$cores" "$file"
awk -v a="$one" -v b="$ours_one" -v c="$all" -v d="$last" \
    'BEGIN { printf "ratio to lbzip2 (target 0.85): %.2f on one core, %.2f on all\n", a / b, c / d }'
