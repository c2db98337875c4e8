"""Before Quarto: a page of reference for each module, read from its source; in the chapters a name's call stands for its definition.

As a step of the site it works in the folder of processed notebooks; check_docs.py asks what the pages lack."""
import ast
import io
import json
import os
import re
import shutil
import textwrap
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 84  # of code that fits a page
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
STEPS = {"": "The steps", "foundations": "Foundations", "extensions": "Extensions"}


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    default: str
    about: str


@dataclass(frozen=True, eq=False)
class Entry:
    "A public name: the node of its module that defines it, and what kind of thing it is."
    module: str
    label: str  # Class.method for a method
    node: ast.AST
    kind: str   # class, command, function, property or value

    @property
    def doc(self): return ast.get_docstring(self.node) or "" if hasattr(self.node, "body") else ""

    @property
    def function(self):
        "Where the parameters stand."
        if self.kind != "class":
            return self.node if isinstance(self.node, FUNCTIONS) else None
        return next((n for n in self.node.body if isinstance(n, FUNCTIONS) and n.name == "__init__"), None)


# What the modules say

@cache
def index():
    "What nbdev knows: settings, and for each module its names with their places in a chapter."
    found = {}
    exec((ROOT / "imdb_bert/_modidx.py").read_text(encoding="utf-8"), found)
    return found["d"]


@cache
def source(module):
    "A module's text, tree, and comments by line."
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return text, ast.parse(text), {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def decorators(node):
    return {ast.unparse(getattr(n, "func", n)).rpartition(".")[2] for n in node.decorator_list}


def entry_of(module, label, node):
    made = decorators(node) if hasattr(node, "decorator_list") else set()
    kind = ("property" if {"property", "cached_property"} & made else "command" if "_command" in made
            else "class" if isinstance(node, ast.ClassDef) else "function" if made or hasattr(node, "args") else "value")
    return Entry(module, label, node, kind)


@cache
def entries(module):
    "Public names of a module, each class followed by its methods, wherever in the module they are patched."
    defined, patched, public = {}, {}, []
    for node in source(module)[1].body:
        if isinstance(node, FUNCTIONS) and "patch" in decorators(node):
            patched.setdefault(ast.unparse(node.args.args[0].annotation), []).append(node)
        elif hasattr(node, "name"):
            defined[node.name] = node
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            public = ast.literal_eval(node.value)
        elif isinstance(node, ast.Assign):
            defined[ast.unparse(node.targets[0])] = node
    found = []
    for name in dict.fromkeys([*public, *(owner for owner in patched if not owner.startswith("_"))]):  # an owner may be another module's
        found += [entry_of(module, name, defined[name])] if name in public else []
        inside = defined[name].body if isinstance(defined.get(name), ast.ClassDef) else []
        methods = [n for n in inside if isinstance(n, FUNCTIONS)] + patched.get(name, [])
        found += [entry_of(module, f"{name}.{n.name}", n) for n in methods if not n.name.startswith("_")]
    return found


@cache
def everything():
    "Every public name by its label."
    return {entry.label: entry for module in index()["syms"] for entry in entries(module)}


def written(module, node):
    "A node as the source has it, on one line."
    return " ".join(ast.get_source_segment(source(module)[0], node).split()) if node else ""


def parameter(module, name, annotation, default, about):
    "A parameter with its type, written or shown by its default."
    kind = written(module, annotation).replace('"', "")
    if not kind and isinstance(default, ast.Lambda):
        kind = "function"
    elif not kind and isinstance(default, ast.Call):
        kind = ast.unparse(default.func)
    elif not kind and isinstance(default, (ast.Constant, ast.Tuple, ast.UnaryOp)) and ast.unparse(default) != "None":
        kind = type(ast.literal_eval(default)).__name__
    if kind.startswith("_"):  # a class that only carries a result
        about = about or next(ast.get_docstring(n) for n in source(module)[1].body if getattr(n, "name", "") == kind)
        kind = ""
    return Parameter(name, kind, written(module, default), about)


def comment(module, line, taken=()):
    "The comment on a line, or those that stand alone above it."
    found, above = source(module)[2], []
    if line in found:
        return found[line]
    while line - 1 in found and line - 1 not in taken:
        line -= 1
        above.insert(0, found[line])
    return " ".join(above)


def fields(entry):
    "The fields of a dataclass, inherited ones first."
    found = [f for base in entry.node.bases if ast.unparse(base) in everything() for f in fields(everything()[ast.unparse(base)])]
    nodes = [n for n in entry.node.body if isinstance(n, ast.AnnAssign)]
    for n in nodes:
        value = n.value
        if isinstance(value, ast.Call) and re.match("[_a-z]", ast.unparse(value.func)):  # of field, or of a helper that calls it
            given = {k.arg: k.value for k in value.keywords}
            value = value.args[0] if value.args else given.get("default", given.get("default_factory"))
        about = comment(entry.module, n.end_lineno, {n.end_lineno for n in nodes})
        found.append(parameter(entry.module, n.target.id, n.annotation, value, about))
    return found


def parameters(entry):
    "Parameters of a function or of a class's constructor, or the fields of a dataclass; and what is returned, or None."
    node, module = entry.function, entry.module
    if entry.kind == "class" and "dataclass" in decorators(entry.node):
        return fields(entry), None
    if node is None or entry.kind == "property":
        return [], None
    a = node.args
    values = dict(zip(reversed([p.arg for p in a.args]), reversed(a.defaults)))
    values |= {p.arg: value for p, value in zip(a.kwonlyargs, a.kw_defaults) if value}
    every = [*((p, "") for p in a.args), (a.vararg, "*"), *((p, "") for p in a.kwonlyargs), (a.kwarg, "**")]
    every = [(p, stars) for p, stars in every if p]
    if (entry.kind == "class" or "." in entry.label) and "staticmethod" not in decorators(node):
        every = every[1:]  # self
    ends = {p.arg: (values.get(p.arg) or p).end_lineno for p, _ in every}
    about = {name: comment(module, end, ends.values()) for name, end in ends.items()}
    found = [parameter(module, stars + p.arg, p.annotation, values.get(p.arg), about[p.arg]) for p, stars in every]
    last = max(node.body[0].lineno - 1, node.lineno)
    returned = parameter(module, "returns", node.returns, None, "" if last in ends.values() else source(module)[2].get(last, ""))
    return found, returned if entry.kind != "class" and (returned.about or returned.type not in ("", "None")) else None


def call(entry):
    "How a name is called, on as many lines as it takes; nothing for a property, and for a result, which nobody makes by hand."
    made, _ = parameters(entry)
    if entry.kind == "command":
        return f"{entry.label} [options]"
    if entry.function is None and (not made or len(made) > 8 and not any(p.default for p in made)) or entry.kind == "property":
        return ""
    named = [p.arg for p in entry.function.args.kwonlyargs] if entry.function else []
    words = [p.name + (f"={p.default}" if p.default else "") for p in made]
    if named and not any(p.name.startswith("*") and p.name[1] != "*" for p in made):
        words.insert([p.name for p in made].index(named[0]), "*")
    if len(line := f"{entry.label}({', '.join(words)})") <= WIDTH:
        return line
    lines = textwrap.wrap(" ".join(f"{w},".replace(" ", "\0") for w in words), WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{entry.label}(", *("    " + line.replace("\0", " ") for line in lines), ")"])


# What the chapters say

@cache
def chapter(module):
    "The notebook that a module is made of, relative to nbs, and its cells."
    path = re.search(r"File to edit: (?:\.\./)+nbs/(\S+\.ipynb)", source(module)[0])[1]
    return path, json.loads((ROOT / "nbs" / path).read_text(encoding="utf-8"))["cells"]


def title(module):
    "The title of a chapter."
    return "".join(chapter(module)[1][0]["source"]).splitlines()[0].lstrip("# ")


def page_of(module):
    "The page of a chapter on the site; its module's page has the same name below reference."
    return next(iter(index()["syms"][module].values()))[0].partition("#")[0]


def place(entry):
    "The number of the cell that defines a name, and the heading above it."
    marks = re.findall(r"^# %% .*? #(\S+)$", "\n".join(source(entry.module)[0].splitlines()[:entry.node.lineno]), re.M)
    path, cells = chapter(entry.module)
    number = next(i for i, c in enumerate(cells) if c["id"] == marks[-1])
    heads = [h for c in cells[:number] if c["cell_type"] == "markdown" for h in re.findall(r"^#+ (.+)$", "".join(c["source"]), re.M)]
    return number, heads[-1]


def shown(cell):
    "A cell's lines and the text it shows; nothing where the page hides it or it cannot stand alone."
    code = "".join(cell["source"])
    if cell["cell_type"] != "code" or re.search(r"^#\| *(hide|export|slow|net|gpu|eval)|^[%!]|#\| *hide_line|test_fail", code, re.M):
        return "", ""
    outs = [o for o in cell["outputs"] if "image/png" not in o.get("data", {})]
    said = dict.fromkeys("".join(o.get("text", o.get("data", {}).get("text/plain", ""))).rstrip() for o in outs)
    text = "\n".join(said)
    fits = len(text.splitlines()) <= 12 and not re.search(rf"\\$|.{{{WIDTH + 1}}}| at 0x", text, re.M)
    return re.sub(r"^#\|.*\n", "", code, flags=re.M), text if fits else ""


def use(entry, code):
    "The part of a cell that uses a name, without tests; a command as it is typed."
    if entry.kind == "command":
        typed = re.search(rf"\b{entry.label} [^\"]+", code)
        return typed[0].strip().replace("\\\\", "\\") if typed else ""
    tests = [n for n in ast.parse(code).body if isinstance(n, ast.Assert) or re.match(r"test_|np\.testing", ast.unparse(n))]
    lines = code.split("\n")
    for n in reversed(tests):
        del lines[n.lineno - 1:n.end_lineno]
    code = "\n".join(lines).strip("\n")
    word = rf"\.{entry.node.name}\b" if "." in entry.label else rf"\b{entry.label}\b"
    return code if re.search(word, code) and len(lines) <= 12 else ""


def example(entry, seen):
    "The first cell after the definition, in its section, that uses a name and that the page has not shown; and what it shows."
    for cell in chapter(entry.module)[1][place(entry)[0] + 1:]:
        if cell["cell_type"] == "markdown" and re.search(r"^## ", "".join(cell["source"]), re.M):
            break
        code, text = shown(cell)
        drawn = any("image/png" in o.get("data", {}) for o in cell.get("outputs", []))
        if cell["id"] not in seen and (text or drawn or entry.kind == "command") and (code := use(entry, code)):
            seen.add(cell["id"])
            return code, text
    return "", ""


# The pages

def link(text, target, page):
    return f"[{text}]({os.path.relpath(target, Path(page).parent)})"


def named(label, page):
    "A link to a public name's place in the reference."
    entry = everything()[label]
    return link(f"`{label}`", f"reference/{page_of(entry.module)}#{label}", page)


def prose(text, page):
    "A comment or docstring as Markdown: public names lead to their places."
    parts = re.split(r"(`[^`]+`|[A-Za-z]\w*(?:\.\w+)*)", text)
    for i, part in enumerate(parts):
        bare = part.strip("`")
        if bare in everything() and (part != bare or re.search("[A-Z_]", part)):
            parts[i] = named(bare, page)
        elif part == bare:
            parts[i] = re.sub(r"([^\w\s.,;:()])", r"\\\1", part) if i % 2 == 0 else part.replace("_", r"\_")
    return "".join(parts)


def table(entry, page):
    "Parameters with their types, defaults and meanings."
    made, returned = parameters(entry)
    if not made and not returned:
        return ""
    what = "field" if entry.kind == "class" and not entry.function else "option" if entry.kind == "command" else "parameter"
    rows = [[what, "type", "default", "meaning"]]
    for p in [*made, *([returned] if returned else [])]:
        types = [named(t, page) if t in everything() else f"`{t}`" for t in re.split(r" *\| *", p.type) if t]
        about, name = prose(p.about, page), f"`{'--' * (entry.kind == 'command')}{p.name}`"
        if p.type in everything() and not p.about:
            about = prose(everything()[p.type].doc.partition("\n")[0], page)
        if p.type in everything() and entry.kind == "command" and p.name != "config":
            name = "every field of"
        rows.append(["**returns**" if p is returned else name, " or ".join(types), f"`{p.default}`" if p.default else "", about])
    filled = [column for column in zip(*rows) if any(column[1:])]
    lines = [f"| {' | '.join(row)} |" for row in zip(*filled)]
    return "\n".join(["::: {.parameters}", lines[0], "|---" * len(filled) + "|", *lines[1:], ":::"])


def where(entry, page):
    "Links to the story and to the source."
    module, heading, label = entry.module, place(entry)[1], entry.label
    twin = label.islower() and any(e.label != label and e.label.lower() == label for e in entries(module))  # Record and record
    slug = re.sub(r"[^\w\s.-]", "", heading).strip().lower().replace(" ", "-")
    owner = label.rpartition(".")[0]
    if owner and decorators(entry.node) != {"patch"}:  # nbdev shows it with its class
        label = owner
    anchor = slug if entry.kind == "value" or twin else label.lower()
    git = "{git_url}/blob/{branch}/".format(**index()["settings"]) + module.replace(".", "/")
    story = link(f"{title(module)}: {heading}", f"{page_of(module)}#{anchor}", page)
    return f"Explained in {story} · [source]({git}.py#L{entry.node.lineno})"


def section(entry, page, seen):
    "All about one name."
    level, label = "###" if "." in entry.label else "##", entry.label.replace("_", r"\_")
    language = "bash" if entry.kind == "command" else "python"
    code = ast.get_source_segment(source(entry.module)[0], entry.node) if entry.kind == "value" else call(entry)
    parts = [f"{level} {label} {{#{entry.label}}}", f"::: {{.where}}\n{where(entry, page)}\n:::",
             f"```{language}\n{code}\n```" if code else "", prose(entry.doc, page), table(entry, page)]
    used, said = example(entry, seen)
    parts += ["An example:", f"```{language}\n{used}\n```"] if used else []
    parts += [f"::: {{.cell-output .shown}}\n```\n{said}\n```\n:::"] if said else []
    return "\n\n".join(p for p in parts if p)


def head(title, description, **more):
    return "\n".join(["---", *(f"{k}: {json.dumps(v)}" for k, v in dict(title=title, description=description, **more).items()),
                      "tbl-colwidths: false", "repo-actions: false", "---"])


def module_page(module, order):
    "The page of a module: all its names."
    page, seen = f"reference/{page_of(module)}", set()
    text = [head(module.rpartition(".")[2], ast.get_docstring(source(module)[1]), order=order),
            f"`{module}` in use, step by step: the chapter {link(title(module), page_of(module), page)}."]
    return "\n\n".join(text + [section(e, page, seen) for e in entries(module)])


def index_page(modules):
    "The page of all names, by module."
    page = "reference/index.html"
    text = [head("Reference", "Every public name: parameters, types, meanings, an example, and where the story tells of it."),
            "Names that begin with `_` are not listed, and may change. The search at the top knows every name, too."]
    for group, heading in STEPS.items():
        rows = []
        for module in (m for m in modules if os.path.dirname(chapter(m)[0]) == group):
            public = ", ".join(named(e.label, page) for e in entries(module) if "." not in e.label)
            name = module.rpartition(".")[2]
            rows.append(f"| {link(f'`{name}`', f'reference/{page_of(module)}', page)} | {public} |")
        text += [f"## {heading}", f"Modules of `{f'imdb_bert.{group}'.rstrip('.')}`:", "\n".join(["| module | names |", "|---|---|", *rows])]
    return "\n\n".join(text)


@cache
def pages():
    "Every page of the reference: its path and its text."
    modules = sorted((m for m in index()["syms"] if entries(m)), key=lambda m: chapter(m)[0])
    made = {f"reference/{page_of(module)}": module_page(module, order) for order, module in enumerate(modules, 1)}
    return made | {"reference/index.html": index_page(modules)}


def shorten(path):
    "In a processed chapter, put calls in the place of definitions."
    book = json.loads(path.read_text(encoding="utf-8"))
    for out in (o for c in book["cells"] for o in c.get("outputs", []) if "text/markdown" in o.get("data", {})):
        m = re.fullmatch(r"(---\n.*?\n### (\S+)\n\n)```python\ndef .*?\n```(.*)", "".join(out["data"]["text/markdown"]), re.S)
        if m and m[2] in everything():
            entry = everything()[m[2]]
            page = page_of(entry.module)
            more = link("Parameters", f"reference/{page}#{entry.label}", page) if any(parameters(entry)) else ""
            block = f"```python\n{code}\n```" if (code := call(entry)) else ""
            out["data"]["text/markdown"] = f"{m[1]}{block}{m[3].rstrip()} {more}"
    path.write_text(json.dumps(book, ensure_ascii=False, indent=1), encoding="utf-8")


def problems():
    "What a reader would miss, or stumble over."
    for entry in everything().values():
        made, returned = parameters(entry)
        if entry.kind != "value" and not entry.doc:
            yield f"{entry.module}: {entry.label} has no docstring"
        for p in [*made, *([returned] if returned else [])]:
            if not p.about and p is not returned and p.type not in everything():
                yield f"{entry.module}: {entry.label} does not say what {p.name} means"
            if private := re.findall(r"(?<![\w`])_[a-zA-Z]\w+", f"{p.about} {p.type}"):
                yield f"{entry.module}: {entry.label}, {p.name}: names {', '.join(private)}, which the reference does not list"
    for path, text in pages().items():
        for odd in re.findall(r"<lambda>|<function|<class|<factory>|NoneType|object at 0x", text):
            yield f"{path}: shows {odd}"


def main():
    here = Path.cwd()
    shutil.rmtree(here / "reference", ignore_errors=True)
    for path, text in pages().items():
        file = (here / path).with_suffix(".qmd")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")
    for module in index()["syms"]:
        shorten(here / chapter(module)[0])
    print(f"{len(pages())} pages of reference")


if __name__ == "__main__":
    main()
