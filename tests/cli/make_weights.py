"""Models in the forms of all systems, and files that lie, for bert-convert.bats.

  make_weights.py all                     folders pretraining, squad, classify, encoder, hostile
  make_weights.py check_system FOLDER...  FOLDER/ours is FOLDER/system in other names
"""
import collections
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import zipfile

import numpy as np
import torch

import tf_bundle

H, F, V, P, LAYERS = 64, 96, 45, 24, 2


def shapes(kind):
    yield "bert.embeddings.word_embeddings.weight", (V, H)
    yield "bert.embeddings.position_embeddings.weight", (P, H)
    yield "bert.embeddings.token_type_embeddings.weight", (2, H)
    dense = [(f"bert.encoder.layer.{i}.{name}", (rows, cols)) for i in range(LAYERS)
             for name, rows, cols in (
                 ("attention.self.query", H, H), ("attention.self.key", H, H),
                 ("attention.self.value", H, H), ("attention.output.dense", H, H),
                 ("intermediate.dense", F, H), ("output.dense", H, F))]
    norms = [f"bert.encoder.layer.{i}.{name}LayerNorm" for i in range(LAYERS)
             for name in ("attention.output.", "output.")] + ["bert.embeddings.LayerNorm"]
    dense.append(("bert.pooler.dense", (H, H)))
    if kind == "pretraining":
        dense += [("cls.predictions.transform.dense", (H, H)), ("cls.seq_relationship", (2, H))]
        norms.append("cls.predictions.transform.LayerNorm")
        yield "cls.predictions.bias", (V,)
    if kind == "squad":
        dense.append(("qa_outputs", (2, H)))
    if kind == "classify":
        dense.append(("classifier", (3, H)))
    for name, shape in dense:
        yield name + ".weight", shape
        yield name + ".bias", shape[:1]
    for name in norms:
        yield name + ".weight", (H,)
        yield name + ".bias", (H,)


def weights(kind):
    rng = np.random.RandomState(7)
    # Numbers that float16 has too, so that every form can hold them.
    return {name: rng.normal(0, 1, shape).astype(np.float16).astype(np.float32)
            for name, shape in shapes(kind)}


def safetensors(path, tensors, dtype="F32"):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, t in tensors.items():
        raw = (t.astype(np.float16) if dtype == "F16" else t).tobytes()
        header[name] = {"dtype": dtype, "shape": list(t.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def side_files(folder, config="config.json", vocab_size=V):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{config}", "w") as f:
        json.dump({"hidden_size": H, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
                   "intermediate_size": F, "max_position_embeddings": P, "type_vocab_size": 2,
                   "vocab_size": vocab_size, "hidden_act": "gelu"}, f)
    with open(f"{folder}/vocab.txt", "w") as f:
        f.write("".join(f"{w}\n" for w in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
        f.write("".join(f"w{i}\n" for i in range(V - 5)))


def tensorflow_name(name):
    whole = {"cls.predictions.bias": "cls/predictions/output_bias",
             "cls.seq_relationship.weight": "cls/seq_relationship/output_weights",
             "cls.seq_relationship.bias": "cls/seq_relationship/output_bias",
             "qa_outputs.weight": "cls/squad/output_weights",
             "qa_outputs.bias": "cls/squad/output_bias",
             "classifier.weight": "output_weights", "classifier.bias": "output_bias"}
    if name in whole:
        return whole[name]
    name = name.replace("layer.", "layer_").replace(".", "/")
    if "LayerNorm" in name:
        return name.replace("/weight", "/gamma").replace("/bias", "/beta")
    return name.replace("_embeddings/weight", "_embeddings").replace("/weight", "/kernel")


def garden_name(name, form):
    """The key of TensorFlow's model garden, official/nlp: form 'numbered', 'nested' (the same in an older
    pretrainer) or 'listed'."""
    numbered, part = form != "listed", name.split(".")
    encoder = "model/layer_with_weights-0/layer_with_weights-0" if form == "nested" else "encoder"
    if name == "bert.embeddings.word_embeddings.weight":
        return "masked_lm/embedding_table" if form != "nested" else \
            f"{encoder}/layer_with_weights-0/embeddings"
    leaf = {"weight": "gamma" if "LayerNorm" in name else "kernel",
            "bias": "beta" if "LayerNorm" in name else "bias"}[part[-1]]
    if name.startswith("bert.encoder.layer."):
        layer, middle = int(part[3]), ".".join(part[4:-1])
        at = f"layer_with_weights-{4 + layer}" if numbered else f"_transformer_layers/{layer}"
        return "/".join([encoder, at, {
            "attention.self.query": "_attention_layer/_query_dense",
            "attention.self.key": "_attention_layer/_key_dense",
            "attention.self.value": "_attention_layer/_value_dense",
            "attention.output.dense": "_attention_layer/_output_dense" if form != "nested" else
                                      "_attention_output_dense",
            "attention.output.LayerNorm": "_attention_layer_norm",
            "intermediate.dense": "_intermediate_dense", "output.dense": "_output_dense",
            "output.LayerNorm": "_output_layer_norm"}[middle], leaf])
    embeddings = {"position_embeddings": ("layer_with_weights-1", "_position_embedding_layer"),
                  "token_type_embeddings": ("layer_with_weights-2", "_type_embedding_layer"),
                  "LayerNorm": ("layer_with_weights-3", "_embedding_norm_layer")}
    if name.startswith("bert.embeddings."):
        at = embeddings[part[2]][0 if numbered else 1]
        return f"{encoder}/{at}/{leaf if part[2] == 'LayerNorm' else 'embeddings'}"
    if name.startswith("bert.pooler."):
        return {"numbered": "next_sentence..pooler_dense", "listed": f"{encoder}/_pooler_layer",
                "nested": f"{encoder}/layer_with_weights-{4 + LAYERS}"}[form] + "/" + leaf
    return {"cls.predictions.bias": "masked_lm/output_bias.Sbias",
            "cls.predictions.transform.dense": f"masked_lm/dense/{leaf}",
            "cls.predictions.transform.LayerNorm": f"masked_lm/layer_norm/{leaf}",
            "cls.seq_relationship": f"model/classification_heads/0/out_proj/{leaf}"}[
                name if name.endswith("predictions.bias") else ".".join(part[:-1])]


def garden(w, form, heads=4):
    tensors = {}
    for name, x in w.items():
        if form == "nested" and name.startswith("cls."):
            continue
        key = garden_name(name, form)
        if key.endswith("/kernel"):
            x = x.T.copy()
        if "attention.self" in name:  # (in, heads, features), (heads, features)
            x = x.reshape(*x.shape[:-1], heads, -1)
        if name.endswith("attention.output.dense.weight"):  # (heads, features, out)
            x = x.reshape(heads, -1, x.shape[-1])
        tensors[key] = x
        tensors[f"{key}/.OPTIMIZER_SLOT/optimizer/m"] = x
    if form == "numbered":  # a pooler that pretraining does not use
        tensors[f"encoder/layer_with_weights-{4 + LAYERS}/kernel"] = np.ones((H, H), "f4")
        tensors[f"encoder/layer_with_weights-{4 + LAYERS}/bias"] = np.ones(H, "f4")
    tensors.update({"save_counter": np.int64(1), "optimizer/iter": np.int64(7)})
    folder = f"garden_{form}"
    side_files(folder, "bert_config.json")
    tensors = {f"{k}/.ATTRIBUTES/VARIABLE_VALUE": x for k, x in tensors.items()}
    tf_bundle.save(f"{folder}/ckpt-1", {"_CHECKPOINTABLE_OBJECT_GRAPH": np.int32(0), **tensors})


def model(kind):
    w = weights(kind)
    side_files("hf")
    safetensors("hf/model.safetensors", w)
    if kind != "pretraining":
        return
    side_files("half")
    safetensors("half/model.safetensors", w, "F16")

    side_files("sharded")
    names = list(w)
    parts = {"model-00001-of-00002.safetensors": names[:9],
             "model-00002-of-00002.safetensors": names[9:]}
    for part, held in parts.items():
        safetensors(f"sharded/{part}", {n: w[n] for n in held})
    with open("sharded/model.safetensors.index.json", "w") as f:
        json.dump({"metadata": {}, "weight_map": {n: p for p, held in parts.items() for n in held}},
                  f)

    t = collections.OrderedDict((n, torch.tensor(x)) for n, x in w.items())
    word = "bert.embeddings.word_embeddings.weight"
    t["cls.predictions.decoder.weight"] = t[word]
    t["cls.predictions.decoder.bias"] = t["cls.predictions.bias"]
    old = {n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias",
                                                                    "LayerNorm.beta"): x
           for n, x in t.items()}
    torch.save(old, "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(t, "zip.pt")
    torch.save({"model": collections.OrderedDict(("module." + n, x) for n, x in t.items()),
                "optimizer": {"state": {0: {"exp_avg": t[word]}}, "param_groups": [{"lr": 0.1}]},
                "epoch": 3}, "nested.pt")
    parameters = torch.nn.ParameterDict({n.replace(".", "-"): torch.nn.Parameter(x)
                                         for n, x in t.items()})
    torch.save({n: p for n, p in zip(t, (parameters[n.replace(".", "-")] for n in t))},
               "parameters.pt")
    storage = torch.cat([x.flatten() for x in t.values()]).to(torch.float64)
    strided, at = {}, 0
    for n, x in t.items():  # windows into one storage, matrices by columns
        window = storage[at:at + x.numel()]
        strided[n] = window.view(x.shape)
        at += x.numel()
        if x.dim() == 2:
            strided[n] = x.t().contiguous().t()
    torch.save(strided, "strided.pt")

    os.makedirs("tf", exist_ok=True)
    side_files("tf", "bert_config.json")
    variables = {tensorflow_name(n): x.T.copy() if tensorflow_name(n).endswith("kernel") else x
                 for n, x in w.items()}
    slots = {f"{n}/{slot}": x * 0 for n, x in variables.items() for slot in ("adam_m", "adam_v")}
    tf_bundle.save("tf/bert_model.ckpt", {**variables, **slots, "global_step": np.int64(7)})
    with zipfile.ZipFile("google.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for name in sorted(os.listdir("tf")):
            z.write(f"tf/{name}", f"uncased_L-2_H-64_A-4/{name}")
    with tarfile.open("old.tar.gz", "w:gz") as tar:
        tar.add("legacy.bin", "bert/pytorch_model.bin")
        tar.add("hf/config.json", "bert/bert_config.json")

    for form in ("numbered", "listed", "nested"):
        garden(w, form)

    side_files("system", "bert_config.json", 48)
    system = collections.OrderedDict()
    for n, x in t.items():
        for layer in ("intermediate.dense", "pooler.dense", "transform.dense"):
            n = n.replace(layer + ".", layer + "_act.")
        if x.shape[0] == V:
            x = torch.cat([x, torch.ones(3, *x.shape[1:])])
        system[n] = x
    torch.save({"model": system}, "system/pytorch_model.bin")


def check_system(*folders):
    """The state_dict is the one of ours, in the PyTorch system's names, padded."""
    for folder in folders:
        check_state_dict(folder + "/ours", folder + "/system")


def check_state_dict(ours, theirs):
    with open(f"{ours}/model.safetensors", "rb") as f:
        data = f.read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    header.pop("__metadata__")
    got = torch.load(f"{theirs}/pytorch_model.bin", weights_only=True)
    assert list(got) == ["model"]
    full = torch.load(f"{theirs}/pytorch_model.bin")["model"]
    got = got["model"]
    assert list(full) == list(got)
    for name, t in header.items():
        want = np.frombuffer(data[8 + n:], np.float32, int(np.prod(t["shape"])),
                             t["data_offsets"][0]).reshape(t["shape"])
        for layer in ("intermediate.dense", "pooler.dense", "transform.dense"):
            name = name.replace(layer + ".", layer + "_act.")
        values = got.pop(name).numpy()
        if want.shape[0] == V:
            assert values.shape[0] == 48 and not values[V:].any()
            values = values[:V]
        assert values.tobytes() == want.tobytes(), name
    if got:
        assert list(got) == ["cls.predictions.decoder.weight"]
        assert (full["cls.predictions.decoder.weight"].data_ptr() ==
                full["bert.embeddings.word_embeddings.weight"].data_ptr())


# ---- files that lie ----

def torch_zip(path, program, storages=(("0", b"\0" * 64),), method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as z:
        z.writestr("archive/data.pkl", program)
        for key, data in storages:
            z.writestr(f"archive/data/{key}", data)
        z.writestr("archive/version", "3\n")


def text(s):
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def number(n):
    return b"\x8a\x08" + struct.pack("<q", n)


def tensor(sizes, strides, offset=0, numel=16, key="0"):
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"ctorch\nFloatStorage\n" +
            text(key) + text("cpu") + number(numel) + b"tQ" + number(offset) +
            b"(" + b"".join(map(number, sizes)) + b"t(" + b"".join(map(number, strides)) + b"t" +
            b"\x89ccollections\nOrderedDict\n)RtR")


def state(**tensors):
    return b"\x80\x02}(" + b"".join(text(n) + t for n, t in tensors.items()) + b"u."


def call(module, name, argument):
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + text(argument) + b"\x85R."


def hostile():
    torch_zip("system.pt", call("posix", "system", "touch was_run"))
    torch_zip("eval.pt", call("builtins", "eval", "open('was_run', 'w')"))
    torch_zip("getattr.pt", b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.")
    magic = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e") + b"\x80\x02M\xe9\x03."
    system = pickle.dumps({"little_endian": True, "protocol_version": 1001}, 2)
    with open("system_legacy.bin", "wb") as f:
        f.write(magic + system + call("posix", "system", "touch was_run"))

    name = "bert.embeddings.word_embeddings.weight"
    torch_zip("stride.pt", state(**{name: tensor([1 << 40, 64], [0, 0])}))
    torch_zip("outside.pt", state(**{name: tensor([4, 5], [5, 1])}))
    torch_zip("numel.pt", state(**{name: tensor([1 << 30], [1], 0, 1 << 30)}))
    torch_zip("shape.pt", state(**{name: tensor([1 << 62, 1 << 62], [1, 1])}))
    torch_zip("missing.pt", state(**{name: tensor([4], [1], key="9")}))
    # 200 layers, all of whose tensors look at the same 6144 numbers.
    many = {n: tensor(s, [s[1], 1] if len(s) == 2 else [1], numel=F * H) for n, s in
            shapes("encoder")}
    many.update({n.replace("layer.0", f"layer.{i}"): t for n, t in list(many.items())
                 if "layer.0" in n for i in range(2, 200)})
    os.mkdir("shared")
    torch_zip("shared/pytorch_model.bin", state(**many), [("0", b"\0" * F * H * 4)])
    torch_zip("cycle.pt", b"\x80\x02}q\x00X\x05\0\0\0modelh\x00s.")
    torch_zip("laughs.pt", b"\x80\x02}q\x000" + b"".join(
        b"}q" + bytes([i]) + b"(" + text("model") + b"h" + bytes([i - 1]) + text("b") + b"h" +
        bytes([i - 1]) + b"u0" for i in range(1, 200)) + b"h\xc7.")
    torch_zip("deep.pt", b"\x80\x02" + b"(" * 3000000 + b"t" * 3000000 + b".")
    torch_zip("memo.pt", b"\x80\x02}r\xff\xff\xff\x7f.")
    torch_zip("long.pt", b"\x80\x02\x8b\xff\xff\xff\x7fabc.")
    torch_zip("deflated.pt", state(**{name: tensor([16], [1])}), method=zipfile.ZIP_DEFLATED)
    torch_zip("whole.pt", state(**{name: tensor([16], [1])}))
    with open("whole.pt", "rb") as f:
        whole = f.read()
    with open("cut.pt", "wb") as f:
        f.write(whole[:-30])
    at = whole.index(b"\0" * 64)
    with open("bits.pt", "wb") as f:
        f.write(whole[:at] + b"\1" + whole[at + 1:])
    out = io.BytesIO()
    torch.save({name: torch.zeros(4, 4)}, out, _use_new_zipfile_serialization=False)
    with open("bits.bin", "wb") as f:
        f.write(out.getvalue()[:-20])
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("x/bert_model.ckpt.index", "w") as f:
            for _ in range(300):
                f.write(b"\0" * (1 << 20))

    for case in ("cut", "bits", "outside", "crc"):
        tf_bundle.save(f"tf_{case}", {"bert/embeddings/word_embeddings": np.ones((9, 64), "f4"),
                                      "bert/embeddings/position_embeddings": np.ones((9, 64), "f4"),
                                      "bert/embeddings/token_type_embeddings":
                                          np.ones((2, 64), "f4")})
    side_files(".", vocab_size=9)
    os.remove("vocab.txt")

    def damage(path, at=None, cut=None):
        with open(path, "rb") as f:
            data = bytearray(f.read())
        if at is not None:
            data[at] ^= 1
        with open(path, "wb") as f:
            f.write(data[:cut])
    damage("tf_cut.index", cut=-9)
    damage("tf_bits.index", at=20)
    damage("tf_outside.data-00000-of-00001", cut=100)
    damage("tf_crc.data-00000-of-00001", at=5000)


def all():
    for kind in ("pretraining", "squad", "classify", "encoder"):
        os.mkdir(kind)
        os.chdir(kind)
        model(kind)
        os.chdir("..")
    os.mkdir("hostile")
    os.chdir("hostile")
    hostile()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
