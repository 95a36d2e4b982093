#!/bin/sh
# The example in tokenizer.h does what it says: example.sh PROGRAM
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' e un '##aff' '##able' , > "$work/vocab.txt"
got=$(printf 'Unaffable, \303\211\n\n' | "$1" "$work/vocab.txt")
want='6 7 8 9 5 un=Un ##aff=aff ##able=able ,=, e=É '
[ "$got" = "$want" ] || {
    echo "got  '$got'"
    echo "want '$want'"
    exit 1
}
