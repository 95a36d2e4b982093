/* dump_test.c -- MediaWiki exports: whole, old, cut off and hostile. */
#include "wiki/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

#define HEAD                                                                                       \
    "<mediawiki xml:lang=\"de\"><siteinfo><namespaces>"                                            \
    "<namespace key=\"1\">Diskussion</namespace></namespaces></siteinfo>"
#define PAGE(title, more, text)                                                                    \
    "<page><title>" title "</title>" more "<revision><id>9</id><text>" text                        \
    "</text></revision></page>"

static struct dump *open_text(const char *text, size_t n)
{
    char path[] = "/tmp/dump_test_XXXXXX";
    const int fd = mkstemp(path);
    struct err err = {0};
    struct dump *d;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), (ssize_t)n);
    close(fd);
    d = dump_open(path, &err);
    assert_non_null(d);
    unlink(path);
    return d;
}

/* Reads to the end: how many pages came, and whether an error did. */
static size_t count(const char *text, size_t n, struct err *err)
{
    struct dump *d = open_text(text, n);
    struct dump_page page;
    size_t pages = 0;
    int got;

    *err = (struct err){0};
    while ((got = dump_next(d, &page, err)) > 0)
        pages++;
    if (got == 0)
        assert_int_equal(err->kind, ERR_NONE);
    dump_close(d);
    return pages;
}

static void pages_come_with_their_fields(void **state)
{
    static const char text[] = HEAD PAGE("A &amp; B", "<ns>0</ns><id>7</id>", "x &lt; &amp;lt;")
        PAGE("R", "<ns>0</ns><id>8</id><redirect title=\"A\"/>", "y")
            PAGE("S", "<ns>4</ns><id>9</id>", "#WEITERLEITUNG [[A]]") "</mediawiki>";
    struct dump *d = open_text(text, sizeof text - 1);
    struct dump_page p;
    struct err err = {0};

    (void)state;
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_string_equal(p.title, "A & B");
    assert_int_equal(p.id, 7); /* the page's, not the revision's */
    assert_int_equal(p.ns, 0);
    assert_false(p.redirect);
    assert_int_equal(p.len, strlen("x < &lt;"));
    assert_memory_equal(p.text, "x < &lt;", p.len);
    assert_string_equal(dump_site(d)->language, "de");
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_true(p.redirect);
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_true(p.redirect);
    assert_int_equal(p.ns, 4);
    assert_int_equal(dump_next(d, &p, &err), 0);
    dump_close(d);
}

static void old_exports_have_no_ns(void **state)
{
    static const char text[] = HEAD PAGE("Diskussion:A", "<id>1</id>", "x")
        PAGE("User:B", "<id>2</id>", "x") PAGE("Foo: bar", "<id>3</id>", "x") "</mediawiki>";
    struct dump *d = open_text(text, sizeof text - 1);
    struct dump_page p;
    struct err err = {0};

    (void)state;
    dump_next(d, &p, &err);
    assert_int_equal(p.ns, 1);
    dump_next(d, &p, &err);
    assert_int_equal(p.ns, 2);
    dump_next(d, &p, &err);
    assert_int_equal(p.ns, 0);
    dump_close(d);
}

static void empty_text_does_not_swallow_the_next_page(void **state)
{
    static const char text[] =
        HEAD "<page><title>A</title><revision><text bytes=\"0\" /></revision></page>" PAGE(
            "B", "", "x") "</mediawiki>";
    struct dump *d = open_text(text, sizeof text - 1);
    struct dump_page p;
    struct err err = {0};

    (void)state;
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_int_equal(p.len, 0);
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_string_equal(p.title, "B");
    dump_close(d);
}

static void the_last_revision_counts(void **state)
{
    static const char text[] = HEAD "<page><title>A</title><revision><text>old</text></revision>"
                                    "<revision><text>new</text></revision></page></mediawiki>";
    struct dump *d = open_text(text, sizeof text - 1);
    struct dump_page p;
    struct err err = {0};

    (void)state;
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_int_equal(p.len, 3);
    assert_memory_equal(p.text, "new", 3);
    dump_close(d);
}

/* Whole pages come before the error, wherever the cut is. */
static void a_cut_dump_gives_what_is_whole(void **state)
{
    static const char text[] =
        HEAD PAGE("A", "<ns>0</ns>", "x") PAGE("B", "<ns>0</ns>", "y") "</mediawiki>";
    const char *first = strstr(text, "</page>") + strlen("</page>");
    const char *second = strstr(first, "</page>") + strlen("</page>");
    struct err err;

    (void)state;
    for (size_t n = 1; n + 1 < sizeof text; n++) {
        const size_t want = (size_t)(text + n >= second) + (size_t)(text + n >= first);
        assert_int_equal(count(text, n, &err), want);
        assert_int_equal(err.kind, ERR_FORMAT);
        assert_non_null(strstr(err.text, "byte"));
    }
    assert_int_equal(count(text, sizeof text - 1, &err), 2);
}

static void hostile_xml_is_an_error(void **state)
{
    static const char bomb[] =
        "<!DOCTYPE m [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><mediawiki>&b;</mediawiki>";
    struct buf text = {0};
    struct err err;

    (void)state;
    assert_int_equal(count(bomb, sizeof bomb - 1, &err), 0);
    assert_int_equal(err.kind, ERR_FORMAT);

    buf_put_text(&text, "<mediawiki>");
    for (int i = 0; i < 100000; i++)
        buf_put_text(&text, "<a>");
    count(text.data, text.len, &err);
    assert_int_equal(err.kind, ERR_LIMIT);

    buf_clear(&text);
    buf_put_text(&text, "<mediawiki a=\"");
    for (int i = 0; i < 3 << 20; i++)
        buf_put_byte(&text, 'x');
    count(text.data, text.len, &err);
    assert_int_equal(err.kind, ERR_LIMIT);

    count("<html></html>", 13, &err);
    assert_int_equal(err.kind, ERR_FORMAT);
    count("plain text", 10, &err);
    assert_int_equal(err.kind, ERR_FORMAT);
    count("<mediawiki>\xff</mediawiki>", 24, &err);
    assert_int_equal(err.kind, ERR_FORMAT);
    count("", 0, &err);
    assert_int_equal(err.kind, ERR_FORMAT);
    buf_release(&text);
}

static void a_page_over_the_limit_is_marked(void **state)
{
    struct buf text = {0};
    struct dump *d;
    struct dump_page p;
    struct err err = {0};

    (void)state;
    buf_put_text(&text, HEAD "<page><title>A</title><revision><text>");
    memset(buf_reserve(&text, DUMP_MAX_TEXT + 1), 'x', DUMP_MAX_TEXT + 1);
    text.len += DUMP_MAX_TEXT + 1;
    buf_put_text(&text, "</text></revision></page>" PAGE("B", "", "y") "</mediawiki>");
    d = open_text(text.data, text.len);
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_true(p.oversize);
    assert_int_equal(p.len, 0);
    assert_int_equal(dump_next(d, &p, &err), 1);
    assert_false(p.oversize);
    dump_close(d);
    buf_release(&text);
}

/* All pages of a dump in one buffer, and the error's kind at the end. */
static void read_all(struct buf *to, enum err_kind *kind, const struct buf *xml, bool plain)
{
    struct dump *d = open_text(xml->data, xml->len);
    struct dump_page page;
    struct err err = {0};

    if (plain)
        dump_use_expat_alone(d);
    while (dump_next(d, &page, &err) > 0) {
        buf_printf(to, "%s|%lld|%d|%zu|", page.title, (long long)page.id, page.redirect, page.len);
        buf_put(to, page.text, page.len);
        buf_put_byte(to, '\n');
    }
    buf_put(to, "", 0);
    *kind = err.kind;
    dump_close(d);
}

/* Texts with all that XML has, of lengths that put every piece across the end of a block once. */
static void texts_past_expat_are_as_expat_reads_them(void **state)
{
    static const char *const pieces[] = {"&lt;ref&gt;", "&amp;amp;",  "plain words of some length ",
                                         "\r\n",        "\r",         "é漢字😀",
                                         "&#8211;",     "&#x2013;",   "<![CDATA[<x>&amp;]]>",
                                         "&quot;",      "<!-- c -->", "&apos;\t",
                                         "\n\n"};
    static const char *const wrong[] = {"&nope;", "\xc3(", "\x01",        "&#0;",
                                        "&",      "<b>",   "\xef\xbf\xbf"};
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct buf xml = {0}, fast = {0}, plain = {0};
        enum err_kind kinds[2];
        buf_put_text(&xml, HEAD);
        for (int page = 0; page < 30; page++) {
            buf_printf(&xml, "<page><title>P%d</title><ns>0</ns><id>%d</id><revision><text %s>",
                       page, page, page % 3 ? "xml:space=\"preserve\"" : "bytes=\"5>3\"");
            for (int i = 0; i < 400; i++) {
                seed = seed * 1103515245u + 12345u;
                buf_put_text(&xml, pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]);
            }
            if (round % 3 == 2 && page == 25)
                buf_put_text(&xml, wrong[(size_t)round % (sizeof wrong / sizeof wrong[0])]);
            buf_put_text(&xml, page % 5 == 4 ? "</text ></revision></page >\n"
                                             : "</text></revision></page>\n");
        }
        buf_put_text(&xml, "</mediawiki>");
        if (round % 3 == 1)
            xml.len = xml.len * 2 / 3 + (size_t)round;
        read_all(&fast, &kinds[0], &xml, false);
        read_all(&plain, &kinds[1], &xml, true);
        assert_int_equal(kinds[0], kinds[1]);
        assert_string_equal(fast.data, plain.data);
        buf_release(&xml);
        buf_release(&fast);
        buf_release(&plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_with_their_fields),
        cmocka_unit_test(old_exports_have_no_ns),
        cmocka_unit_test(empty_text_does_not_swallow_the_next_page),
        cmocka_unit_test(the_last_revision_counts),
        cmocka_unit_test(a_cut_dump_gives_what_is_whole),
        cmocka_unit_test(hostile_xml_is_an_error),
        cmocka_unit_test(a_page_over_the_limit_is_marked),
        cmocka_unit_test(texts_past_expat_are_as_expat_reads_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
