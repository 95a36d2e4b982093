/* epub_test.c -- books in EPUB, good, damaged and hostile, made here. */
#include "text/epub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 1 << 20 };

static uint32_t crc32_of(const char *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void put_u16(struct buf *b, unsigned v)
{
    buf_put_byte(b, (char)v);
    buf_put_byte(b, (char)(v >> 8));
}

/* A zip file that stores its files as they are. */
struct zip {
    struct buf bytes, index;
    unsigned n;
};

/* What the local and the central header of a file have in common. */
static void put_common(struct buf *b, const char *name, const struct buf *content)
{
    put_u16(b, 20); /* version needed; then flags, method, time, date */
    for (int i = 0; i < 4; i++)
        put_u16(b, 0);
    buf_put_u32(b, crc32_of(content->data, content->len));
    buf_put_u32(b, (uint32_t)content->len);
    buf_put_u32(b, (uint32_t)content->len);
    put_u16(b, (unsigned)strlen(name));
    put_u16(b, 0);
}

static void zip_add(struct zip *z, const char *name, const char *text)
{
    const uint32_t at = (uint32_t)z->bytes.len;
    struct buf content = {0};

    buf_put_text(&content, text);
    buf_put(&content, "", 0);
    buf_put(&z->bytes, "PK\3\4", 4);
    put_common(&z->bytes, name, &content);
    buf_put_text(&z->bytes, name);
    buf_put(&z->bytes, content.data, content.len);
    buf_put(&z->index, "PK\1\2", 4);
    put_u16(&z->index, 20);
    put_common(&z->index, name, &content);
    for (int i = 0; i < 3; i++) /* comment, disk, attributes */
        put_u16(&z->index, 0);
    buf_put_u32(&z->index, 0);
    buf_put_u32(&z->index, at);
    buf_put_text(&z->index, name);
    z->n++;
    buf_release(&content);
}

static void zip_end(struct zip *z)
{
    const uint32_t at = (uint32_t)z->bytes.len;

    buf_put(&z->bytes, z->index.data, z->index.len);
    buf_put(&z->bytes, "PK\5\6", 4);
    put_u16(&z->bytes, 0);
    put_u16(&z->bytes, 0);
    put_u16(&z->bytes, z->n);
    put_u16(&z->bytes, z->n);
    buf_put_u32(&z->bytes, (uint32_t)z->index.len);
    buf_put_u32(&z->bytes, at);
    put_u16(&z->bytes, 0);
}

static void zip_release(struct zip *z)
{
    buf_release(&z->bytes);
    buf_release(&z->index);
    *z = (struct zip){0};
}

static const char container[] =
    "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";

/* A book with this manifest and spine; its pages are to be added, then zip_end(). */
static void begin_book(struct zip *z, const char *manifest, const char *spine)
{
    struct buf package = {0};

    zip_add(z, "mimetype", "application/epub+zip");
    zip_add(z, "META-INF/container.xml", container);
    buf_printf(
        &package,
        "<package xmlns:dc='d'><metadata><dc:title> A\n Book </dc:title><dc:title>B</dc:title>"
        "</metadata><manifest>%s</manifest><spine>%s</spine></package>",
        manifest, spine);
    zip_add(z, "OPS/book.opf", package.data);
    buf_release(&package);
}

static const char manifest[] =
    "<item id='two' href='text/two%20b.xhtml'/><item id='one' href='./one.xhtml'/>"
    "<item id='toc' href='toc.xhtml' properties='nav'/><item id='notes' href='../notes.xhtml'/>"
    "<item id='cover' href='cover.jpg'/>";

static void add_pages(struct zip *z)
{
    zip_add(z, "OPS/text/two b.xhtml", "<html><body><p>Second.</p></body></html>");
    zip_add(z, "OPS/toc.xhtml", "<html><body><p>Contents</p></body></html>");
    zip_add(z, "OPS/cover.jpg", "\xff\xd8");
    zip_add(z, "notes.xhtml", "<html><body><p>Notes.</p></body></html>");
    zip_add(z, "OPS/one.xhtml",
            "<html><body><h1>I</h1><p>First, and not the last.</p></body></html>");
}

/* want NULL: an error of that kind that says `why`. */
static void check(struct zip *z, size_t max, const char *want, enum err_kind kind, const char *why)
{
    struct buf text = {0}, title = {0};
    struct err err = {0};
    const int rc = epub_text(&text, &title, z->bytes.data, z->bytes.len, max, &err);

    if (want && rc < 0)
        fail_msg("%s", err.text);
    if (want) {
        assert_string_equal(text.data, want);
        assert_string_equal(title.data, "A Book");
    } else {
        assert_int_equal(rc, -1);
        assert_int_equal(err.kind, kind);
        if (!strstr(err.text, why))
            fail_msg("'%s' does not say '%s'", err.text, why);
    }
    buf_release(&text);
    buf_release(&title);
    zip_release(z);
}

static void pages_come_in_the_order_of_the_spine(void **state)
{
    struct zip z = {0};

    (void)state;
    begin_book(&z, manifest,
               "<itemref idref='toc'/><itemref idref='one'/><itemref idref='two'/>"
               "<itemref idref='notes' linear='yes'/><itemref idref='one' linear='no'/>");
    add_pages(&z);
    zip_end(&z);
    assert_true(epub_is(z.bytes.data, z.bytes.len));
    check(&z, MAX, "I\nFirst, and not the last.\nSecond.\nNotes.\n", ERR_NONE, NULL);
    assert_false(epub_is("PK\3\4", 4));
}

static void what_is_missing_is_named(void **state)
{
    struct zip z = {0};

    (void)state;
    zip_add(&z, "a.txt", "no book");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "it has no 'META-INF/container.xml'");
    zip_add(&z, "META-INF/container.xml", "<container/>");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "names no package");
    zip_add(&z, "META-INF/container.xml", container);
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "it has no 'OPS/book.opf'");
    begin_book(&z, manifest, "<itemref idref='three'/>");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "OPS/book.opf: the spine names 'three'");
    begin_book(&z, manifest, "<itemref idref='one'/>");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "OPS/one.xhtml: the page is not in the book");
    begin_book(&z, manifest, "<itemref idref='one'/>");
    zip_add(&z, "OPS/one.xhtml", "<html><body><p>cut");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "OPS/one.xhtml: byte ");
    begin_book(&z, "<item id='one'", "");
    zip_end(&z);
    check(&z, MAX, NULL, ERR_FORMAT, "OPS/book.opf: byte ");
}

static void limits_hold(void **state)
{
    struct zip z = {0};
    struct buf many = {0};

    (void)state;
    begin_book(&z, manifest, "<itemref idref='one'/>");
    add_pages(&z);
    zip_end(&z);
    check(&z, 40, NULL, ERR_LIMIT, "more than 40 bytes");
    for (int i = 0; i < 9000; i++) /* a page of 29 bytes, named again and again */
        buf_put_text(&many, "<itemref idref='one'/>");
    begin_book(&z, manifest, many.data);
    add_pages(&z);
    zip_end(&z);
    check(&z, 210000, NULL, ERR_LIMIT, "more than 210000 bytes");
    buf_release(&many);
}

static void too_many_items_are_refused(void **state)
{
    struct zip z = {0};
    struct buf many = {0};

    (void)state;
    for (int i = 0; i <= EPUB_MAX_ITEMS; i++)
        buf_printf(&many, "<itemref idref='%d'/>", i);
    begin_book(&z, "", many.data);
    zip_end(&z);
    check(&z, 64 << 20, NULL, ERR_LIMIT, "more than 65536 files");
    buf_release(&many);
}

/* Any damage gives an error or a text, never a crash (and under ASan no bad access). */
static void damage_is_survived(void **state)
{
    struct zip z = {0};

    (void)state;
    begin_book(&z, manifest, "<itemref idref='one'/><itemref idref='two'/>");
    add_pages(&z);
    zip_end(&z);
    for (size_t i = 0; i < z.bytes.len; i++) {
        struct buf text = {0}, title = {0};
        struct err err = {0};
        z.bytes.data[i] ^= (char)(1 << i % 8);
        epub_text(&text, &title, z.bytes.data, z.bytes.len, MAX, &err);
        epub_text(&text, &title, z.bytes.data, i, MAX, &err);
        z.bytes.data[i] ^= (char)(1 << i % 8);
        buf_release(&text);
        buf_release(&title);
    }
    zip_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_in_the_order_of_the_spine),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(damage_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
