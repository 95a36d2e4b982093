/* xhtml_test.c -- pages of XHTML: what is text, and where paragraphs end. */
#include "text/xhtml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *body, const char *want)
{
    struct buf page = {0}, got = {0};
    struct err err = {0};

    buf_put_text(&page,
                 "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>no</title></head>");
    buf_printf(&page, "<body>%s</body></html>", body);
    if (xhtml_text(&got, page.data, page.len, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(got.data, want);
    buf_release(&page);
    buf_release(&got);
}

static void refuse(const char *page, enum err_kind kind, const char *why)
{
    struct buf got = {0};
    struct err err = {0};

    assert_int_equal(xhtml_text(&got, page, strlen(page), &err), -1);
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    buf_release(&got);
}

static void blocks_are_paragraphs(void **state)
{
    (void)state;
    check("<h1>I</h1><p>One\n  <i>two</i>\tthree.</p>loose<p>Four</p>",
          "I\nOne two three.\nloose\nFour\n");
    check("<div><div><p>a</p></div>b<ul><li>c</li><li>d <b>e</b></li></ul></div>",
          "a\nb\nc\nd e\n");
    check("<p>a line<br/>another line</p><hr/><p>* * *</p><p>end</p>",
          "a line\nanother line\nend\n");
    check("<pre>one\n  two\n\nthree</pre>x\ny", "one\ntwo\nthree\nx y\n");
    check("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb\n");
    check("<p>wo<b>rd</b>s<i>, and</i></p>", "words, and\n");
}

static void what_is_no_text_goes(void **state)
{
    (void)state;
    check("<p>a<script>var b;</script><svg><text>c</text></svg><img alt='d' src='e'/>f</p>",
          "af\n");
    check("<nav><ol><li>Contents</li></ol></nav><p>g</p>", "g\n");
    check("<p>h<a epub:type='noteref' href='#n'>1</a>.<span role='doc-pagebreak'>12</span> i</p>",
          "h. i\n");
    check("<p><ruby>k<rp>(</rp><rt>l</rt><rp>)</rp></ruby></p>", "k\n");
}

static void characters_are_decoded_once(void **state)
{
    (void)state;
    check("<p>a&amp;amp; &lt;b&gt; &#233;&eacute;&mdash;&nbsp;c &unknown;d</p>",
          "a&amp; <b> éé— c d\n");
    check("<p>so\xc2\xad"
          "ft\xe2\x80\x8b \xc2\xa0 \xe2\x81\xa0 blank</p>",
          "soft blank\n");
    check("<p><![CDATA[<i>]]></p>", "<i>\n");
}

static void document_types_are_fine_without_declarations(void **state)
{
    static const char page[] =
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' 'x.dtd'>"
        "<h:html xmlns:h='x'><h:body><h:p>caf&eacute;</h:p></h:body></h:html>";
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(xhtml_text(&got, page, sizeof page - 1, &err), 0);
    assert_string_equal(got.data, "café\n");
    buf_release(&got);
    refuse("<!DOCTYPE a [<!ENTITY b 'cc'>]><a><body>&b;</body></a>", ERR_FORMAT, "document type");
}

static void broken_pages_are_refused_with_their_place(void **state)
{
    struct buf deep = {0};

    (void)state;
    refuse("<html><body><p>a</body></html>", ERR_FORMAT, "byte 18: mismatched tag");
    refuse("", ERR_FORMAT, "no element");
    refuse("PK\3\4", ERR_FORMAT, "byte 2: not well-formed");
    for (int i = 0; i < 2 * XHTML_MAX_DEPTH; i++)
        buf_put_text(&deep, "<div>");
    refuse(deep.data, ERR_LIMIT, "nest more than 1000 deep");
    buf_release(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_paragraphs),
        cmocka_unit_test(what_is_no_text_goes),
        cmocka_unit_test(characters_are_decoded_once),
        cmocka_unit_test(document_types_are_fine_without_declarations),
        cmocka_unit_test(broken_pages_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
