# What squad-score promises: the official scorers' numbers, to the last digit.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    score="$TOOLS/squad-score"
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    golden="$shared/golden/squad"
    questions="$shared/data/squad"
}

need_golden() {
    [ -d "$golden" ] || skip "no golden data here"
}

# The reference needs the sum() and the Unicode of Python 3.11.
reference() {
    /usr/bin/python3 "$SOURCE/tests/cli/squad_score_reference.py" "$@"
}

one_question() { # ANSWERS PREDICTIONS
    printf '{"version": "1.1", "data": [{"title": "T", "paragraphs": [{"context": "c", "qas": [
        {"id": "q", "question": "?", "answers": [%s]}]}]}]}' "$1" >gold.json
    printf '%s' "$2" >predictions.json
}

@test "the golden scores come out, byte for byte" {
    need_golden
    "$score" "$golden/v1.1.subset.json" "$golden/v1.1.predictions.json" | cmp - "$golden/v1.1.score.json"
    "$score" "$questions/dev-v2.0.part-a.json" "$golden/v2.0.google.predictions.json" \
        --na-prob-file "$golden/v2.0.google.null_odds.json" | cmp - "$golden/v2.0.google.score.json"
}

@test "random and odd answers score as the official rules have it" {
    for seed in $(seq 1 24); do
        reference make . "$seed"
        version=1.1
        grep -q v2.0 gold.json && version=2.0
        reference score gold.json predictions.json $version >want
        "$score" -q gold.json predictions.json >got
        diff want got
        [ $version = 2.0 ] || continue
        reference score gold.json predictions.json 2.0 na.json 0.5 >want
        "$score" gold.json predictions.json -n na.json --na-prob-thresh 0.5 >got
        diff want got
    done
}

@test "each article by itself, in a list behind the official keys" {
    reference make . 7
    "$score" gold.json predictions.json --articles >all.json
    /usr/bin/python3 - "$score" <<'END'
import json, subprocess, sys
gold, result = json.load(open("gold.json")), json.load(open("all.json"))
assert len(result["articles"]) == len(gold["data"]) and list(result)[-1] == "articles"
for article, scores in zip(gold["data"], result["articles"]):
    assert scores["title"] == article["title"]
    if not article["paragraphs"]:
        continue
    json.dump({"version": "2.0", "data": [article]}, open("one.json", "w"))
    one = subprocess.run([sys.argv[1], "one.json", "predictions.json"], capture_output=True, check=True)
    assert json.loads(one.stdout) == {k: v for k, v in scores.items() if k != "title"}
END
}

@test "version 1.1 without a prediction: a warning and 0; version 2.0: an error" {
    one_question '{"text": "x"}' '{}'
    run "$score" gold.json predictions.json
    [ "$status" -eq 0 ]
    [[ $output == *"warning: question 'q' has no prediction"* ]]
    [[ $output == *'{"exact_match": 0.0, "f1": 0.0}'* ]]
    run "$score" --version 2.0 gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"question 'q' has no prediction"* ]]
}

@test "--version chooses the rules, and says when the file is of the other one" {
    one_question '{"text": "x"}' '{"q": "x"}'
    [ "$("$score" gold.json predictions.json)" = '{"exact_match": 100.0, "f1": 100.0}' ]
    run "$score" --version=2.0 gold.json predictions.json
    [[ $output == *"warning: the questions are of version '1.1'"* ]]
    [[ $output == *'"HasAns_total": 1'* ]]
    run "$score" --version
    [[ $output == "squad-score (bertline)"* ]]
}

@test "what the official scorers fail at is an error that says where" {
    one_question '' '{"q": "x"}'
    run "$score" gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"question 'q' has no answers: is this a file of version 2.0?"* ]]
    one_question '{"text": 5}' '{"q": "x"}'
    run "$score" gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"gold.json: article 1, paragraph 1 "*": question 'q': 'text' is missing or is not a text" ]]
    one_question '{"text": "x"}' '{"q": 5}'
    run "$score" gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"the prediction of question 'q' is not a text"* ]]
    one_question '{"text": "x"}' '["q"]'
    run "$score" gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"predictions.json: it is not a JSON object"* ]]
    echo '{"data": []}' >gold.json
    echo '{}' >predictions.json
    run "$score" gold.json predictions.json
    [ "$status" -eq 1 ]
    [[ $output == *"gold.json: there are no questions"* ]]
}

@test "probabilities: for version 2.0, of every question, numbers" {
    one_question '{"text": "x"}' '{"q": "x"}'
    echo '{}' >na.json
    run "$score" gold.json predictions.json -n na.json
    [ "$status" -eq 2 ]
    run "$score" --version 2.0 gold.json predictions.json -n na.json
    [ "$status" -eq 1 ]
    [[ $output == *"na.json: question 'q' is missing"* ]]
    echo '{"q": "0.5"}' >na.json
    run "$score" --version 2.0 gold.json predictions.json -n na.json
    [ "$status" -eq 1 ]
    [[ $output == *"na.json: 'q' is not a number"* ]]
}

@test "predictions come through a pipe too; a full disk is an error" {
    one_question '{"text": "x"}' '{"q": "x"}'
    [ "$(gzip <predictions.json | "$score" gold.json -)" = '{"exact_match": 100.0, "f1": 100.0}' ]
    run sh -c '"$1" gold.json predictions.json >/dev/full' sh "$score"
    [ "$status" -eq 1 ]
    [[ $output == *"cannot write standard output"* ]]
    run "$score" gold.json
    [ "$status" -eq 2 ]
    run "$score" --help
    [ "$status" -eq 0 ]
    [[ $output == *"--na-prob-file"* ]]
}
