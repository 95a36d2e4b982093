"""A small BERT with random weights, as a Hugging Face folder: what bert-predict is tested with.

predict_model.py FOLDER [HEAD]      HEAD: masked (default), squad, classify (three classes), score, none

The vocabulary is specials, letters, digits, some punctuation and pieces, one token a line. The last LayerNorm of the
encoder is small, so that its outputs have all magnitudes down to 1e-7.
"""
import json
import os
import struct
import sys

import numpy as np

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]
VOCAB = SPECIALS + LETTERS + ["##" + c for c in LETTERS] + list("0123456789.,?!'\"\\-|") + [
    "ß", "ж", "中", "\U0001f600", "é", "the", "what", "is", "who", "of", "in", "paris", "##ing"]
HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 3, 4, 64, 96


def main():
    folder = sys.argv[1]
    head = sys.argv[2] if len(sys.argv) > 2 else "masked"
    rng = np.random.default_rng(7)
    tensors = {}

    def put(name, *shape, scale=0.3):
        tensors[name] = rng.normal(0, scale, shape).astype("<f4")

    def linear(name, rows, cols):
        put(name + ".weight", rows, cols)
        put(name + ".bias", rows)

    def norm(name, scale=1.0):
        tensors[name + ".weight"] = (scale * rng.normal(1, 0.1, HIDDEN)).astype("<f4")
        tensors[name + ".bias"] = (scale * rng.normal(0, 0.1, HIDDEN)).astype("<f4")

    put("bert.embeddings.word_embeddings.weight", len(VOCAB), HIDDEN)
    put("bert.embeddings.position_embeddings.weight", POSITIONS, HIDDEN)
    put("bert.embeddings.token_type_embeddings.weight", 2, HIDDEN)
    norm("bert.embeddings.LayerNorm")
    for i in range(LAYERS):
        at = "bert.encoder.layer.%d." % i
        for name in ("attention.self.query", "attention.self.key", "attention.self.value",
                     "attention.output.dense"):
            linear(at + name, HIDDEN, HIDDEN)
        norm(at + "attention.output.LayerNorm")
        linear(at + "intermediate.dense", INNER, HIDDEN)
        linear(at + "output.dense", HIDDEN, INNER)
        norm(at + "output.LayerNorm", 1e-3 if i == LAYERS - 1 and head == "none" else 1.0)
    linear("bert.pooler.dense", HIDDEN, HIDDEN)
    config = {
        "vocab_size": len(VOCAB), "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "initializer_range": 0.02,
        "model_type": "bert", "architectures": ["BertModel"]}
    if head == "masked":
        config["architectures"] = ["BertForMaskedLM"]
        put("cls.predictions.bias", len(VOCAB))
        linear("cls.predictions.transform.dense", HIDDEN, HIDDEN)
        norm("cls.predictions.transform.LayerNorm")
    elif head == "squad":
        config["architectures"] = ["BertForQuestionAnswering"]
        linear("qa_outputs", 2, HIDDEN)
    elif head in ("classify", "score"):
        config["architectures"] = ["BertForSequenceClassification"]
        labels = ["contradiction", "entailment", "neutral"] if head == "classify" else ["LABEL_0"]
        config["id2label"] = {str(i): label for i, label in enumerate(labels)}
        config["label2id"] = {label: i for i, label in enumerate(labels)}
        linear("classifier", len(labels), HIDDEN)

    os.makedirs(folder, exist_ok=True)
    header, at = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    header = json.dumps(header).encode()
    header += b" " * (-len(header) % 8)
    with open(folder + "/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header)
        for tensor in tensors.values():
            f.write(tensor.tobytes())
    with open(folder + "/config.json", "w") as f:
        json.dump(config, f)
    with open(folder + "/vocab.txt", "w") as f:
        f.write("".join(token + "\n" for token in VOCAB))
    with open(folder + "/tokenizer_config.json", "w") as f:
        json.dump({"do_lower_case": True}, f)


main()
