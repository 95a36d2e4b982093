#!/usr/bin/env bats
# scripts/plot-training: logs of trainings to one picture.

bats_require_minimum_version 1.5.0

setup() {
    plot=$BATS_TEST_DIRNAME/../../scripts/plot-training
    cd "$BATS_TEST_TMPDIR"
    for run in a b; do
        {
            echo 'DLLL {"step": "PARAMETER", "data": {"seed": 1}}'
            for step in 1 2 3; do
                echo "DLLL {\"step\": [0, $step], \"data\": {\"average_loss\": $((9 - step)).5}}"
            done
            echo 'DLLL {"step": [0, 3], "data": {"eval_masked_lm_accuracy": 0.25}}'
            echo 'DLLL {"step": [], "data": {"final_loss": 6.5}}'
        } > $run.json
    done
}

@test "a panel for each quantity, a curve for each run" {
    "$plot" first=a.json "second & last=b.json" > curves.svg
    python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' curves.svg
    [ "$(grep -c '<polyline' curves.svg)" -eq 4 ]
    grep -q 'held-back masked-LM accuracy' curves.svg
    grep -q 'second &amp; last' curves.svg
}

@test "what a set without pairs has none of gets no panel" {
    echo 'DLLL {"step": [0, 3], "data": {"eval_next_sentence_accuracy": 0}}' >> a.json
    "$plot" a.json > curves.svg
    run ! grep -q 'next-sentence' curves.svg
    "$plot" b.json a.json > curves.svg
    run ! grep -q 'next-sentence' curves.svg
    echo 'DLLL {"step": [0, 4], "data": {"eval_next_sentence_accuracy": 0.5}}' >> a.json
    "$plot" b.json a.json > curves.svg
    grep -q 'next-sentence' curves.svg
}

@test "a step computed again counts as the later one" {
    echo 'DLLL {"step": [0, 2], "data": {"average_loss": 100}}' >> a.json
    "$plot" a.json > curves.svg
    grep -q '>100</text>' curves.svg
    [ "$(grep -o '<polyline points="[^"]*"' curves.svg | head -1 | tr ' ' '\n' | grep -c ,)" -eq 3 ]
}

@test "what is no log is named" {
    run "$plot"
    [ "$status" -eq 2 ]
    run "$plot" nothing.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"nothing.json"* ]]
    : > empty.json
    run "$plot" empty.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"no steps"* ]]
}

@test "a line that a killed run cut is passed over with a warning" {
    echo 'DLLL {"step": [0, 4], "da' >> a.json
    run "$plot" a.json
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: a.json:7: "* ]]
    [[ "$output" == *"<polyline"* ]]
}
