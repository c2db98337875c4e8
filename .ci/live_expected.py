"""What Python answers on the reviews that test the page: python .ci/live_expected.py FOLDER MODEL [--write]

Leaves FOLDER/expected.json for live_test.mjs. Products of 8 bits come out the same only on processors with the
instructions that the export was checked with. On others the answers are those of live_golden.json, which --write makes
where they can be computed; cleaning, token ids and the linear model are Python's, computed here and now."""
import csv
import json
import sys
from pathlib import Path

from imdb_bert.data import clean_review
from imdb_bert.foundations.baselines import HashedLinear
from imdb_bert.foundations.files import PACKAGE_DIR
from imdb_bert.foundations.tokens import Reading, review_windows
from imdb_bert.inference import SentimentAnalyzer
from imdb_bert.models import exported_models
from tokenizers import Tokenizer

GOLDEN = Path(__file__).with_name("live_golden.json")
EXPLAINED = "Two hours of my life that I will never get back, but the cast is wonderful, the music is not bad, and I laughed."
ODD = [
    "", "   \n\t ", "<br /><br />", "\u200b\u00ad", "&nbsp;&#160;", "\U0001F37F", "\u4e00", "\u1780\u17d2\u1780",
    "Great!", "not bad", "a", "?!?!...", "[SEP] [CLS] [UNK] a film [MASK] with tokens [PAD]",
    "It&#39;s &quot;fine&quot; &amp;amp; dandy &lt;br&gt; &copy2024 &notit; &bogus; &#0; &#x80; &#150; &#xD800; &#1114112; "
    "&#1; &CounterClockwiseContourIntegral; &constructor; &",
    "<i>Loved</i> it<br/>but 3 < 4 and 5 > 2, <3 <a href='x'>link</a> </p >end<" + "b" * 250 + ">",
    "\u201cCurly\u201d quotes, \u2018single\u2019 ones \u2013 a dash \u2014 and another\u2026 don\u2019t, DON'T, don`t",
    "Two stars \u2605\u2605\u2606\u2606\u2606 \U0001F600\U0001F44D\U0001F3FD caf\u00e9 cafe\u0301 na\u00efve \u0130stanbul "
    "\u039f\u03a3\u039f\u03a3 \u00df \ufb01lm \u0141\u00f3d\u017a \u212b",
    "\ufeffZero\u200bwidth soft\u00adhyphen nb\u00a0space ideo\u3000graphic \x1c\x85\u2028line \u6620\u753b\u306f\u6700\u9ad8 "
    "\uc601\ud654 \u0444\u0438\u043b\u044c\u043c a\U00020000b \ufffd tab\tend",
    "w" * 101 + " " + "v" * 100 + " snake_case under_score a_b 10/10 1,000.50 50% #tag @user http://x.org/?a=1&b=2",
    "good " * 400, "bad, " * 90 + "but the ending is wonderful.", "not" * 400, EXPLAINED,
]


def texts():
    "Sample reviews, some of them made long, and odd ones."
    with open(PACKAGE_DIR / "sample/reviews.csv", encoding="utf-8", newline="") as f:
        reviews = [row["text"] for row in csv.DictReader(f)]
    return reviews[:24] + [" ".join([review] * 3) for review in sorted(reviews, key=len)[-4:]] + ODD


def of_model(about):
    "The hashes of the model's own files."
    return {name: digest for name, digest in about["sha256"].items() if name not in ("entities.json", "ort.wasm")}


def answers(folder, about, linear):
    "What predict says of each text, and what each word of one of them adds."
    analyzer = SentimentAnalyzer(folder, backend="onnx-int8", threads=1)
    def answer(text):
        found = analyzer.predict(text, return_all_scores=True, return_tokens=True)
        return dict(positive=(found["scores"] or {}).get("positive"), error=found.get("error"),
                    read=found["tokens_read"], dropped=found["tokens_dropped"])
    encoder = getattr(analyzer.engine, "engines", [analyzer.engine])[0]
    def odds(words):
        text = " ".join(words)
        logits = encoder([text]).logits[0].astype(float)
        parts = dict(encoder=logits[1] - logits[0], linear=linear([text])[0] if linear else 0)
        return sum(about["weights"][part] * value for part, value in parts.items())
    words = clean_review(EXPLAINED).split(" ")
    effects = [odds(words) - odds(words[:i] + words[i + 1:]) for i in range(len(words))]
    return dict(model=of_model(about), answers=[answer(text) for text in texts()], effects=effects)


def main():
    out, folder = Path(sys.argv[1]), Path(sys.argv[2])
    about = json.loads((out / "model.json").read_text(encoding="utf-8"))
    linear = HashedLinear.load(out / "linear.safetensors") if about["linear"] else None
    if exported_models(folder)["onnx-int8"]["problem"] is None:
        said = answers(str(folder), about, linear)
        if "--write" in sys.argv:
            GOLDEN.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    else:
        said = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.is_file() else {}
        if said.get("model") != of_model(about):
            sys.exit(f"{GOLDEN.name} is not of this model; make it with --write where the model was exported")
        print(f"this processor computes 8-bit products in another way: the answers are those of {GOLDEN.name}")
    clean = [clean_review(text) for text in texts()]
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    windows, _ = review_windows(clean, tokenizer, Reading(about["max_length"], about["truncation"]))
    first = [linear.read([text]) if linear else None for text in clean]
    rows = [dict(text=text, clean=c, ids=w[0], linear=f and dict(odds=float(f[0][0]), known=int(f[1][0])), **answer)
            for text, c, w, f, answer in zip(texts(), clean, windows, first, said["answers"])]
    (out / "expected.json").write_text(json.dumps(dict(rows=rows, explained=EXPLAINED, effects=said["effects"])), encoding="utf-8")
    print(f"Python's answers to {len(rows)} reviews are in {out / 'expected.json'}")


if __name__ == "__main__":
    main()
