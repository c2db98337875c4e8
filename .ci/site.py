"""After Quarto: search finds every public name, llms.txt lists the pages for programs, links to names lead somewhere, and no page asks another site."""
import html
import json
import os
import re
from pathlib import Path


def plain(text):
    "Text without tags and entities, on one line."
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def names(path, page):
    "Entries of the search index for the names of a page of the reference."
    title = plain(re.search(r'<h1 class="title">(.*?)</h1>', page, re.S).group(1))
    for part in page.split('<section id="')[1:]:
        anchor, heading = part.partition('"')[0], re.search(r"<h[23].*?</h[23]>", part, re.S)
        about = re.search(r'class="where">.*?</div>.*?<p>(?!An example)(.*?)</p>', part, re.S)
        if heading and about:
            yield dict(objectID=f"{path}#{anchor}", href=f"{path}#{anchor}", title=title, section=plain(heading.group()),
                       text=plain(about.group(1)), crumbs=["Reference", title])


def led(page, site, ids):
    "A page whose links to names lead somewhere: where a chapter has no entry to the reference, or nowhere."
    def lead(match):
        path, anchor, code = match.groups()
        own = {i.lower(): i for i in ids.get(f"reference/{path}", ())}
        if anchor in ids.get(path, ()):
            return match.group()
        return f'<a href="{site}reference/{path}#{own[anchor]}">{code}</a>' if anchor in own else code
    return re.sub(rf'<a href="{re.escape(site)}([\w/]+\.html)#([\w.]+)"[^>]*>(<code>[^<]*</code>)</a>', lead, page)


def alone(page):
    "A page without the scripts of other sites, which Quarto adds where a cell shows a table and no table here needs."
    return re.sub(r'<script src="https://cdnjs[^>]*></script>\n?|<script[^>]*>define\(\'jquery\'.*?</script>\n?', "", page)


def main():
    out = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    if not (out / "search.json").is_file():  # README.md is rendered, and no site
        return
    pages = {str(p.relative_to(out)): p.read_text(encoding="utf-8") for p in sorted(out.rglob("*.html"))
             if "site_libs" not in p.parts}
    pages = {path: page for path, page in pages.items() if '<h1 class="title">' in page}
    places = re.findall(r"<loc>(.*?)</loc>", (out / "sitemap.xml").read_text(encoding="utf-8"))
    site = os.path.commonprefix(places).rpartition("/")[0] + "/"
    ids = {path: set(re.findall(r'\sid="([^"]+)"', page)) for path, page in pages.items()}
    for path, page in pages.items():
        pages[path] = alone(led(page, site, ids))
        if pages[path] != page:
            (out / path).write_text(pages[path], encoding="utf-8")
    found = [entry for path, page in pages.items() if path.startswith("reference/") for entry in names(path, page)]
    better = {entry["objectID"] for entry in found}
    index = [entry for entry in json.loads((out / "search.json").read_text(encoding="utf-8")) if entry["objectID"] not in better]
    (out / "search.json").write_text(json.dumps(found + index, ensure_ascii=False, indent=1), encoding="utf-8")

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
