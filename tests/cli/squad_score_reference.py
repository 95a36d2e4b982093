"""squad_score_reference.py score GOLD PREDICTIONS VERSION [NA_PROBS [THRESHOLD]] -- the official rules, plainly
squad_score_reference.py make FOLDER SEED -- random questions and answers, the odd ones among them:
    gold.json, predictions.json, na.json

Sums are plain left-to-right sums of floats, as sum() was up to Python 3.11."""
import json
import random
import re
import string
import sys
from collections import Counter


def words(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def add(values):
    total = 0
    for value in values:
        total += value
    return total


def f1(gold, guess, no_answer_rule):
    gold, guess = words(gold), words(guess)
    same = sum((Counter(gold) & Counter(guess)).values())
    if no_answer_rule and not (gold and guess):
        return int(gold == guess)
    if same == 0:
        return 0
    precision, recall = same / len(guess), same / len(gold)
    return (2 * precision * recall) / (precision + recall)


def questions(gold):
    for article in gold["data"]:
        for paragraph in article["paragraphs"]:
            yield from paragraph["qas"]


def version_1(gold, guesses):
    exact, f, n = 0, 0, 0
    for q in questions(gold):
        n += 1
        if q["id"] not in guesses:
            continue
        guess = guesses[q["id"]]
        exact += max(words(a["text"]) == words(guess) for a in q["answers"])
        f += max(f1(a["text"], guess, False) for a in q["answers"])
    return json.dumps({"exact_match": 100.0 * exact / n, "f1": 100.0 * f / n})


def best(scores, guesses, na, has):
    now = top = len([k for k in has if not has[k]])
    threshold = 0.0
    for key in sorted(na, key=na.get):
        if key in scores:
            now += scores[key] if has[key] else -1 if guesses[key] else 0
            if now > top:
                top, threshold = now, na[key]
    return 100.0 * top / len(scores), threshold


def version_2(gold, guesses, na, limit):
    exact, f, has = {}, {}, {}
    for q in questions(gold):
        key = q["id"]
        has[key] = bool(q["answers"])
        answers = [a["text"] for a in q["answers"] if words(a["text"])] or [""]
        exact[key] = max(int(words(a) == words(guesses[key])) for a in answers)
        f[key] = max(f1(a, guesses[key], True) for a in answers)
    probs = na or dict.fromkeys(guesses, 0.0)
    result = {}
    for prefix, want in ("", None), ("HasAns_", True), ("NoAns_", False):
        keys = [k for k in has if want is None or has[k] == want]
        if not keys:
            continue
        for name, scores in ("exact", exact), ("f1", f):
            kept = (float(not has[k]) if probs[k] > limit else scores[k] for k in keys)
            result[prefix + name] = 100.0 * add(kept) / len(keys)
        result[prefix + "total"] = len(keys)
    if na is not None:
        for name, scores in ("exact", exact), ("f1", f):
            top, threshold = best(scores, guesses, na, has)
            result["best_" + name] = top
            result[f"best_{name}_thresh"] = threshold
    return json.dumps(result, indent=2)


def score(gold, guesses, version, na=None, limit="1.0"):
    def load(path):
        return json.load(open(path, encoding="utf-8"))

    if version == "1.1":
        print(version_1(load(gold), load(guesses)))
    else:
        print(version_2(load(gold), load(guesses), na and load(na), float(limit)))


PIECES = """a an the A The AN a. (the) an's _a_ a-b the\u0301 \u0430 \uff41 a\u200bn Stra\u00dfe STRASSE \u0130stanbul
\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2 \u03a3\u03a3. \u00bd \u2167 \u0663 x\u00b2 caf\u00e9 cafe\u0301 \u65e5\u672c \U0001f600 \U00010400 1,000 $5 -- ... _ ~ \u2019s \u201ca\u201d
a\u0301 the\u00bd an_d \u1e9e \u01c5 in of river River 1895 a\u1160 \ud55c\uad6d\uc5b4 \u0e01\u0e32 \u200d \u00ad""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\x1f", "\x0b", "\u202f", "\u200b", ""]


def text(r, most=6):
    out = ""
    for _ in range(r.randrange(most)):
        out += r.choice(PIECES) + r.choice(SPACES)
    return out


def make(folder, seed):
    r = random.Random(int(seed))
    version_2 = int(seed) % 2 == 1
    gold, guesses, na, keys = {"data": []}, {}, {}, []
    for i in range(r.randrange(1, 5)):
        article = {"title": f"T{i}", "paragraphs": []}
        for _ in range(r.randrange(4)):
            qas = []
            for _ in range(r.randrange(1, 6)):
                key = r.choice(keys) if keys and r.random() < 0.05 else text(r, 3) + str(len(keys))
                keys.append(key)
                n = r.randrange(0 if version_2 else 1, 4)
                qas.append({"id": key, "question": "?", "answers": [{"text": text(r)} for _ in range(n)]})
                seen = qas[-1]["answers"]
                guess = r.choice(seen)["text"] if seen and r.random() < 0.5 else text(r)
                guesses[key] = "" if r.random() < 0.2 else guess + r.choice(["", ".", " the", "A "])
            article["paragraphs"].append({"context": "c", "qas": qas})
        gold["data"].append(article)
    if not keys:
        return make(folder, int(seed) + 1000000)
    if not version_2:
        for key in r.sample(keys, len(keys) // 10):
            guesses.pop(key, None)
    guesses["not there"] = "x"
    for key in r.sample(list(guesses), len(guesses)):
        na[key] = r.choice([0, 1, 2, -3.5, r.uniform(-9, 9), round(r.uniform(-3, 3), 1), 1e-7 * r.random()])
    gold["version"] = "v2.0" if version_2 else "1.1"
    for name, value in ("gold", gold), ("predictions", guesses), ("na", na):
        json.dump(value, open(f"{folder}/{name}.json", "w", encoding="utf-8"), ensure_ascii=r.random() < 0.5)
    return None


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
