/* markup_test.c -- wikitext -> paragraphs: one behaviour a test. */
#include "wiki/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct templates *templates;

static int open_templates(void **state)
{
    (void)state;
    templates = templates_open();
    return 0;
}

static int close_templates(void **state)
{
    (void)state;
    templates_close(templates);
    return 0;
}

/* Cleans `wikitext` on a wiki that calls files "Datei" and categories "Kategorie". */
static void clean(struct buf *to, struct buf *unknown, const char *wikitext, size_t n)
{
    struct site site = {0};
    struct markup m = {0};

    site_add_namespace(&site, SITE_FILE, "Datei");
    site_add_namespace(&site, SITE_CATEGORY, "Kategorie");
    site_set_language(&site, "en");
    markup_clean(to, unknown, &m, wikitext, n, templates, &site, "Title");
    buf_put(to, "", 0);
    markup_release(&m);
    site_release(&site);
}

/* want: the paragraphs, each ended by "\n". */
static void check(const char *wikitext, const char *want)
{
    struct buf got = {0};

    clean(&got, NULL, wikitext, strlen(wikitext));
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
}

static void links_show_their_label(void **state)
{
    (void)state;
    check("The [[Sun]] and the [[Moon|pale moon]].", "The Sun and the pale moon.\n");
    check("Two [[bus]]es, [[a|b]]cd.", "Two buses, bcd.\n");
    check("[[Boston (town)|]] and [[Help:Page|]]", "Boston and Page\n");
    check("[[:Category:Birds]] and [[w:Fish|fish]]", "Category:Birds and fish\n");
    check("[http://a.org the label], [http://a.org] and [//b.org/x c]", "the label, and c\n");
    check("[[A [[B]] C]] [sic]", "A B C [sic]\n");
}

static void pictures_categories_and_languages_go(void **state)
{
    (void)state;
    check("a [[File:x.jpg|thumb|A [[b|c]] and [[d]]\n\nmore]] z", "a z\n");
    check("[[Datei:x.jpg|mini|Text]]a[[datei:y.png]]", "a\n");
    check("[[Fichier:x.jpg|texte]]a [[Файл:x.jpg|текст]][[ملف:x.jpg|text]]", "a\n");
    check("a[[Category:X|y]][[Kategorie:Z]]\n[[de:Sonne]]\n[[zh-min-nan:X]]", "a\n");
    check("[[CSI: Miami]]", "CSI: Miami\n");
}

static void references_formulas_and_comments_go(void **state)
{
    (void)state;
    check("a<ref>b {{c}} [[d]]</ref>.<ref name=x/> e<ref name=\"x\" />", "a. e\n");
    check("a<!-- b -->c\n<!-- whole line -->\nd", "ac d\n");
    check("a <math>x_1</math>, b<gallery>\nx.jpg|y\n</gallery>", "a, b\n");
    check("x<references/>", "x\n");
    check("a<ref>never closed", "anever closed\n");
    check("a<!-- never closed", "a\n");
}

static void tables_go_and_nest(void **state)
{
    (void)state;
    check("a\n{| class=x\n|-\n| b\n{|\n| c\n|}\n|}\nd", "a\nd\n");
    check(":{|\n| b\n|}\nd", "d\n");
    check("a\n{|\n| b\n== H ==\nd", "a\nH\nd\n");
    check("a<table><tr><td>b<table></table></td></tr></table>c", "a\nc\n");
    check("{|\n| x\n|} after", "after\n");
}

static void lists_and_headings_are_paragraphs(void **state)
{
    (void)state;
    check("== A ==\n* b\n** c\n# d\n: e\n; f : g\nh\ni", "A\nb\nc\nd\ne\nf\ng\nh i\n");
    check("a\n\nb\n----\nc", "a\nb\nc\n");
    check("x\n== Empty ==\n=== Also ===\n{{reflist}}\n== Full ==\n=== Deep ===\ny",
          "x\nFull\nDeep\ny\n");
}

static void quotes_of_bold_and_italic_go(void **state)
{
    (void)state;
    check("'''A''' ''b'' '''''c''''' d's ''e", "A b c d's e\n");
    check("L'''Étranger''", "L'Étranger\n");
    check("''''a''''", "'a'\n");
}

static void html_never_glues_words(void **state)
{
    (void)state;
    check("a<br>b<br/>c", "a b c\n");
    check("a<p>b</p>c<div class=\"x\">d</div>e", "a\nb\nc\nd\ne\n");
    check("H<sub>2</sub>O <small>s</small> <B>b</B> 5 < 6", "H2O s b 5 < 6\n");
    check("10<sup>5</sup> 1<sup>st</sup> km<sup>2</sup>", "10^5 1st km2\n");
    check("<poem>\na\nb\n</poem>", "a\nb\n");
    check("a<span style=\"display: none\">key</span>b", "ab\n");
    check("<li>a</li><li>b</li>", "a\nb\n");
}

static void nowiki_is_kept_raw(void **state)
{
    (void)state;
    check("<nowiki>[[a]] {{b}} ''c'' * </nowiki>d", "[[a]] {{b}} ''c'' * d\n");
    check("<pre>* a\n  [[b]]</pre>", "* a\n[[b]]\n");
    check("&lt;nowiki>''a''", "<nowiki>a\n");
}

static void entities_are_decoded_once(void **state)
{
    (void)state;
    check("&amp;lt; &eacute;&#233;&#xE9; &nbsp;&unknown; &#0; &#91;&#91;a",
          "&lt; ééé &unknown; &#0; [[a\n");
    check("a&nbsp;b\xc2\xa0"
          "c",
          "a b c\n");
    check("AT&T &amp", "AT&T &amp\n");
}

static void dropped_markup_leaves_no_holes(void **state)
{
    (void)state;
    check("Name ({{unknown}}; {{other}}) is", "Name is\n");
    check("Name ({{unknown}}, born 5) is", "Name (born 5) is\n");
    check("Name (born 5, {{unknown}}) is", "Name (born 5) is\n");
    check("word {{unknown}}, next {{unknown}}.", "word, next.\n");
    check("a, {{unknown}}, b", "a, b\n");
    check("call main() here", "call main() here\n");
    check("a , b .", "a, b.\n");
    check("名（{{unknown}}）は", "名は\n");
    check("は{{IPA|a}} 、{{IPA|b}} 、い", "は、い\n");
    check("Use .NET and . . . so", "Use .NET and... so\n");
}

static void templates_with_words_are_rendered(void **state)
{
    (void)state;
    check("{{convert|5|km|mi}} {{cvt|5|km}} {{convert|1|km}} {{convert|5|-|10|ft|m|adj=on}} wall",
          "5 kilometres 5 km 1 kilometre 5–10-foot wall\n");
    check("{{convert|6|ft|2|in|m}} {{Convert|240|C}} {{convert|2|L|sp=us}}",
          "6 feet 2 inches 240 °C 2 liters\n");
    check("{{nowrap|a b}} {{lang|de|Wort}} {{lang-de|Wort}} {{langx|fr|mot}}",
          "a b Wort German: Wort French: mot\n");
    check("{{val|1.5|0.2|e=3|u=kg}} {{formatnum:1234567.5}} {{frac|3|4}}",
          "1.5±0.2×10^3 kg 1,234,567.5 3/4\n");
    check("({{birth date|1815|12|10}} – {{death date and age|1852|11|27|1815|12|10|df=yes}})",
          "(December 10, 1815 – 27 November 1852)\n");
    check("{{As of|2010|5}}, {{circa|1500}}{{snd}}x{{'}}s", "As of May 2010, c. 1500 – x's\n");
    check("a {{quote|b|c}} d", "a\nb\nd\n");
    check("{{#if: x | yes | no}} {{#ifeq:a|b|1|2}} {{#switch:b|a=1|b|c=2|3}} {{lc:ABC}}",
          "yes 2 2 abc\n");
    check("{{PAGENAME}} {{Template:nowrap|x}} {{nowrap|1={{small|y}}}}", "Title x y\n");
    check("{{abbr|U.S.|United States}} {{chem|H|2|O}} {{ill|Name|de}} {{USS|Maine}}",
          "U.S. H2O Name USS Maine\n");
    check("-{zh-hant:繁;zh-hans:简}- -{A|x}- a-{b", "简 x a-{b\n");
    check("{{{1|default}}} {{{2}}}x", "default x\n");
    check("au {{XXe siècle}}, le {{s-|XIX}}", "au XXe siècle, le XIXe siècle\n");
    check("{{nihongo|Word|漢字|kanji}}", "Word (漢字, kanji)\n");
}

static void behaviour_switches_go(void **state)
{
    (void)state;
    check("__NOTOC__a __KEIN_INHALT__ __init__ b", "a __init__ b\n");
}

static void unknown_templates_are_named(void **state)
{
    const char *text = "{{My thing|x}} {{cite web|url=y}} {{my_thing\n|a={{Other}}}}";
    struct buf got = {0}, unknown = {0};

    (void)state;
    clean(&got, &unknown, text, strlen(text));
    buf_put(&unknown, "", 0);
    assert_string_equal(unknown.data, "My thing\nOther\nmy thing\n");
    buf_release(&got);
    buf_release(&unknown);
}

static void broken_markup_loses_little(void **state)
{
    (void)state;
    check("a [[b\nc [[d|e\n\nf", "a b c d|e\nf\n");
    check("a {{convert|5 b\nc", "a\nc\n");
    check("a}} b]] c", "a b c\n");
    check("{{Infobox\n| a = b\n| c = d\n\nText here.", "Text here.\n");
    check("<b>a", "a\n");
    check("", "");
    check("\x01\x02\x0f", "");
    check("bad \xff\xc3 bytes", "bad \xff\xc3 bytes\n");
}

/* Each of these would take hours if any pass were quadratic, or the stack if one recursed. */
static void hostile_repetition_is_linear(void **state)
{
    static const char *const units[] = {
        "{{",         "[[",          "<ref>",
        "'''",        "{{nowrap|",   "[[a|",
        "{|\n",       "}}",          "<!--",
        "[http://a ", "-{",          "{{{",
        "<table>",    "[[File:",     "<nowiki>",
        "== a ==\n",  "(",           "&amp",
        "{{a|b=",     "[http://a |", "<span style=\"display:none\">",
        "|}\n",       "'' '''",      "; a : b\n",
        "<poem>",     "((,"};
    const clock_t start = clock();

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf text = {0}, got = {0};
        for (size_t k = 0; k < 100000; k++)
            buf_put_text(&text, units[i]);
        clean(&got, NULL, text.data, text.len);
        buf_release(&text);
        buf_release(&got);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 60);
}

/* Pieces of markup in random order: no crash, no byte of ours left over. */
static void random_markup_leaves_no_marks(void **state)
{
    static const char *const pieces[] = {
        "{{",      "}}",       "[[",       "]]",        "|",          "=",
        "\n",      "a",        " ",        "{|",        "|}",         "'''",
        "<ref>",   "</ref>",   "<nowiki>", "</nowiki>", "[http://x ", "]",
        "-{",      "}-",       "==",       "*",         "(",          ")",
        ",",       "&amp;",    "{{{",      "}}}",       "File:",      "convert|5|km",
        "<table>", "</table>", "<!--",     "-->",       "<br>",       "é",
        "nowrap|", ";",        ":"};
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct buf text = {0}, got = {0};
        for (int i = 0; i < 60; i++) {
            seed = seed * 1103515245u + 12345u;
            buf_put_text(&text, pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]);
        }
        clean(&got, NULL, text.data, text.len);
        for (size_t i = 0; i < got.len; i++)
            assert_true((unsigned char)got.data[i] >= 0x20 || got.data[i] == '\n');
        assert_true(got.len == 0 || got.data[got.len - 1] == '\n');
        buf_release(&text);
        buf_release(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_show_their_label),
        cmocka_unit_test(pictures_categories_and_languages_go),
        cmocka_unit_test(references_formulas_and_comments_go),
        cmocka_unit_test(tables_go_and_nest),
        cmocka_unit_test(lists_and_headings_are_paragraphs),
        cmocka_unit_test(quotes_of_bold_and_italic_go),
        cmocka_unit_test(html_never_glues_words),
        cmocka_unit_test(nowiki_is_kept_raw),
        cmocka_unit_test(entities_are_decoded_once),
        cmocka_unit_test(dropped_markup_leaves_no_holes),
        cmocka_unit_test(templates_with_words_are_rendered),
        cmocka_unit_test(behaviour_switches_go),
        cmocka_unit_test(unknown_templates_are_named),
        cmocka_unit_test(broken_markup_loses_little),
        cmocka_unit_test(hostile_repetition_is_linear),
        cmocka_unit_test(random_markup_leaves_no_marks),
    };

    return cmocka_run_group_tests(tests, open_templates, close_templates);
}
