"""Run notebooks as JupyterLab's "Run All" does: a fresh kernel each, gated cells too, none of our variables set, offline."""
import os
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

GATED = re.compile(r"^#\| *(slow|net|gpu)\b", re.M)


def execute(path):
    "Execute one notebook in its folder: it, and the error that stopped it or None."
    notebook, began = nbformat.read(path, as_version=4), time.time()
    nbformat.validate(notebook)
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    try:
        client.execute()
    except CellExecutionError as e:
        return notebook, e
    print(f"{path.parent.name}/{path.name}: {time.time() - began:.0f} s", flush=True)
    return notebook, None


def problems(path, checkout):
    "Execute one notebook; what is wrong with it."
    name = path.relative_to(checkout)
    notebook, error = execute(path)
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield f"{name}: names no kernel python3, so JupyterLab asks for one on opening"
    if error:
        yield f"{name}: Run All stops\n{error}"
        return
    for cell in notebook.cells:
        if cell.cell_type == "code" and GATED.search(cell.source):
            said = "".join(o.get("text", f"<{o.output_type}>\n") for o in cell.outputs)
            if not re.fullmatch(r"Set IMDB_[^\n]+\.\n", said):
                yield f"{name}: gated cell {cell.id} does not end in one line that says what to set: {said!r}"


def in_a_copy(check, names, done):
    "Check notebooks, all where none is named, in a copy of the checkout; whether anything was found."
    here = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as work:
        checkout, scratch = Path(work)/"checkout", Path(work)/"tmp"
        shutil.copytree(here, checkout, ignore=shutil.ignore_patterns(".git", "outputs", "_proc", "_docs"))
        scratch.mkdir()
        for name in [k for k in os.environ if k.startswith("IMDB_")]:
            del os.environ[name]
        os.environ.pop("MPLBACKEND", None)  # figures as JupyterLab shows them
        os.environ |= dict(PYTHONPATH=str(checkout), TMPDIR=str(scratch), HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1")
        paths = [checkout/Path(a).resolve().relative_to(here) for a in names] or sorted((checkout/"nbs").rglob("*.ipynb"), reverse=True)  # the longest, 06_cli, soon
        with ThreadPoolExecutor(2) as pool:
            found = [line for lines in pool.map(lambda p: list(check(p, checkout)), paths) for line in lines]
    print("\n".join(found) or f"{len(paths)} notebooks {done}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(in_a_copy(problems, sys.argv[1:], "reach the end of Run All"))
