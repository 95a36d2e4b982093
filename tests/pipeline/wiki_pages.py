#!/usr/bin/env python3
"""Pages whose text was read and judged by eye, and must stay so.

    tests/pipeline/wiki_pages.py [BUILD [SHARED]]   compare; tells every paragraph that changed
    tests/pipeline/wiki_pages.py show TITLE         the page and its text, for a review: what was
                                                    removed in [-...-], what was put in in {+...+}
    tests/pipeline/wiki_pages.py accept TITLE...    take the text of today for right, after a review

wiki_pages.json holds a short hash of every paragraph, not the paragraphs, which are others' work. A
page of a minidump is read as one of the wiki it was taken from: the minidumps all say that they are
English. Environment: BUILD and BERTLINE_SHARED as the arguments."""
import bz2, difflib, functools, hashlib, html, json, os, re, subprocess, sys
from xml.sax.saxutils import escape

here = os.path.dirname(os.path.abspath(__file__))
table = here + "/wiki_pages.json"
command = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in ("show", "accept") else None
arguments = [] if command else sys.argv[1:]
build = arguments[0] if arguments else os.environ.get("BUILD", here + "/../../build")
shared = arguments[1] if len(arguments) > 1 else os.environ.get("BERTLINE_SHARED", here + "/../../../shared")
wiki = os.path.join(shared, "data", "wiki")
if not os.path.isdir(wiki):
    print("skipped: no shared data here")
    sys.exit(77)


@functools.cache
def whole_dump(path):
    return bz2.open(path).read().decode("utf-8", "replace")


def dump_of(page):
    """The page alone, as a dump."""
    path = os.path.join(wiki, page["source"])
    if not path.endswith(".bz2"):
        text = open(path, encoding="utf-8").read()
        if "&lt;ref" not in text:  # one of them is as it stands in a dump
            text = escape(text)
        body = (f"<page><title>{escape(page['title'])}</title><ns>0</ns><id>1</id><revision>"
                f"<timestamp>2016-05-31T00:00:00Z</timestamp><text>{text}</text></revision></page>")
        return f'<mediawiki xml:lang="en"><siteinfo></siteinfo>{body}</mediawiki>'
    dump = whole_dump(path)
    at = dump.index(f"<title>{escape(page['title'])}</title>")
    body = dump[dump.rindex("<page>", 0, at):dump.index("</page>", at)] + "</page>"
    language = re.match("(simple|..)wiki", os.path.basename(path)).group(1)
    return f'<mediawiki xml:lang="{language}"><siteinfo></siteinfo>{body}</mediawiki>'


def text_of(page):
    tool = os.path.join(build, "tools", "wiki-extract")
    done = subprocess.run([tool, "-q", *page.get("options", [])], input=dump_of(page).encode(),
                          capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{page['title']}: {done.stderr.decode()}")
    return done.stdout.decode().rstrip("\n").split("\n")


def hashes_of(paragraphs):
    return [hashlib.sha256(p.encode()).hexdigest()[:6] for p in paragraphs]


def words(text):
    return re.findall(r"\s+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|"
                      r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+|[^\w\s]", text)


def show(page):
    source = html.unescape(re.search("<text[^>]*>(.*)</text>", dump_of(page), re.S).group(1))
    source = re.sub("<!--.*?-->|<ref[^>]*/>|<ref.*?</ref>", "", source, flags=re.S)
    a, b = words(source), words("\n".join(text_of(page)))
    for what, i, j, k, l in difflib.SequenceMatcher(None, a, b, False).get_opcodes():
        if what == "equal":
            print("".join(b[k:l]), end="")
            continue
        if j > i:
            print("[-" + "".join(a[i:j]).replace("\n", "⏎") + "-]", end="")
        if l > k:
            print("{+" + "".join(b[k:l]) + "+}", end="")
    print()


def differences(page):
    """Tells how today's text differs from the one that was read; how many places."""
    paragraphs = text_of(page)
    old, new = page["hashes"].split(), hashes_of(paragraphs)
    n = 0
    for what, i, j, k, l in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if what == "equal":
            continue
        n += 1
        print(f"{page['source']}: {page['title']}: paragraphs {i + 1} to {j} are now {k + 1} to {l}:")
        for paragraph in paragraphs[k:l]:
            print("    " + paragraph)
    return n


pages = json.load(open(table, encoding="utf-8"))
if command == "show":
    for page in pages:
        if page["title"] in sys.argv[2:]:
            show(page)
elif command == "accept":
    for page in pages:
        if page["title"] in sys.argv[2:]:
            hashes = hashes_of(text_of(page))
            page["paragraphs"], page["hashes"] = len(hashes), " ".join(hashes)
    with open(table, "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(p, ensure_ascii=False) for p in pages) + "\n]\n")
else:
    n = sum(differences(page) for page in pages)
    print(f"{len(pages)} pages, {sum(p['paragraphs'] for p in pages)} paragraphs, {n} differences")
    sys.exit(n > 0)
