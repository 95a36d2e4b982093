"""squad_golden.py subset IN OUT N -- the first N questions of a SQuAD file
squad_golden.py features OURS GOLDEN -- every data set of the golden file is in ours, equal
squad_golden.py answers FOLDER GOLDEN VERSION -- prediction files against golden ones, GOLDEN.*.json"""
import json
import os
import sys


def subset(path, to, n):
    left = int(n)
    data = json.load(open(path, encoding="utf-8"))
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = paragraph["qas"][:left]
            left -= len(paragraph["qas"])
    json.dump(data, open(to, "w", encoding="utf-8"))


def features(ours, golden):
    import h5py

    ours, golden = h5py.File(ours), h5py.File(golden)
    want = set(golden) - {"start_logits", "end_logits"}
    assert set(ours) == want, (set(ours), want)
    for name in want:
        a, b = ours[name][()], golden[name][()]
        if name != "qas_id":
            assert a.dtype == b.dtype, name
        assert a.shape == b.shape and (a == b).all(), name
    assert ours.attrs["rows"] == len(golden["input_ids"])


def answers(folder, golden, version):
    def load(path):
        text = open(path, encoding="utf-8").read()
        return text, json.loads(text)

    names = ["predictions", "nbest_predictions"] + ["null_odds"] * (version == "2.0")
    assert sorted(os.listdir(folder)) == sorted(name + ".json" for name in names)
    for name in names:
        text, ours = load(f"{folder}/{name}.json")
        assert text == json.dumps(ours, indent=4) + "\n", name
        if name == "nbest_predictions":
            ours = {key: value[:3] for key, value in ours.items()}
            name = "nbest_top3"
        if name == "null_odds" and not os.path.exists(f"{golden}.null_odds.json"):
            continue
        want = load(f"{golden}.{name}.json")[1]
        assert list(ours.items()) == list(want.items()), name


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
