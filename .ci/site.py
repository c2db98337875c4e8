"""After Quarto: search finds every public name, llms.txt lists the pages for programs, and no link leads to a private name."""
import html
import json
import os
import re
from pathlib import Path


def plain(text):
    "Text without tags and entities, on one line."
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def names(path, page):
    "Entries of the search index for the names that a page documents: those with a link to their source."
    title = plain(re.search(r'<h1 class="title">(.*?)</h1>', page, re.S).group(1))
    for anchor, body in re.findall(r'<section id="([\w.]+)" class="level3">\s*(.*?)</section>', page, re.S):
        signature = re.search(r"<pre.*?</pre>", body, re.S)
        about = re.search(r"</pre>.*?<p><em>(.*?)</em></p>", body, re.S)
        if signature and about:
            heading = plain(re.search(r"<h3.*?</h3>", body, re.S).group())
            yield dict(objectID=f"{path}#{anchor}", href=f"{path}#{anchor}", title=title, section=heading,
                       text=plain(about.group(1)), crumbs=[title])


def main():
    out = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    if not (out / "search.json").is_file():  # README.md is rendered, and no site
        return
    pages = {str(p.relative_to(out)): p.read_text(encoding="utf-8") for p in sorted(out.rglob("*.html"))
             if "site_libs" not in p.parts}
    pages = {path: page for path, page in pages.items() if '<h1 class="title">' in page}
    for path, page in pages.items():  # helpers have no entry that nbdev's link could lead to
        pages[path] = re.sub(r'<a href="[^"]*#_[\w.]+"[^>]*>(<code>[^<]*</code>)</a>', r"\1", page)
        if pages[path] != page:
            (out / path).write_text(pages[path], encoding="utf-8")
    index = json.loads((out / "search.json").read_text(encoding="utf-8"))
    known = {entry["objectID"] for entry in index}
    found = [entry for path, page in pages.items() for entry in names(path, page) if entry["objectID"] not in known]
    (out / "search.json").write_text(json.dumps(found + index, ensure_ascii=False, indent=1), encoding="utf-8")

    places = re.findall(r"<loc>(.*?)</loc>", (out / "sitemap.xml").read_text(encoding="utf-8"))
    site = os.path.commonprefix(places).rpartition("/")[0] + "/"
    lines = ["# imdb_bert", ""]
    for path, page in pages.items():
        about = re.search(r'<meta name="description" content="([^"]*)"', page)
        title = plain(re.search(r'<h1 class="title">(.*?)</h1>', page, re.S).group(1))
        if path != "404.html":
            lines.append(f"- [{title}]({site}{path}): {html.unescape(about.group(1)) if about else ''}")
    (out / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(found)} names in the search, {len(pages)} pages")


if __name__ == "__main__":
    main()
