# book-extract: books in, documents out, the same for any number of threads.

bats_require_minimum_version 1.5.0

refute() {
    if "$@"; then
        return 1
    fi
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    extract=$TOOLS/book-extract
    cat >book.txt <<'TXT'
The Project Gutenberg EBook of A Test, by Nobody

Title: A Test

*** START OF THIS PROJECT GUTENBERG EBOOK A TEST ***

Produced by Nobody and the Distributed Proofreading
Team

CHAPTER I.

It was a long road that went from the harbour up to the old light-
house on the hill, and nobody had _ever_ walked it without stopping to
look back at the sea, where the ships lay.  The lighthouse was empty now.

    The wind goes over the water,
    The water goes over the stone,
    And nobody asks for the daughter
    Of him who was living alone.

       *       *       *       *       *

[Illustration: The lighthouse]

"It is a well-known story," said the keeper, and shut the door behind
him, as he had done every evening for thirty years. It was not a well-
known one at all.

End of the Project Gutenberg EBook of A Test, by Nobody

*** END OF THIS PROJECT GUTENBERG EBOOK A TEST ***
Licence here.
TXT
    cat >want <<'TXT'
CHAPTER I.
It was a long road that went from the harbour up to the old lighthouse on the hill, and nobody had ever walked it without stopping to look back at the sea, where the ships lay. The lighthouse was empty now.
The wind goes over the water,
The water goes over the stone,
And nobody asks for the daughter
Of him who was living alone.
"It is a well-known story," said the keeper, and shut the door behind him, as he had done every evening for thirty years. It was not a well-known one at all.

TXT
}

@test "frame, wrapping, hyphens, emphasis, verse and pictures" {
    "$extract" book.txt >got
    diff want got
    "$extract" --emphasis keep book.txt | grep -q 'had _ever_ walked'
}

@test "CR LF, UTF-16, a compressed book and standard input give the same" {
    sed 's/$/\r/' book.txt >crlf.txt
    "$extract" crlf.txt | diff want -
    iconv -t UTF-16 book.txt >utf16.txt
    "$extract" utf16.txt | diff want -
    iconv -t UTF-16BE book.txt >utf16be.txt
    "$extract" utf16be.txt | diff want -
    bzip2 -c book.txt | "$extract" | diff want -
    "$extract" - <book.txt | diff want -
}

@test "Latin-1 and Windows-1252 become UTF-8" {
    printf 'Caf\351 cr\350me, \223na\357ve\224\n' >latin.txt
    [ "$("$extract" latin.txt)" = "Café crème, “naïve”" ]
    printf 'Caf\303\251 cr\303\250me\n' >utf8.txt
    [ "$("$extract" utf8.txt)" = "Café crème" ]
}

@test "text whose lines were not cut keeps them" {
    python3 -c 'print("A word or more of it. " * 40); print("Second line."); print("third " * 60)' >long.txt
    [ "$("$extract" long.txt | grep -c .)" -eq 3 ]
}

@test "paragraphs without empty lines between them are told by their last lines" {
    python3 - >dense.txt <<'PY'
import textwrap
for i in range(80):
    text = "This is paragraph %d, and it tells of nothing but of what it is made of: words. " % i * 4
    print(textwrap.fill(text + "It ends here.", 72))
PY
    "$extract" dense.txt >got
    n=$(grep -c 'ends here' got)
    [ "$n" -ge 70 ]
    refute grep -qv '^This is paragraph' <(grep . got)
}

@test "folders, archives and lists; any number of threads gives the same bytes" {
    mkdir -p shelf/b
    for i in 1 2 3 4 5 6; do sed "s/long road/long road $i/" book.txt >shelf/b/$i.txt; done
    gzip -c book.txt >shelf/a.txt.gz
    echo 'not a book' >shelf/readme.md
    python3 -c 'import shutil; shutil.make_archive("more", "zip", "shelf/b")'
    tar -cf shelf/z.tar -C shelf b/1.txt
    "$extract" -t 1 shelf more.zip >one
    "$extract" -t 4 shelf more.zip >four
    cmp one four
    [ "$(grep -c CHAPTER one)" -eq 14 ]
    printf 'shelf/b/2.txt\nmore.zip\n' >list
    [ "$("$extract" @list | grep -c CHAPTER)" -eq 7 ]
    [ "$(find shelf -name '*.txt' | "$extract" @- | grep -c CHAPTER)" -eq 6 ]
}

@test "--json has the path, the title and the text" {
    cp book.txt other.txt
    sed -i /Title/d other.txt
    "$extract" --json book.txt other.txt >out.jsonl
    python3 - <<'PY'
import json
rows = [json.loads(line) for line in open("out.jsonl")]
assert [list(r) for r in rows] == [["id", "title", "text"]] * 2
assert [(r["id"], r["title"]) for r in rows] == [("book.txt", "A Test"), ("other.txt", "other")]
assert rows[0]["text"].startswith("CHAPTER I.\nIt was")
PY
}

# make_epub FILE: a book of two chapters, the second one first in the archive
make_epub() {
    python3 - "$1" <<'PY'
import sys, zipfile
page = ("<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><head>"
        "<title>x</title></head><body>%s</body></html>")
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
    z.writestr("b.xhtml", page % "<h2>II</h2><p>The road went<br/>down.</p><p>THE END</p>"
               "<p>*** END OF THE PROJECT GUTENBERG EBOOK A TEST ***</p><p>Licence.</p>")
    z.writestr("a.xhtml", page % "<p>*** START OF THE PROJECT GUTENBERG EBOOK A TEST ***</p><h2>I</h2>"
               "<p>It was a <i>long</i>\nroad &mdash; up.</p><img src='i.png' alt='no'/>")
    z.writestr("META-INF/container.xml", "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:"
               "container'><rootfiles><rootfile full-path='c.opf'/></rootfiles></container>")
    z.writestr("c.opf", "<package xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>"
               "A Long Road</dc:title></metadata><manifest><item id='b' href='b.xhtml'/><item id='a' "
               "href='a.xhtml'/></manifest><spine><itemref idref='a'/><itemref idref='b'/></spine>"
               "</package>")
PY
}

@test "an EPUB is read in the order of its spine" {
    mkdir shelf
    make_epub shelf/road.epub
    printf '%s\n' I 'It was a long road — up.' II 'The road went' down. 'THE END' '' >want
    "$extract" shelf | diff want -
    "$extract" <shelf/road.epub | diff want -
    cp book.txt shelf
    tar -cf more.tar shelf
    "$extract" -t 4 more.tar | grep -c CHAPTER | grep -qx 1
    "$extract" more.tar | grep -cx 'It was a long road — up.' | grep -qx 1
    "$extract" --json shelf/road.epub | grep -q '"id": "shelf/road.epub", "title": "A Long Road", "text": "I\\nIt'
    head -c 300 shelf/road.epub >cut.epub
    run -1 "$extract" cut.epub -o out
    [[ $output == *"cut.epub: "* ]]
    refute [ -e out ]
    run -1 "$extract" --max-size 1000 shelf/road.epub
    [[ $output == *"road.epub: the book has more than 1000 bytes"* ]]
    cp book.txt text.epub
    run -1 "$extract" text.epub
    [[ $output == *"text.epub: "*archive* ]]
}

@test "what is no book is an error that names it" {
    run -1 "$extract" nosuch.txt
    [[ $output == *"nosuch.txt"* ]]
    head -c 1000 /dev/zero >zero.txt
    run -1 "$extract" zero.txt
    [[ $output == *"zero.txt: this is no text"* ]]
    run -1 "$extract" --max-size 100 book.txt
    [[ $output == *"book.txt"*"more than 100 bytes"* ]]
    head -c 100 book.txt >bad.zip
    run -1 "$extract" bad.zip
    [[ $output == *"bad.zip"* ]]
    run -1 "$extract" -o out book.txt nosuch.txt
    refute [ -e out ]
}

@test "an archive whose checksum is not that of its bytes is an error" {
    mkdir books
    cp book.txt books
    tar czf books.tar.gz books
    "$extract" books.tar.gz -o out
    printf '\125\125\125\125' | dd of=books.tar.gz bs=1 seek=$(($(wc -c <books.tar.gz) - 8)) conv=notrunc
    run -1 "$extract" books.tar.gz -o damaged
    [[ $output == *"books.tar.gz: "*"gzip stream is damaged: incorrect data check"* ]]
    refute [ -e damaged ]
}

@test "a link back to its folder is not followed" {
    mkdir -p shelf/inner other
    cp book.txt shelf/inner
    cp book.txt other
    ln -s . shelf/self
    ln -s ../../shelf shelf/inner/up
    ln -s ../other shelf/other
    "$extract" --json shelf >out
    [ "$(grep -o '"id": "[^"]*"' out)" = '"id": "shelf/inner/book.txt"
"id": "shelf/other/book.txt"' ]
}

@test "an empty book is no document" {
    : >empty.txt
    [ -z "$("$extract" empty.txt)" ]
    printf '\n  \n* * *\n' >stars.txt
    [ -z "$("$extract" stars.txt)" ]
}

@test "the old small print and its variants" {
    printf '%s\n' 'Etext of X' '*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*' \
        '' 'The text.' '' 'End of Project Gutenberg Etext of X' 'junk' >old.txt
    [ "$("$extract" old.txt)" = "The text." ]
    printf '%s\n' '***START OF THE PROJECT GUTENBERG EBOOK A VERY LONG' 'TITLE INDEED***' '' 'The text.' \
        '***END OF THE PROJECT GUTENBERG EBOOK***' 'junk' >new.txt
    [ "$("$extract" new.txt)" = "The text." ]
}

@test "an archive can come from a pipe" {
    tar -cf books.tar book.txt
    gzip -k books.tar
    "$extract" books.tar >want
    for name in books.tar books.tar.gz; do
        mkdir -p pipe
        mkfifo "pipe/$name"
        cat "$name" >"pipe/$name" &
        timeout 20 "$extract" "pipe/$name" >got
        cmp want got
    done
}
