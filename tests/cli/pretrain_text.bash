# pretrain_text.bash -- what the tests of make-pretrain share: a text, a vocabulary, looks into results.

setup() {
    cd "$BATS_TEST_TMPDIR"
    make_pretrain="$TOOLS/make-pretrain"
    tokenize="$TOOLS/tokenize"
    shared="${BERTLINE_SHARED:-$SOURCE/../shared}"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

# A vocabulary of 40 words and 12 documents of 3 to 25 sentences of 1 to 20 words each.
write_text() {
    {
        printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]'
        for i in $(seq 40); do echo "w$i"; done
    } > vocab.txt
    awk 'BEGIN {
        x = 1
        for (d = 0; d < 12; d++) {
            for (s = 0; s < 3 + 2 * d; s++) {
                line = ""
                for (w = 0; w <= x % 20; w++) {
                    x = (x * 1103 + 12345) % 65536
                    line = line "w" (x % 40 + 1) " "
                }
                print line
            }
            print ""
        }
    }' > text.txt
    "$tokenize" --vocab vocab.txt text.txt > text.tokens
}

need_h5py() {
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no python3-h5py here"
}

need_shared() {
    [ -e "$vocab" ] || skip "no shared material in '$shared'"
}

# member METADATA EXPRESSION: the value in the JSON, d being the root
member() {
    /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

# digests FILE: SHA-256 of each array's bytes
digests() {
    /usr/bin/python3 - "$1" <<'PYTHON'
import h5py, hashlib, sys
with h5py.File(sys.argv[1]) as f:
    for name in sorted(f):
        print(name, hashlib.sha256(f[name][...].tobytes()).hexdigest())
PYTHON
}
