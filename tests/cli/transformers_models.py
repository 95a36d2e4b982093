"""Models that transformers makes go through bert-convert and come back: it loads them without a word, and
computes from them what we compute.

  transformers_models.py BUILD KIND      in an empty folder; KIND: classes, training, system, tokenizer

Exits with 77 where transformers and torch cannot be imported (PYTHONPATH may lead to them).
"""
import json
import logging
import os
import subprocess
import sys
import warnings

try:
    import h5py
    import numpy as np
    import torch
    import transformers
    from transformers import AutoConfig, AutoModel, BertConfig, BertTokenizer
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)

BUILD = sys.argv[1]
TOLERANCE = 1e-4
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]
VOCAB = SPECIALS + LETTERS + ["##" + c for c in LETTERS] + list("0123456789.,?!'\"\\-|") + [
    "the", "what", "is", "who", "of", "in", "paris", "##ing", "é", "中"]
CONFIG = {"vocab_size": len(VOCAB), "hidden_size": 32, "num_hidden_layers": 3,
          "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 64,
          "initializer_range": 0.2, "hidden_dropout_prob": 0.1}
CLASSES = ["BertModel", "BertForPreTraining", "BertForMaskedLM", "BertForNextSentencePrediction",
           "BertForSequenceClassification", "BertForTokenClassification", "BertForMultipleChoice",
           "BertForQuestionAnswering"]


class Said(logging.Handler):
    """What transformers and Python have to say meanwhile."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        if record.levelno >= logging.WARNING:
            self.lines.append(record.getMessage())

    def __enter__(self):
        self.caught = warnings.catch_warnings(record=True)
        self.warned = self.caught.__enter__()
        warnings.simplefilter("always")
        logging.getLogger("transformers").addHandler(self)
        return self

    def __exit__(self, *rest):
        logging.getLogger("transformers").removeHandler(self)
        self.caught.__exit__(*rest)
        # Of Python's warnings those about a library's own code are none about the folder.
        self.lines += [str(w.message) for w in self.warned
                       if not issubclass(w.category, (DeprecationWarning, FutureWarning))]


def tool(*words, stdin=None):
    done = subprocess.run([f"{BUILD}/tools/{words[0]}", *words[1:]], input=stdin, text=True,
                          stdout=subprocess.PIPE, check=True)
    return done.stdout


def helper(name, *words):
    subprocess.run([f"{BUILD}/tests/{name}", *words], check=True)


def write_vocab(folder):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/vocab.txt", "w") as f:
        f.write("".join(token + "\n" for token in VOCAB))


def load(name, folder):
    """A model of that class, about which nothing was said and from which nothing is missing."""
    with Said() as said:
        model, info = getattr(transformers, name).from_pretrained(folder, output_loading_info=True)
    assert not said.lines, (name, folder, said.lines)
    assert not any(info.values()), (name, folder, info)
    return model.eval()


def close(got, want, what):
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    assert got.shape == want.shape, (what, got.shape, want.shape)
    far = np.abs(got - want).max()
    print(f"  {what}: {far:.1e}")
    assert far <= TOLERANCE, what


def outputs(model, ids, segments):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([segments]),
                     output_hidden_states=True)


def same_outputs(a, b, what):
    """Two models of one class, number by number."""
    ids = torch.arange(5, 35).reshape(1, -1)
    if "MultipleChoice" in type(a).__name__:
        ids = ids.reshape(1, 2, -1)
    with torch.no_grad():
        for x, y in zip(a(ids).to_tuple(), b(ids).to_tuple()):
            assert torch.equal(x, y), what


# ---- ours beside theirs ----

def check_embed(model, folder):
    tool("bert-predict", "embed", "--model", folder, "--layers", "-1,-2", "--json", "-q", "-o",
         "embed.json", stdin="who is it ? ||| paris is 12 !\nthe e\n")
    with open("embed.json") as f:
        for line in f:
            features = json.loads(line)["features"]
            tokens = [x["token"] for x in features]
            first = tokens.index("[SEP]") + 1
            segments = [int(i >= first) for i in range(len(tokens))]
            hidden = outputs(model, [VOCAB.index(t) for t in tokens], segments).hidden_states
            for k, layer in enumerate((-1, -2)):
                close([x["layers"][k]["values"] for x in features], hidden[layer][0],
                      f"layer {layer}")


def check_fill_mask(model, folder):
    line = "the [MASK] of paris is [MASK] ?"
    answer = json.loads(tool("bert-predict", "fill-mask", "--model", folder, "--json", "--top",
                             str(len(VOCAB)), stdin=line + "\n"))
    tokens = ["[CLS]"] + line.split() + ["[SEP]"]
    ids = [VOCAB.index(t) for t in tokens]
    p = outputs(model, ids, [0] * len(ids))
    p = torch.softmax(p.logits if "logits" in p else p.prediction_logits, -1)[0]
    for at, guesses in zip((2, 6), answer["masks"]):
        assert len(guesses) == len(VOCAB)
        close([g["probability"] for g in guesses], [p[at][g["id"]] for g in guesses], "word")


def check_classify(model, folder, labels):
    with open("task.tsv", "w") as f:
        f.write("\t".join("index p q g a b c d sentence1 sentence2 gold_label".split()) + "\n")
        for i in range(9):
            f.write("\t".join([str(i)] + [""] * 7 + [f"who is the {i} of", f"paris {i} !", labels[0]])
                    + "\n")
    tool("bert-predict", "classify", "--model", folder, "-i", "task.tsv", "--task-name", "mnli",
         "-o", "classes", "-q")
    tool("glue-features", "--task", "mnli", "--vocab", f"{folder}/vocab.txt", "-i", "task.tsv", "-o",
         "task.hdf5", "-q")
    order = [model.config.label2id[x] for x in ("contradiction", "entailment", "neutral")]
    for ours, (ids, segments) in zip(np.loadtxt("classes/test_results.tsv", ndmin=2),
                                     rows("task.hdf5")):
        close(ours, torch.softmax(outputs(model, ids, segments).logits[0], -1)[order], "class")


def rows(path):
    with h5py.File(path) as f:
        for ids, mask, segments in zip(f["input_ids"], f["input_mask"], f["segment_ids"]):
            n = int(mask.sum())
            yield ids[:n].tolist(), segments[:n].astype(int).tolist()


def check_squad(model, folder):
    with open("q.json", "w") as f:
        json.dump({"version": "1.1", "data": [{"title": "t", "paragraphs": [{
            "context": "the e of paris is a b c , d in 1 2 3 . who is it ? the x of y is z .",
            "qas": [{"id": "q", "question": "who is a ?",
                     "answers": [{"text": "b", "answer_start": 23}]}]}]}]}, f)
    shape = ["--seq-length", "24", "--doc-stride", "4"]
    tool("bert-predict", "squad", "--model", folder, "-i", "q.json", "-o", "answers",
         "--save-logits", "logits.hdf5", "-q", *shape)
    tool("squad-features", "-v", f"{folder}/vocab.txt", "-i", "q.json", "-o", "q.hdf5", "--predict",
         "-q", *shape)
    with h5py.File("logits.hdf5") as f:
        start, end = f["start_logits"][:], f["end_logits"][:]
    for s, e, (ids, segments) in zip(start, end, rows("q.hdf5")):
        want = outputs(model, ids, segments)
        close(s[:len(ids)], want.start_logits[0], "start")
        close(e[:len(ids)], want.end_logits[0], "end")


def check_predictions(model, folder):
    kind = type(model).__name__
    if kind == "BertModel":
        check_embed(model, folder)
    if kind in ("BertForPreTraining", "BertForMaskedLM"):
        check_fill_mask(model, folder)
    if kind == "BertForSequenceClassification" and model.config.num_labels == 3:
        check_classify(model, folder, list(model.config.label2id))
    if kind == "BertForQuestionAnswering":
        check_squad(model, folder)


# ---- the kinds ----

def made(name, folder, save, **config):
    """A model of random weights as save_pretrained() leaves it."""
    torch.manual_seed(7)
    options = dict(CONFIG, **config)
    if name == "BertForSequenceClassification" and "num_labels" not in config:
        options.update(id2label={0: "entailment", 1: "neutral", 2: "contradiction"},
                       label2id={"entailment": 0, "neutral": 1, "contradiction": 2})
    model = getattr(transformers, name)(BertConfig(**options)).eval()
    for parameter in model.parameters():  # no gamma of 1, no bias of 0
        parameter.data += 0.05 * torch.randn_like(parameter)
    model.save_pretrained(folder, **save)
    write_vocab(folder)
    return model


def check(name, model, source):
    """source --bert-convert--> ours: what is loaded from it is the model."""
    for stated in (source, source + "_pytorch"):  # by way of the PyTorch system's names, too
        if stated != source:
            tool("bert-convert", "-q", "-i", source, "-o", stated, "--format", "pytorch")
        ours = stated + "_ours"
        tool("bert-convert", "-q", "-i", stated, "-o", ours)
        with open(f"{ours}/config.json") as f:
            written = json.load(f)
        assert written["architectures"] == [name], (name, written["architectures"])
        assert AutoConfig.from_pretrained(ours).num_labels == model.config.num_labels
        loaded = load(name, ours)
        same_outputs(loaded, model, f"{name} of {stated}")
        if name in ("BertModel", "BertForPreTraining"):
            load_bare(ours, name)
        assert loaded.config.id2label == model.config.id2label
        if stated == source:
            check_predictions(loaded, ours)


def load_bare(folder, name):
    """AutoModel takes the encoder of any; of more than that it says what it leaves."""
    model, info = AutoModel.from_pretrained(folder, output_loading_info=True)
    assert type(model).__name__ == "BertModel"
    assert not info["mismatched_keys"], info
    assert all(k.startswith(("cls.", "classifier.", "qa_outputs.")) for k in info["unexpected_keys"])
    assert name != "BertModel" or not info["unexpected_keys"], info
    assert all(name == "BertForQuestionAnswering" and "pooler.dense." in k  # it has none
               for k in info["missing_keys"]), info


def classes():
    forms = {"bin": {}, "sharded": {"max_shard_size": "20KB"},
             "safe": {"safe_serialization": True},
             "safe_sharded": {"safe_serialization": True, "max_shard_size": "20KB"}}
    for name in CLASSES:
        for form, options in forms.items():
            print(f"{name}, {form}")
            model = made(name, f"{name}_{form}", options)
            check(name, model, f"{name}_{form}")
    for n in (1, 2, 5):
        name = "BertForSequenceClassification"
        check(name, made(name, f"labels_{n}", {}, num_labels=n), f"labels_{n}")
    for act, eps in (("gelu_new", 1e-12), ("gelu", 1e-5)):
        name = "BertForMaskedLM"
        print(act, eps)
        model = made(name, act, {}, hidden_act=act, layer_norm_eps=eps)
        tool("bert-convert", "-q", "-i", act, "-o", act + "_ours")
        loaded = load(name, act + "_ours")
        same_outputs(loaded, model, act)
        check_predictions(loaded, act + "_ours")


def training():
    """What bert-train leaves is loaded as it is."""
    with open("config.json", "w") as f:
        json.dump(dict(CONFIG, hidden_act="gelu", type_vocab_size=2), f)
    write_vocab(".")
    helper("fake_shards", "rows", "1", "8")
    for task, name, kind in (("pretrain", "BertForPreTraining", None),
                             ("squad", "BertForQuestionAnswering", "spans"),
                             ("classify", "BertForSequenceClassification", "classes"),
                             ("classify", "BertForSequenceClassification", "scores")):
        print(task, kind or "")
        data = ["--input_dir", "rows"]
        if kind:
            helper("fake_features", f"{kind}.hdf5", kind, "8")
            data = ["--train_file", f"{kind}.hdf5", "--num_train_epochs", "9"]
        tool("bert-train", task, *data, "--config_file", "config.json", "--max_steps", "2",
             "--train_batch_size", "4", "--output_dir", f"run_{kind}", "--vocab", "vocab.txt", "-q")
        folder = f"run_{kind}/ckpt_2"
        model = load(name, folder)
        assert model.config.architectures == [name]
        if kind in ("classes", "scores"):
            assert model.config.num_labels == {"classes": 3, "scores": 1}[kind]
        else:
            check_predictions(model, folder)
        load_bare(folder, name)


def tokenizer():
    """The folder's tokenizer cuts as tokenize cuts."""
    lines = ["what is the e of paris?", "Who IS in Paris, the é of 12?!", "\"a\" - b|c \\ xyz中ing",
             "the\tx  y", "ééé ing"]
    for cased in (False, True):
        source = f"cased_{cased}"
        made("BertForMaskedLM", source, {})
        if cased:  # what tells one is a token with a capital letter
            with open(f"{source}/vocab.txt", "w") as f:
                f.write("".join(token + "\n" for token in VOCAB[:-1] + ["Paris"]))
        tool("bert-convert", "-q", "-i", source, "-o", source + "_ours")
        with Said() as said:
            theirs = BertTokenizer.from_pretrained(source + "_ours")
        assert not said.lines, said.lines
        assert theirs.model_max_length == CONFIG["max_position_embeddings"]
        assert theirs.do_lower_case == (not cased)
        assert theirs.mask_token_id == VOCAB.index("[MASK]")
        for line in lines:
            ours = tool("tokenize", "--vocab", f"{source}_ours/vocab.txt", "--text",
                        *(["--cased"] if cased else []), stdin=line + "\n").split()
            assert ours == theirs.tokenize(line), (ours, theirs.tokenize(line))
    print("tokenizer: the same tokens")


if __name__ == "__main__":
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    {"classes": classes, "training": training, "tokenizer": tokenizer}[sys.argv[2]]()
