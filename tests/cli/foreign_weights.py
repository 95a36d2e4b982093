"""Models of other systems through bert-convert and our encoder, against what those systems recorded.

  foreign_weights.py CASE BUILD WEIGHTS      in an empty folder
"""
import json
import os
import re
import struct
import subprocess
import sys

import numpy as np
import torch

import tf_bundle

CASE, BUILD, WEIGHTS = sys.argv[1:]
TOLERANCE = 2e-6  # of the largest value: float32 through a few layers against float64
# The weights of the exporters' tests are so small that attention hardly matters: another number of
# heads changes their answers by 3e-7 and 4e-8 only.
TOLERANCE_SQUAD, TOLERANCE_MRPC = 8e-8, 8e-9


def convert(source, target, *options):
    subprocess.run([f"{BUILD}/tools/bert-convert", "-q", "--input", source, "--output", target,
                    *options], check=True)


def encode(model, ids, segments):
    tokens = "".join(f"{i} {s}\n" for i, s in zip(ids, segments))
    out = subprocess.run([f"{BUILD}/tests/encode", model], input=tokens, stdout=subprocess.PIPE,
                         check=True, text=True).stdout
    return np.array([line.split() for line in out.splitlines()], dtype=np.float64)


def close(got, want, what, tolerance=TOLERANCE):
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, (what, got.shape, want.shape)
    far = np.abs(got - want).max() / max(1, np.abs(want).max())
    print(f"{what}: {far:.1e}")
    assert far <= tolerance, what


def safetensors(folder):
    with open(f"{folder}/model.safetensors", "rb") as f:
        data = f.read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    header.pop("__metadata__")
    return {name: np.frombuffer(data[8 + n:], np.float32, offset=t["data_offsets"][0],
                                count=int(np.prod(t["shape"]))).reshape(t["shape"])
            .astype(np.float64) for name, t in header.items()}


def config(folder, **values):
    os.makedirs(folder, exist_ok=True)
    names = {"H": "hidden_size", "L": "num_hidden_layers", "A": "num_attention_heads",
             "F": "intermediate_size", "V": "vocab_size", "P": "max_position_embeddings"}
    text = {names.get(k, k): v for k, v in values.items()}
    with open(f"{folder}/config.json", "w") as f:
        json.dump({"model_type": "bert", "hidden_act": "gelu", "type_vocab_size": 2, **text}, f)


# ---- protocol buffers of ONNX ----

def varint(b, at):
    value = shift = 0
    while True:
        value |= (b[at] & 127) << shift
        shift += 7
        at += 1
        if b[at - 1] < 128:
            return value, at


def fields(b):
    at = 0
    while at < len(b):
        tag, at = varint(b, at)
        if tag & 7 == 0:
            value, at = varint(b, at)
        else:
            n, at = varint(b, at) if tag & 7 == 2 else (4 if tag & 7 == 5 else 8, at)
            value, at = b[at:at + n], at + n
        yield tag >> 3, value


def array(b):
    """TensorProto: 1 dims, 2 type, 4 floats, 8 name, 9 raw data."""
    f = list(fields(b))
    dims = [v for k, v in f if k == 1]
    kind = dict(f)[2]
    raw = dict(f).get(9)
    if raw is None and kind != 1:
        return dict(f)[8].decode(), None
    if raw is None:
        raw = b"".join(v for k, v in f if k == 4)
    return dict(f)[8].decode(), np.frombuffer(raw, {1: "<f4", 6: "<i4", 7: "<i8"}[kind]
                                              ).reshape(dims)


def onnx(folder):
    """Constants by name and nodes (operation, inputs, outputs) of a graph."""
    path = [f"{folder}/{n}" for n in os.listdir(folder) if n.endswith(".onnx")][0]
    with open(path, "rb") as f:
        graph = list(fields(dict(fields(f.read()))[7]))
    nodes = []
    for k, v in graph:
        if k == 1:
            node = list(fields(v))
            nodes.append((dict(node)[4].decode(), [x.decode() for k, x in node if k == 1],
                          [x.decode() for k, x in node if k == 2]))
    return dict(array(v) for k, v in graph if k == 5), nodes


def recorded(folder, name):
    with open(f"{folder}/test_data_set_0/{name}.pb", "rb") as f:
        return array(f.read())


def inputs(folder):
    """ids and segments of the tokens that are no padding."""
    got = dict(recorded(folder, f"input_{i}") for i in range(3))
    mask = [v for k, v in got.items() if "mask" in k][0][0].astype(bool)
    types = [v for k, v in got.items() if "type" in k or "segment" in k][0][0]
    return got["input_ids"][0][mask], types[mask], mask


# ---- the cases ----

def dummy():
    folder = f"{WEIGHTS}/bert-xsmall-dummy"
    with open(f"{folder}/reference_outputs.json") as f:
        want = json.load(f)
    convert(folder, "model")
    n = sum(want["attention_mask"][0])
    got = encode("model", want["input_ids"][0][:n], want["token_type_ids"][0][:n])
    close(got, want["last_hidden_state"][0][:n], "last hidden state")
    w = safetensors("model")
    close(np.tanh(w["pooler.dense.weight"] @ got[0] + w["pooler.dense.bias"]),
          np.ravel(want["pooled"]), "pooled")


def undo_layernorm(rows):
    """x, gamma, beta with layernorm(x) * gamma + beta = rows: the embeddings before their
    LayerNorm are not in the material. Two conditions a row, found by Gauss and Newton."""
    n, h = rows.shape
    gamma, beta = np.abs(rows).mean(0) + 0.5, np.zeros(h)
    for _ in range(50):
        x = (rows - beta) / gamma
        error = np.concatenate([x.mean(1), (x * x).mean(1) - 1])
        by_beta = np.concatenate([-1 / gamma * np.ones((n, h)), -2 * x / gamma]) / h
        by_gamma = np.concatenate([-x / gamma, -2 * x * x / gamma]) / h
        step = np.linalg.pinv(np.hstack([by_beta, by_gamma])) @ error
        beta, gamma = beta - step[:h], gamma - np.clip(step[h:], -gamma / 2, gamma / 2)
    assert np.abs(error).max() < 1e-12
    return x, gamma, beta


def sst2():
    for name, to in (("tar.zst", "tar"), ("reference.json.zst", "json")):
        with open(to, "wb") as f:
            subprocess.run(["zstd", "-qdc", f"{WEIGHTS}/bert-tiny-sst2-encoder.{name}"], stdout=f,
                           check=True)
    subprocess.run(["tar", "xf", "tar"], check=True)
    with open("json") as f:
        reference = json.load(f)
    gammas = reference["layernorm_gamma_recovered"]

    def text(name, *shape):
        return np.loadtxt(f"bert-tiny-sst2-encoder/{name}.txt", delimiter=",").reshape(shape)
    rows = np.array(reference["input_embeddings"])
    x, gamma, beta = undo_layernorm(rows)
    w = {"embeddings.word_embeddings.weight": x,
         "embeddings.position_embeddings.weight": np.zeros((21, 128)),
         "embeddings.token_type_embeddings.weight": np.zeros((2, 128)),
         "embeddings.LayerNorm.gamma": gamma, "embeddings.LayerNorm.beta": beta}
    for i in range(2):
        p, f = f"encoder.layer.{i}.", f"layer{i}_"
        for part in ("query", "key", "value"):
            w[p + f"attention.self.{part}.weight"] = text(f + f"attself_{part}_weight", 128, 128).T
            w[p + f"attention.self.{part}.bias"] = text(f + f"attself_{part}_bias", 128)
        w[p + "attention.output.dense.weight"] = text(f + "selfoutput_weight", 128, 128)
        w[p + "attention.output.dense.bias"] = text(f + "selfoutput_bias", 128)
        w[p + "attention.output.LayerNorm.gamma"] = np.array(gammas[f"layer{i}_selfoutput"])
        w[p + "attention.output.LayerNorm.beta"] = text(f + "selfoutput_normbias", 128)
        w[p + "intermediate.dense.weight"] = np.concatenate(
            [text(f + f"intermediate_weight{k}", 128, 128) for k in (1, 2, 3, 4)], axis=1).T
        w[p + "intermediate.dense.bias"] = text(f + "intermediate_bias", 512)
        w[p + "output.dense.weight"] = text(f + "output_weight", 128, 512)
        w[p + "output.dense.bias"] = text(f + "output_bias", 128)
        # The last LayerNorm is not in the material: it only normalises here.
        w[p + "output.LayerNorm.gamma"] = np.array(gammas.get(f + "output", np.ones(128)))
        w[p + "output.LayerNorm.beta"] = text(f + "output_normbias", 128) * (i == 0)
    before = np.array(reference["layer1_pre_layernorm_output"])
    centred = before - before.mean(1, keepdims=True)
    want = {1: np.array(reference["layer0_output"]),
            2: centred / np.sqrt((centred ** 2).mean(1, keepdims=True))}
    for layers in (1, 2):
        config(f"in{layers}", H=128, L=layers, A=2, F=512, V=21, P=21)
        torch.save({n: torch.tensor(t) for n, t in w.items()
                    if layers == 2 or ".layer.1." not in n},
                   f"in{layers}/pytorch_model.bin", _use_new_zipfile_serialization=False)
        convert(f"in{layers}", f"model{layers}")
        close(encode(f"model{layers}", range(21), [0] * 21), want[layers], f"{layers} layers")


def squad():
    """Constants of PyTorch's exporter: a product's weight has a number for a name, its bias the true one."""
    folder = f"{WEIGHTS}/onnx_tiny/bert_squad_pytorch1.4_opset10_fp32"
    constants, nodes = onnx(folder)
    made_by = {out: (op, ins) for op, ins, outs in nodes for out in outs}
    w = {n.replace("_resize", ""): t for n, t in constants.items() if n.startswith(("bert.", "qa_"))}
    for op, ins, _ in nodes:
        bias = [i for i in ins if i.replace("_resize", "").endswith("bias") and i in constants]
        for i in ins:
            if op == "Add" and bias and made_by.get(i, ("",))[0] == "MatMul":
                weight = [k for k in made_by[i][1] if k in constants]
                w[bias[0].replace("_resize", "")[:-4] + "weight"] = constants[weight[0]].T
    ids, segments, mask = inputs(folder)
    config("in", H=8, L=12, A=2, F=32, V=100, P=20)
    torch.save({"state_dict": {"module." + n: torch.tensor(t.copy()) for n, t in w.items()}},
               "in/pytorch_model.bin")
    convert("in", "model")
    got = encode("model", ids, segments)
    head = safetensors("model")
    logits = got @ head["qa_outputs.weight"].T + head["qa_outputs.bias"]
    for i in range(2):
        name, want = recorded(folder, f"output_{i}")
        close(logits[:, i], want[0][mask], name, TOLERANCE_SQUAD)


def mrpc():
    """Keras's variables as the TensorFlow checkpoint they would have been."""
    folder = f"{WEIGHTS}/onnx_tiny/bert_mrpc_tensorflow2.1_opset10"
    constants, _ = onnx(folder)
    top = "tf_bert_for_sequence_classification/"
    w = {}
    for name, t in constants.items():
        name = name.replace("_resize", "")
        if not name.startswith(top) or t is None:
            continue
        name = name[len(top):].replace("layer_._", "layer_")
        for pattern, kind in ((r"/Tensordot/Reshape_1:0$", "kernel"),
                              (r"/MatMul/ReadVariableOp:0$", "kernel"),
                              (r"/BiasAdd/ReadVariableOp:0$", "bias"),
                              (r"/batchnorm/mul/ReadVariableOp:0$", "gamma"),
                              (r"/batchnorm/ReadVariableOp:0$", "beta")):
            if re.search(pattern, name):
                w[re.sub(pattern, "/" + kind, name)] = t
        for pattern, table in (("embeddings/Gather/resource", "word_embeddings"),
                               ("embeddings/token_type_embeddings/", "token_type_embeddings"),
                               ("embeddings/position_embeddings/", "position_embeddings")):
            if pattern in name:
                w["bert/embeddings/" + table] = t.reshape(-1, t.shape[-1])
    w["output_weights"] = w.pop("classifier/kernel").T
    w["output_bias"] = w.pop("classifier/bias")
    slots = {f"{n}/{slot}": t + 1 for n, t in w.items() for slot in ("adam_m", "adam_v")}
    os.mkdir("in")
    config("in", H=8, L=12, A=2, F=32, V=20, P=7)
    os.rename("in/config.json", "in/bert_config.json")
    tf_bundle.save("in/model.ckpt-3", {**w, **slots, "global_step": np.int64(3)}, shards=2,
                   compress=True)
    with open("in/checkpoint", "w") as f:
        f.write('model_checkpoint_path: "model.ckpt-3"\n'
                'all_model_checkpoint_paths: "model.ckpt-1"\n')
    convert("in", "model")
    ids, segments, _ = inputs(folder)
    got = encode("model", ids, segments)
    head = safetensors("model")
    pooled = np.tanh(head["bert.pooler.dense.weight"] @ got[0] + head["bert.pooler.dense.bias"])
    close(head["classifier.weight"] @ pooled + head["classifier.bias"],
          recorded(folder, "output_0")[1][0], "logits", TOLERANCE_MRPC)


globals()[CASE]()
