"""Run notebooks anew and compare what they print with what is committed: only times, sizes of memory and last digits may differ.

    python .ci/check_outputs.py                    all notebooks, about as long as the tests
    python .ci/check_outputs.py --fast             those that take seconds, as .ci/run does
    python .ci/check_outputs.py nbs/00_data.ipynb  some
"""
import re
import sys
from pathlib import Path

import nbformat
from run_all import execute, in_a_copy

FAST = ["foundations/00_files", "foundations/02_metrics", "foundations/05_optimization",
        "foundations/07_records", "howto/model_card", "howto/which_model",
        "tutorials/presets", "tutorials/results", "tutorials/tried"]
TOLERANCE = 1e-3  # relative

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?")
UNIT = r"(?:s|ms|min|minutes?|seconds?|h|hours?|(?:reviews|rows|tokens|texts)/s|[KMG]i?B|times as fast)\b"
NAMES = (r"\w*(?:seconds?|minutes|per_second|/s|_ms|ms_p\d+|_mb|MB|times_\w+|x pipeline|"
         r"speedup|cold_start|start|peak|date|uptime)\b")
MASKED = [  # what belongs to one run or one machine, and what stands for it
    (r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?", "<date>"),
    (r"(?<=://)[\w.]+:\d+", "<address>"),
    (r"\bcommit [0-9a-f]{7,40}", "commit <hash>"),
    (r"0x[0-9a-f]{6,}", "<where>"),
    (r"\d+\.\d+\.\d+[\w.+]*", "<version>"),
    (r"\d+ cores? of (?:[^\s('\"]+ ?)+(?:\([^)]*\))?", "<machine>"),
    (rf"(['\"]?{NAMES}['\"]?\s*[:=]\s*){NUMBER.pattern}", r"\1<measured>"),
    (rf"{NUMBER.pattern}(?:\s+to\s+{NUMBER.pattern})?(?=\s?{UNIT})", "<measured>")]


def column_ends(line):
    "Where the columns of measurements end, if a line is the head of a table; else None."
    words = [m for m in re.finditer(r"\S+(?: \S+)*", line)]
    if len(words) < 2 or NUMBER.search(line):
        return None
    return {m.end() for m in re.finditer(r"\S+", line) if re.fullmatch(NAMES, m.group())}


def without_columns(text):
    "A text whose tables have no measurements in them; their columns are right-aligned."
    ends, lines = set(), []
    for line in text.split("\n"):
        head = column_ends(line)
        if head is not None:
            ends = head
        elif ends:
            found = [m for m in NUMBER.finditer(line) if m.end() in ends]
            for m in reversed(found):
                line = line[:m.start()] + "<measured>" + line[m.end():]
        lines.append(line)
    return "\n".join(lines)


def parts(text):
    "The words and the numbers of an output, in order; white space and rules of tables do not count."
    text = without_columns(text)
    for pattern, word in MASKED:
        text = re.sub(pattern, word, text)
    words = [" ".join(re.sub(r"[-─=]{3,}", "", w).split()) for w in NUMBER.split(text)]
    return words, NUMBER.findall(text)


def close(a, b):
    "Whether two numbers agree but for their last digits; whole numbers agree or do not."
    if a == b:
        return True
    if not ("." in a or "e" in a) and not ("." in b or "e" in b):
        return False
    x, y = (float(v.replace(",", "")) for v in (a, b))
    decimals = min(len(re.sub(r"e.*", "", v).partition(".")[2]) for v in (a, b))
    exponent = max(int(v.partition("e")[2] or 0) for v in (a, b))
    last = 1.01*10**(exponent - decimals) if decimals > 2 else 0
    return abs(x - y) <= max(TOLERANCE*max(abs(x), abs(y)), last)


def differences(was, now):
    "Where an output differs, a line each; after a difference in length the first one alone."
    (words, numbers), (new_words, new_numbers) = parts(was), parts(now)
    for i, (old, new) in enumerate(zip(words, new_words)):
        if old != new:
            k = max(next((k for k, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new))) - 20, 0)
            yield f"{old[k:k + 50]!r} is now {new[k:k + 50]!r}"
            if len(numbers) != len(new_numbers):
                return
        if i < min(len(numbers), len(new_numbers)) and not close(numbers[i], new_numbers[i]):
            yield f"{old[-40:]!r} {numbers[i]} is now {new_numbers[i]}"
    if len(numbers) != len(new_numbers):
        yield f"{len(numbers)} numbers are now {len(new_numbers)}"


def said(cell):
    "What a cell printed and showed, as text; of a figure that there is one."
    found = []
    for o in cell.get("outputs", []):
        data = o.get("data", {})
        if o.output_type == "stream" and o.name == "stdout":
            found.append(o.text)
        elif any(kind.startswith("image/") for kind in data):
            found.append("<figure>\n")
        elif data:
            found.append(data.get("text/markdown") or data.get("text/plain", "") + "\n")
        elif o.output_type == "error":
            found.append(f"{o.ename}: {o.evalue}\n")
    return "".join(found).strip("\n").rstrip()  # the head of a table begins with blanks


def problems(path, checkout):
    "Run one notebook; its differences, a line each."
    name = path.relative_to(checkout)
    committed = {c.id: said(c) for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"}
    notebook, error = execute(path)
    if error:
        yield f"{name}: stops\n{error}"
        return
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for found in differences(committed[cell.id], said(cell)):
                yield f"{name}: cell {cell.id}: {found}"


def prove():
    "The comparison finds what it should, and passes what it should."
    def table(speed, accuracy):
        return f"   reviews_per_second  accuracy\n0  {speed:>18}  {accuracy:>8}"
    for was, now in (("n = 40", "n = 41"), ("accuracy 0.912", "accuracy 0.915"), ("a fine film", "a dull film"),
                     ("1.5 points", "-1.5 points"), ("70.6%", "70.7%"), ("[1, 2]", "[1, 2, 3]"), ("", "new"), ("p = 2e-05", "p = 5e-05"),
                     (table(12.3, .91), table(12.3, .92))):
        assert [*differences(was, now)], (was, now)
    for was, now in (("took 3.2 s", "took 11 s"), ("0.12345678", "0.12345999"), ("0.912", "0.913"), ("p = 2.001e-05", "p = 2.002e-05"),
                     ("{'seconds': 1.2, 'n': 3}", "{'seconds': 44.0, 'n': 3}"), ("696 reviews/s; 30%", "1,201 reviews/s; 30%"),
                     ("'2 cores of AMD EPYC (avx512)' 3", "'16 cores of Apple M1' 3"), ("torch 2.13.0+cpu", "torch 2.14.1"),
                     (table(12.3, .91), table(1012.3, .91))):
        assert not (found := [*differences(was, now)]), found


if __name__ == "__main__":
    prove()
    names = [a for a in sys.argv[1:] if a != "--fast"]
    if "--fast" in sys.argv[1:]:
        names += [Path(__file__).parents[1]/"nbs"/f"{name}.ipynb" for name in FAST]
    sys.exit(in_a_copy(problems, names, "print what is committed"))
