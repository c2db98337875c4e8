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


def problems(path, checkout):
    "Execute one notebook; what is wrong with it."
    notebook, began = nbformat.read(path, as_version=4), time.time()
    nbformat.validate(notebook)
    name = path.relative_to(checkout)
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield f"{name}: names no kernel python3, so JupyterLab asks for one on opening"
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    try:
        client.execute()
    except CellExecutionError as e:
        yield f"{name}: Run All stops\n{e}"
        return
    for cell in notebook.cells:
        if cell.cell_type == "code" and GATED.search(cell.source):
            said = "".join(o.get("text", f"<{o.output_type}>\n") for o in cell.outputs)
            if not re.fullmatch(r"Set IMDB_[^\n]+\.\n", said):
                yield f"{name}: gated cell {cell.id} does not end in one line that says what to set: {said!r}"
    print(f"{name}: {time.time() - began:.0f} s", flush=True)


def main():
    "Run the notebooks that are named, else all."
    here = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as work:
        checkout, scratch = Path(work)/"checkout", Path(work)/"tmp"
        shutil.copytree(here, checkout, ignore=shutil.ignore_patterns(".git", "outputs", "_proc", "_docs"))
        scratch.mkdir()
        for name in [k for k in os.environ if k.startswith("IMDB_")]:
            del os.environ[name]
        os.environ |= dict(PYTHONPATH=str(checkout), TMPDIR=str(scratch), HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1")
        paths = [checkout/Path(a).resolve().relative_to(here) for a in sys.argv[1:]] or sorted((checkout/"nbs").rglob("*.ipynb"), reverse=True)  # the longest, 09_cli, soon
        with ThreadPoolExecutor(2) as pool:
            found = [line for lines in pool.map(lambda p: list(problems(p, checkout)), paths) for line in lines]
    print("\n".join(found) or f"{len(paths)} notebooks: Run All reaches the end")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
