"""Put the page that answers together: the model that ships and the libraries that run it, into the site's folder live.

After Quarto, as a step of the site; or by hand: python .ci/live.py FOLDER [MODEL]."""
import hashlib
import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "nbs/live"
MODEL = ROOT / "imdb_bert/imdb_mini_sentiment"
KEPT = ROOT / "build/npm"  # what npm brought, for the next time


class Missing(Exception):
    "Why there is no page that answers, in a line."


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def install(wanted):
    "Let npm bring the packages, without their scripts."
    npm = shutil.which("npm")
    if not npm:
        raise Missing("npm is not installed")
    KEPT.mkdir(parents=True, exist_ok=True)
    shutil.copy2(PAGE / "package.json", KEPT)
    done = subprocess.run([npm, "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"],
                          cwd=KEPT, capture_output=True, text=True, encoding="utf-8")
    lost = [source for source, _ in wanted if not (KEPT / "node_modules" / source).is_file()]
    if done.returncode or lost:
        said = (done.stderr.strip().splitlines() or [f"no {', '.join(lost)}"])[0]
        raise Missing(f"npm did not bring the libraries ({said})")


def libraries(out):
    "Copy the files of the libraries; stop where one is another than that which was tested."
    vendored = json.loads((PAGE / "package.json").read_text(encoding="utf-8"))["vendored"]
    files = {name: KEPT / "node_modules" / source for name, (source, _) in vendored.items()}
    if not all(files[name].is_file() and sha256(files[name]) == digest for name, (_, digest) in vendored.items()):
        install(vendored.values())
    for name, (source, digest) in vendored.items():
        if sha256(files[name]) != digest:
            sys.exit(f"{source}: is not the file that nbs/live/package.json names; check it, then write its SHA-256 there")
        shutil.copyfile(files[name], out / name)


def weights(folder):
    "The file of the linear model, what the page must know of the blend, and the encoder's folder."
    from imdb_bert.foundations.blending import _LINEAR, _is_ensemble, _read_ensemble
    from imdb_bert.models import _check_unchanged
    if not _is_ensemble(folder):
        return None, dict(weights=dict(encoder=1, linear=0), threshold=None, alone=1), folder
    about = _read_ensemble(folder)
    _check_unchanged(folder, about)
    if len(about["members"]) > 1:
        sys.exit(f"{folder}: has several encoders; the page runs one")
    member, linear = about["members"][0], about["linear"] or dict(weight=0, alone=1)
    blend = dict(weights=dict(encoder=member["weight"], linear=linear["weight"]),
                 threshold=about["threshold"], alone=linear["alone"])
    return folder / _LINEAR if about["linear"] else None, blend, folder / member["folder"]


def model(folder, out):
    "Copy a model's files, and write model.json: how it reads a text and weighs its parts."
    from imdb_bert.models import _trained_reading, exported_models, read_record
    if not folder.is_dir():
        raise Missing(f"{folder.name}, the model that ships, is not there")
    linear, blend, member = weights(folder)
    export = exported_models(member).get("onnx-int8") or dict(problem="is missing")
    if export["problem"] in ("is missing", "is damaged", "was made of other weights"):
        sys.exit(f"{member}: its exported model for onnx-int8 {export['problem']}")
    record = read_record(folder)
    reading = _trained_reading(record, export["max_length"])
    if reading.truncation not in reading.TRUNCATIONS or export["pad"].get("multiple", 1) != 1:
        sys.exit(f"{folder}: reads windows, or pads each review; the page does neither")
    onnx = [p for p in sorted((member / "onnx-int8").iterdir()) if p.name.startswith("model.onnx")]
    files = [*onnx, member / "onnx-int8/tokenizer.json", *([linear] if linear else [])]
    for file in files:
        shutil.copyfile(file, out / file.name)
    (out / "entities.json").write_text(json.dumps(dict(
        named=html.entities.html5, replaced=html._invalid_charrefs, dropped=sorted(html._invalid_codepoints))), encoding="utf-8")
    names = ["entities.json", "ort.wasm", *(file.name for file in files)]
    about = dict(max_length=reading.max_length, truncation=reading.truncation, **blend, linear=bool(linear),
                 onnx=[p.name for p in onnx], test=record.get("test"),
                 bytes={name: (out / name).stat().st_size for name in names},
                 sha256={name: sha256(out / name) for name in names})
    (out / "model.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return sum(about["bytes"].values())


def assemble(out, folder):
    "All files of the page but its html."
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.json").unlink(missing_ok=True)  # without it the page says that it cannot answer
    for file in [*PAGE.glob("*.js"), *PAGE.glob("*.css")]:
        shutil.copyfile(file, out / file.name)
    libraries(out)
    print(f"the page that answers: {model(folder, out) / 1e6:.1f} MB in {out.name}")


def main():
    if len(sys.argv) > 1:
        try:
            return assemble(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else MODEL)
        except Missing as e:
            print(f"the page that answers: {e}", file=sys.stderr)
            sys.exit(3)
    site = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    if not (site / "live.html").is_file():  # README.md is rendered, and no site
        return
    try:
        assemble(site / "live", Path(os.environ.get("LIVE_MODEL", MODEL)))
    except Missing as e:
        print(f"live.html cannot answer in this copy of the site: {e}")


if __name__ == "__main__":
    main()
