"""Check the site without Quarto: notebooks pass nbdev's processors and hold no progress bars, links are complete, every public name explains itself, README agrees with index."""
import ast
import json
import re
import sys
from pathlib import Path

import reference
import yaml
from nbdev.serve import proc_nbs


def code_of(cells):
    "The source and the syntax tree of each code cell; the tree is without the shell's and IPython's lines."
    for source in ("".join(c["source"]) for c in cells if c["cell_type"] == "code"):
        yield source, ast.parse("\n".join(line for line in source.split("\n") if not line.startswith(("!", "%"))))


def born_in_gated(cells):
    "Names that ungated cells use and only gated cells define: there is nothing behind them where those are skipped."
    born, made, used = set(), set(), set()
    for source, tree in code_of(cells):
        gated = re.search(r"^#\| *(slow|net|gpu)\b", source, re.M)
        for node in ast.walk(tree):
            names = {getattr(node, "name", None), getattr(node, "asname", None)}
            if isinstance(node, ast.arg):
                names = {node.arg}
            if isinstance(node, ast.Name):
                names = {node.id} if isinstance(node.ctx, ast.Store) else set()
                if not names and not gated:
                    used.add(node.id)
            (born if gated else made).update(names)
    return sorted((born - made) & used)


def shadowed(cells):
    "Names of the package that a notebook imports and then gives to something else: a gated cell below would call that."
    found, imported = set(), set()
    for _, tree in code_of(cells):
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imdb_bert"):
                imported.update(alias.asname or alias.name for alias in node.names)
            elif not isinstance(node, (*reference.FUNCTIONS, ast.ClassDef)):
                found.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return sorted(found & imported)


def main():
    errors = []
    nbs = sorted(p for p in Path("nbs").rglob("*.ipynb") if not any(q.startswith((".", "_")) for q in p.parts))
    read = lambda p: json.loads(p.read_text(encoding="utf-8"))["cells"]  # noqa: E731
    prose = lambda p: "\n".join("".join(c["source"]) for c in read(p) if c["cell_type"] == "markdown")  # noqa: E731

    cache = proc_nbs("nbs", force=True)
    processed = {p.relative_to(cache) for p in Path(cache).rglob("*.ipynb")}
    errors += [f"{p}: nbdev's docs processing lost it" for p in nbs if p.relative_to("nbs") not in processed]

    listed = re.findall(r"[\w/]+\.ipynb", yaml.safe_dump(yaml.safe_load(Path("_quarto.yml").read_text())["website"]["sidebar"]))
    if sorted(listed) != sorted(str(p.relative_to("nbs")) for p in nbs):
        errors.append(f"sidebar and notebooks differ: {set(listed) ^ {str(p.relative_to('nbs')) for p in nbs}}")

    version = re.search(r"^version = (.+)$", Path("settings.ini").read_text(encoding="utf-8"), re.M).group(1)
    if f"imdb_bert {version}," not in Path("_quarto.yml").read_text(encoding="utf-8"):
        errors.append(f"_quarto.yml: the footer does not say version {version}, as settings.ini does")

    for p in nbs:
        cells, text = read(p), prose(p)
        whole = p.read_text(encoding="utf-8")
        if '"widgets"' in whole or "\u2588" in whole:
            errors.append(f"{p}: holds a progress bar; run it again without")
        if names := born_in_gated(cells):
            errors.append(f"{p}: an ungated cell uses {', '.join(names)}, which only a gated cell defines")
        if names := shadowed(cells):
            errors.append(f"{p}: {', '.join(names)}: imported from the package, and then the name of something else")
        for c in cells:
            source = "".join(c["source"])
            if c["cell_type"] != "code" or re.search(r"^#\| *hide\b", source, re.M):
                continue
            if re.search(r"^#\| *(slow|net|gpu)\b", source, re.M) and "#| code-summary:" not in source:
                errors.append(f"{p}: gated cell {c['id']} is not folded under a code-summary")
            if any("image/png" in o.get("data", {}) for o in c["outputs"]) and "#| fig-alt:" not in source:
                errors.append(f"{p}: the figure of cell {c['id']} has no fig-alt")
        for name in re.findall(r"\[`(\w+)`\]\([^)]*\.ipynb", text):
            errors.append(f"{p}: [`{name}`](…): nbdev makes a link of every name in backquotes; leave them out of a link")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            made = target.startswith("reference/") and target.replace(".qmd", ".html") in reference.pages()
            if not made and not target.startswith(("http", "mailto")) and not (p.parent / target).exists():
                errors.append(f"{p}: link to {target}, which does not exist")

    errors += reference.problems()

    blocks = lambda text: [b.strip() for b in re.findall(r"^``` ?[\w{}]*\n(.*?)^```", text, re.M | re.S)]  # noqa: E731
    index, readme = prose(Path("nbs/index.ipynb")), Path("README.md").read_text(encoding="utf-8")
    for block in blocks(index):
        if block not in blocks(readme):
            errors.append(f"README.md lacks this block of index.ipynb: {block.splitlines()[0]}")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", readme):
        if not target.startswith(("http", "mailto")) and not Path(target).exists():
            errors.append(f"README.md: link to {target}, which does not exist; notebooks are in nbs")
    figures = lambda text: sorted(re.findall(r"\d+\.\d+", re.sub(r"```.*?```|\([^)]*\)", "", text, flags=re.S)))  # noqa: E731
    if figures(index) != figures(readme):
        errors.append("README.md and index.ipynb state different numbers; make README.md from index.ipynb again")

    print("\n".join(errors) or f"{len(nbs)} notebooks: processed, listed, linked; README agrees with index")
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
