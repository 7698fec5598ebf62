#!/usr/bin/env python3
"""How much CPU a training takes, beside scikit-learn's usual text classifier on the same messages.

  cargo build --release
  python3 benches/training.py --data train.jsonl [--out-of-scope oos.jsonl] [--rounds 3]

Needs scikit-learn (pip install scikit-learn). The two take turns; the medians and their ratio are printed.
scikit-learn: TF-IDF of words (1 to 2) and of letters within words (2 to 5), LinearSVC. Both read the file anew.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile

BASELINE = """
import json, sys
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf8")]
texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
for file in sys.argv[2:]:
    more = [json.loads(line)["text"] for line in open(file, encoding="utf8")]
    texts, labels = texts + more, labels + ["out_of_scope"] * len(more)
words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
LinearSVC(C=0.5).fit(hstack([words.fit_transform(texts), letters.fit_transform(texts)]).tocsr(), labels)
"""


def cpu(command):
    """Seconds of CPU and the peak of memory (MB) of a process and its threads."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    script += "it = resource.getrusage(resource.RUSAGE_CHILDREN); print(it.ru_utime + it.ru_stime, it.ru_maxrss / 1024)"
    out = subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True, text=True).stdout
    seconds, peak = out.split()
    return float(seconds), float(peak)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out-of-scope")
    parser.add_argument("--program", default="target/release/ticket-dispatch")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    outside = [options.out_of_scope] if options.out_of_scope else []
    with tempfile.TemporaryDirectory() as folder:
        ours = [options.program, "train", "--data", options.data, "--output", folder]
        ours += ["--out-of-scope", *outside] if outside else []
        theirs = [sys.executable, "-c", BASELINE, options.data, *outside]
        rounds = [(cpu(ours), cpu(theirs)) for _ in range(options.rounds)]
    mine, baseline = (statistics.median(of[side][0] for of in rounds) for side in (0, 1))
    peak = max(of[0][1] for of in rounds)
    print(f"ticket-dispatch {mine:6.2f} s of CPU, {peak:.0f} MB at most")
    print(f"scikit-learn    {baseline:6.2f} s of CPU")
    print(f"ratio           {mine / baseline:6.2f}  (to reach: 0.50, then 0.17)")


if __name__ == "__main__":
    main()
