#!/bin/sh
# Who may include whom: a folder on the left may include headers of the folders on the right only.
# The data flow is the order of the lines; an include against it fails this test.
cd "${SOURCE:-$(dirname "$0")/..}" || exit 1
rules='
libprep/base      base
libprep/fetch     base fetch
libprep/wiki      base wiki
libprep/text      base text
libprep/store     base store
libprep/instance  base text store instance
libprep/pack      base store pack
libprep/glue      base text store glue
libprep/squad     base text store squad
libprep/show      base text store show
libtrain/ops      base ops
libtrain/data     base store data
libtrain/formats  base formats
libtrain/model    base data ops formats model
libtrain/optim    base ops model optim
libtrain/dist     base dist
libtrain/tasks    base data ops model tasks
libtrain/run      base store data ops model optim dist tasks run
'
# Each library header in one file only: dependency and the files that may name it.
owners='
archive\.h:libprep/base/source_archive.c
archive_entry\.h:libprep/base/source_archive.c
cblas\.h:libtrain/ops/gemm.c
curl/:libprep/base/source_url.c
expat\.h:libprep/base/xml.c
hdf5\.h:libprep/store/h5[a-z_]*.c
jansson\.h:libprep/base/json.c
libdeflate\.h:libprep/base/codec_deflate.c
mpi\.h:libprep/base/comm_mpi.c
openssl/:libprep/base/hash.c
utf8proc\.h:libprep/text/unicode_generate.c
xxhash\.h:libprep/base/hash.c
zlib\.h:libprep/base/source_gzip.c
zstd\.h:libprep/base/codec_zstd.c
'
bad=0

check_folder()
{
    folder=$1
    shift
    allowed=$(printf '%s|' "$@")
    wrong=$(grep -nE '^#include "' "$folder"/*.[ch] 2>/dev/null |
        grep -vE "#include \"(${allowed%|})/")
    [ -z "$wrong" ] && return
    printf '%s may include only: %s\n%s\n' "$folder" "$*" "$wrong"
    bad=1
}

while read -r folder allowed; do
    # shellcheck disable=SC2086 # a list of folders
    [ -n "$folder" ] && check_folder "$folder" $allowed
done <<EOF
$rules
EOF

for folder in libprep/* libtrain/*; do
    [ -d "$folder" ] || continue
    printf '%s\n' "$rules" | grep -q "^$folder " && continue
    echo "$folder has no rule in tests/layers.sh"
    bad=1
done

while IFS=: read -r header owner; do
    [ -n "$header" ] || continue
    wrong=$(grep -rnE "^#include <$header" libprep libtrain tools | grep -v "^$owner:")
    [ -z "$wrong" ] && continue
    printf 'only %s may include it:\n%s\n' "$owner" "$wrong"
    bad=1
done <<EOF
$owners
EOF

drawers=$(find libprep libtrain tools -name 'utils.*' -o -name 'common.*' -o -name 'misc.*' -o -name 'helpers.*')
if [ -n "$drawers" ]; then
    printf 'a file that says nothing of what it holds:\n%s\n' "$drawers"
    bad=1
fi
exit $bad
