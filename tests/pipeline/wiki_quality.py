#!/usr/bin/env python3
"""What is left of markup in wiki-extract's output, over all dumps and pages at hand:

    tests/pipeline/wiki_quality.py [BUILD [SHARED]]

Every dump and every page of SHARED/data/wiki is extracted. Fails when the output shows residue of
markup outside code, when lists or numbers of the source are missing, when the report's account does
not add up, or when two threads give other bytes than one. Prints one line a dump."""
import bz2, glob, json, os, re, subprocess, sys, tempfile
from xml.sax.saxutils import escape

here = os.path.dirname(os.path.abspath(__file__)) + "/../.."
build = sys.argv[1] if len(sys.argv) > 1 else here + "/build"
shared = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("BERTLINE_SHARED", here + "/../shared")
tool = os.path.join(build, "tools", "wiki-extract")
wiki = os.path.join(shared, "data", "wiki")
if not os.path.isdir(wiki):
    print("skipped: no shared data here")
    sys.exit(77)
RESIDUE = re.compile(
    r"\[\[|\]\]|\{\{|\}\}|\{\||\|\}|'''|<ref|</?(?:div|span|small|br|sub|sup|table|td|tr|gallery|nowiki)\b"
    r"|&(?:nbsp|amp|lt|gt|quot|ndash|mdash|#\d+);|__[A-Z]{4,}__|\bthumb\||\d+px\||\(\s*[,;)]|（\s*[、；）]"
    r"|[\x00-\x08\x0b-\x1f]|\{\{\{|\}\}\}")
# What an article about grammars, programs and markup says itself.
CODE = re.compile(r"::=|\bif \(|;$|\\|</?nowiki|HTML|wiki|'\]|&amp|XML|SGML|#\d+;")


def run(path, threads, report=None):
    command = [tool, "-q", "--json", "-t", str(threads), path]
    done = subprocess.run(command + (["--report", report] if report else []), capture_output=True)
    return done.returncode, done.stdout


def source_pages(path):
    data = (bz2.open(path) if path.endswith(".bz2") else open(path, "rb")).read()
    text = data.decode("utf-8", "replace")
    return re.findall(r"<text[^>]*>(.*?)</text>", text, re.S)


def check(name, path, cut):
    faults = []
    report = path_of("report.json")
    status, out = run(path, 1, report)
    if status != (1 if cut else 0):
        faults.append(f"exit status {status}")
    if run(path, 2)[1] != out:
        faults.append("two threads give other bytes than one")
    pages = [json.loads(line) for line in out.decode("utf-8").splitlines()]
    account = json.load(open(report))
    c = account["characters"]
    if c["wikitext"] != c["text"] + sum(c["removed"].values()) + sum(c["skipped"].values()):
        faults.append("the account of characters does not add up")
    if account["pages"] != account["kept"] + sum(account["skipped"].values()):
        faults.append("the account of pages does not add up")
    sources = "\n".join(source_pages(path)).replace("&quot;", '"').replace("&amp;", "&")
    lines = [line for page in pages for line in page["text"].split("\n")]
    for line in lines:
        found = RESIDUE.search(line)
        written = found and found.group() in ("()", "（）") and found.group() in sources
        if found and not written and not CODE.search(line):
            faults.append(f"residue {found.group()!r} in: {line[max(0, found.start() - 60):found.end() + 60]}")
    # Items of lists outside tables and sections of sources, and the years of the text, come through.
    items = years = items_kept = years_kept = 0
    whole = "\n".join(lines)
    for source in source_pages(path):
        source = re.split(r"\n==[^=]*(?:References|See also|Einzelnachweise|External|Further|Notes)", source)[0]
        if re.match(r"\s*#", source) or "{{disambig" in source.lower():
            continue
        # Items before the first table or box are of one line of plain words.
        for item in re.findall(r"^\*\s*([A-Za-zÀ-ž ]{12,60})$", source.split("{|")[0], re.M):
            if "{{" in source and source.index("{{") < source.find(item) and "}}" not in source[:source.find(item)]:
                continue
            items += 1
            items_kept += item.strip() in whole
        for year in re.findall(r"(?<=[a-z] )(?:1[5-9]\d\d|20[01]\d)(?=[ .,])", re.sub(r"&lt;ref.*?(?:/&gt;|&lt;/ref&gt;)|\{\{.*?\}\}|\{\|.*?\|\}", "", source, flags=re.S)):
            years += 1
            years_kept += year in whole
    if items - items_kept > 2 + 0.1 * items:
        faults.append(f"{items - items_kept} of {items} list items are missing")
    if years - years_kept > 2 + 0.03 * years:
        faults.append(f"{years - years_kept} of {years} years are missing")
    print(f"{name:60} {account['kept']:5} pages {len(lines):6} paragraphs  {items_kept}/{items} items "
          f"{years_kept}/{years} years  {len(faults)} faults")
    for fault in faults[:20]:
        print("    " + fault)
    return len(faults)


scratch = tempfile.TemporaryDirectory()


def path_of(name):
    return os.path.join(scratch.name, name)


n_faults = 0
dumps = sorted(glob.glob(wiki + "/minidumps/*.bz2") + glob.glob(wiki + "/*.bz2") + glob.glob(wiki + "/*.xml"))
for dump in dumps:
    opener = bz2.open if dump.endswith(".bz2") else open
    cut = b"</mediawiki>" not in opener(dump, "rb").read()[-200:]
    n_faults += check(os.path.basename(dump)[:60], dump, cut)
pages = path_of("pages.xml")
with open(pages, "w", encoding="utf-8") as f:
    f.write('<mediawiki xml:lang="en"><siteinfo></siteinfo>\n')
    for i, page in enumerate(sorted(glob.glob(wiki + "/wikitext_pages/*.txt"))):
        text = open(page, encoding="utf-8").read()
        if "&lt;ref" not in text:  # one of them is as it stands in a dump
            text = escape(text)
        f.write(f"<page><title>{escape(os.path.basename(page)[:-4])}</title><ns>0</ns><id>{i + 1}</id>"
                f"<revision><timestamp>2016-05-31T00:00:00Z</timestamp><text>{text}</text></revision></page>\n")
    f.write("</mediawiki>\n")
n_faults += check("wikitext_pages", pages, False)
sys.exit(1 if n_faults else 0)
