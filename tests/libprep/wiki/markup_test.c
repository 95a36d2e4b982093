/* markup_test.c -- wikitext -> paragraphs: one behaviour a test. */
#include "wiki/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "wiki/tidy.h"

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

/* Cleans `wikitext` as a page of 31 May 2016 on a wiki in `language` that calls files "Datei" and
 * categories "Kategorie". */
static void clean_with(struct buf *to, struct buf *unknown, const char *wikitext, size_t n,
                       const char *language, const struct options *options)
{
    struct site site = {0};
    struct markup m = {0};
    struct account total = {0};
    struct context page = {.templates = templates,
                           .site = &site,
                           .options = options,
                           .title = "Title",
                           .year = 2016,
                           .month = 5,
                           .day = 31};
    uint64_t sum;

    site_add_namespace(&site, SITE_FILE, "Datei");
    site_add_namespace(&site, SITE_CATEGORY, "Kategorie");
    site_set_language(&site, language);
    markup_clean(to, &m, wikitext, n, &page);
    buf_put(to, "", 0);
    if (unknown)
        buf_put(unknown, m.expand.unknown.data, m.expand.unknown.len);
    account_close(&total, &page.account, wikitext, n, to->data, to->len);
    sum = total.text;
    for (size_t i = 0; i < ACCOUNT_CLASSES; i++)
        sum += total.lost[i];
    assert_int_equal(sum, total.wikitext);
    markup_release(&m);
    site_release(&site);
}

static void clean(struct buf *to, struct buf *unknown, const char *wikitext, size_t n)
{
    const struct options options = {0};

    clean_with(to, unknown, wikitext, n, "en", &options);
}

/* want: the paragraphs, each ended by "\n". */
static void check(const char *wikitext, const char *want)
{
    struct buf got = {0};

    clean(&got, NULL, wikitext, strlen(wikitext));
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
}

static void check_in(const char *language, const char *wikitext, const char *want)
{
    struct buf got = {0};
    const struct options options = {0};

    clean_with(&got, NULL, wikitext, strlen(wikitext), language, &options);
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
}

static void check_with(struct options options, const char *wikitext, const char *want)
{
    struct buf got = {0};

    clean_with(&got, NULL, wikitext, strlen(wikitext), "en", &options);
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
    check("[[CSI: Miami]] [[Lêer:Kaart.png|duimnael|Kaart]]", "CSI: Miami\n");
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
    check("は{{audio|a}} 、{{audio|b}} 、い", "は、い\n");
    check("Use .NET and . . . so", "Use .NET and... so\n");
}

static void templates_with_words_are_rendered(void **state)
{
    (void)state;
    check("{{convert|5|km|mi}} {{cvt|5|km}} {{convert|1|km}} {{convert|5|-|10|ft|m|adj=on}} wall",
          "5 kilometres (3.1 mi) 5 km (3.1 mi) 1 kilometre (0.62 mi) 5–10-foot (1.5–3.0 m) wall\n");
    check("{{convert|6|ft|2|in|m}} {{Convert|240|C}} {{convert|2|L|sp=us}}",
          "6 feet 2 inches (1.88 m) 240 °C (464 °F) 2 liters (0.53 US gal)\n");
    check("{{nowrap|a b}} {{lang|de|Wort}} {{lang-de|Wort}} {{langx|fr|mot}}",
          "a b Wort German: Wort French: mot\n");
    check("{{val|1.5|0.2|e=3|u=kg}} {{formatnum:1234567.5}} {{frac|3|4}}",
          "1.5±0.2×10^3 kg 1,234,567.5 3/4\n");
    check("({{birth date|1815|12|10}} – {{death date and age|1852|11|27|1815|12|10|df=yes}})",
          "(December 10, 1815 – 27 November 1852 (aged 36))\n");
    check("{{As of|2010|5}}, {{circa|1500}}{{snd}}x{{'}}s", "As of May 2010, c. 1500 – x's\n");
    check("a {{quote|b|c}} d", "a\nb\nd\n");
    check("{{#if: x | yes | no}} {{#ifeq:a|b|1|2}} {{#switch:b|a=1|b|c=2|3}} {{lc:ABC}}",
          "yes 2 2 abc\n");
    check("{{PAGENAME}} {{Template:nowrap|x}} {{nowrap|1={{small|y}}}}", "Title x y\n");
    check("{{abbr|U.S.|United States}} {{chem|H|2|O}} {{ill|Name|de}} {{USS|Maine}}",
          "U.S. H2O Name USS Maine\n");
    check("-{zh-hant:繁;zh-hans:简}- -{A|x}- a-{b", "简 x a-{b\n");
    check("-{zh-hans;zh-hant|y}- -{H|zh-cn:a;zh-tw:b}-z", "y z\n");
    check("{{{1|default}}} {{{2}}}x", "default x\n");
    check("au {{XXe siècle}}, le {{s-|XIX}}", "au XXe siècle, le XIXe siècle\n");
    check("{{nihongo|Word|漢字|kanji}}", "Word (漢字, kanji)\n");
}

static void quantities_are_converted(void **state)
{
    (void)state;
    check("{{convert|100|km|mi|abbr=on}}, {{convert|26|mi}}, {{convert|8848|m|ft|0}}",
          "100 km (62 mi), 26 miles (42 km), 8,848 metres (29,029 ft)\n");
    check("{{convert|5|to|10|lb|kg}}, {{convert|3|x|4|m|ft}}, {{convert|-40|C|F}}",
          "5 to 10 pounds (2.3 to 4.5 kg), 3 by 4 metres (9.8 ft × 13.1 ft), −40 °C (−40 °F)\n");
    check("{{convert|1.8|m|ftin}}, {{convert|11|st|4|lb|kg}}, {{convert|50|mi|km|disp=out}}",
          "1.8 metres (5 ft 11 in), 11 stone 4 pounds (72 kg), 80 km\n");
    check("{{convert|10|acre|ha|order=flip}}, {{convert|7|ft|m|adj=mid|-tall}} door",
          "4.0 ha (10 acres), 7-foot-tall (2.1 m) door\n");
    check(
        "{{convert|3+1/2|in|cm}}, {{convert|1,500|sqmi|km2 acre}}, {{convert|many|km}}",
        "3 1/2 inches (8.9 cm), 1,500 square miles (3,900 km2; 960,000 acres), many kilometres\n");
    check("{{convert|60|mph|km/h|disp=or}}, {{convert|4.5|furbits|x}}",
          "60 miles per hour or 97 kilometres per hour, 4.5 furbits\n");
    check(
        "{{height|ft=5|in=9}} {{val|6.02|e=23|u=mol}} {{frac|2|1|3}} {{ordinal|12}} {{ordinal|23}}",
        "5 ft 9 in 6.02×10^23 mol 2 1/3 12th 23rd\n");
}

static void ages_are_those_of_the_revision(void **state)
{
    (void)state;
    check("{{birth date and age|1980|6|1}}; {{birth date and age|1980|5|31|df=y}}",
          "June 1, 1980 (age 35); 31 May 1980 (age 36)\n");
    check("{{birth year and age|1950}}, {{death year and age|2000|1940}}, {{age|2000|1|1}}",
          "1950 (age 65–66), 2000 (aged 59–60), 16\n");
    check(
        "{{start date and age|2006|5|1}} {{CURRENTYEAR}} {{CURRENTMONTHNAME}} {{decade link|1987}}",
        "May 1, 2006 (10 years ago) 2016 May 1980s\n");
}

static void parser_functions_are_evaluated(void **state)
{
    (void)state;
    check("{{#expr: 2 + 3 * 4 ^ 2}} {{#expr: (10 / 4) round 1}} {{#expr: 7 mod 4}} {{#expr:1e3}}",
          "50 2.5 3 1000\n");
    check("x{{#expr: 1 / 0}}{{#expr: 1 +}}{{#expr: two}}y {{#iferror:{{#expr:z}}|bad|good}}",
          "xy bad\n");
    check("{{#ifexpr: 3 > 2 and not 0 | yes | no}} {{#ifeq: 01 | 1.0 | same | other}}",
          "yes same\n");
    check("{{#time: j F Y | 2010-05-03}} {{#time: l | 3 May 2010}} {{#time:Y}}",
          "3 May 2010 Monday 2016\n");
    check("{{padleft:7|3|0}} {{padright:7|3}} {{ucfirst:éa}} {{uc:ж}} {{#titleparts:a/b/c|1|2}}",
          "007 700 Éa Ж b\n");
    check("{{#switch: {{lc:B}} | a = 1 | b | c = 2 | #default = 3}} {{#if: | x | y}}", "2 y\n");
    check("{{formatnum:-1234567.891}} {{formatnum:1,234|R}} {{plural:1|day|days}} "
          "{{plural:2|day|days}}",
          "-1,234,567.891 1234 day days\n");
}

static void words_of_other_wikis_are_rendered(void **state)
{
    (void)state;
    check_in("de", "{{enS|house}} {{formatnum:1234.5}} {{Datum|3|10|1990}}",
             "englisch house 1.234,5 3. Oktober 1990\n");
    check_in("fr", "{{unité|12|km}}, {{20e}}, {{date|3|10|1990}}, {{lang-en|house}}",
             "12 km, 20e, 3 octobre 1990, en anglais : house\n");
    check_in("ru", "{{lang-en|house}} {{нп5|Дом|Большой дом}}", "англ. house Большой дом\n");
    check_in("ja", "{{仮リンク|家|en|House}} {{birth date|1990|10|3}}", "家 1990年10月3日\n");
    check_in("ko", "{{birth date|1990|10|3}}", "1990년 10월 3일\n");
}

static void more_templates_are_rendered(void **state)
{
    (void)state;
    check("{{flag|FRA}} {{POL}} {{flagicon|Italy}} Rome, Italy {{flagicon|Peru}} Lima",
          "France Poland Rome, Italy Peru Lima\n");
    check("{{IPAc-en|'|h|aʊ|s}} {{IPA|/haʊs/}} {{respell|HOWSS|hold}}",
          "/ˈhaʊs/ /haʊs/ HOWSS-hold\n");
    check("漢字<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp></ruby>", "漢字東 (とう)\n");
    check("{{langx|ru|дом|dom|house}} {{lang-xx|y}}", "Russian: дом, dom, lit. 'house' y\n");
}

static void quotations_keep_their_words(void **state)
{
    (void)state;
    check_in("de", "Er schrieb: {{\"|Alles fließt.|Autor=H.}} Und: {{\"}}.",
             "Er schrieb: „Alles fließt.“ Und: \".\n");
    check_in("de", "a\n{{Zitat\n |Text=Cave canem.\n |Übersetzung=Hüte dich.}}\nb",
             "a\nCave canem. (Hüte dich.)\nb\n");
    check("{{columns-list|colwidth=9em|\n* one\n* two}} {{col-list|2|\n* three}}",
          "one\ntwo\nthree\n");
}

static void countries_are_named_in_the_language_of_the_wiki(void **state)
{
    (void)state;
    check("{{ESP}} {{DEU}} [[Rome]], {{flagicon|Namibia}}", "Spain Germany Rome, Namibia\n");
    check("10{{esp|6}}", "10×106\n");
    check_in("ko", "* {{ESP}} [[마드리드]]", "스페인 마드리드\n");
    check_in("ja", "* {{flagicon|USA}} パリ（アメリカ合衆国）\n* {{flagicon|Namibia}} 日本",
             "パリ（アメリカ合衆国）\nナミビア 日本\n");
    check_in("ru", "{{Франция}} [[Париж]], {{флаг|США}}", "Франция Париж, США\n");
    check_in("de", "{{FRA|Ziel=Paris}}, {{FRA|#}} Lyon, {{FRA}}", "Paris, Lyon, Frankreich\n");
    check_in("nl", "a {{ESP}} b", "a b\n"); /* no names for this language */
    check_in("ja", "a {{GDR}} b", "a b\n");
}

static void numbers_are_those_of_the_language(void **state)
{
    (void)state;
    check_in("fr", "{{unité|12000|km|2}}, {{nombre|1.5|kg}}, {{tmp|0.85|°C}}",
             "12 000 km2, 1,5 kg, 0,85 °C\n");
    check_in("fr", "{{euro|77.80}} le {{date|1 9 2019}}", "77,80 € le 1er septembre 2019\n");
    check("{{euro|77.80}} and {{£|5}}", "€77.80 and £5\n");
    check_in("fr", "{{s|XII}}, {{s-|I}}, {{sp|V|e|au|VI|e}}, {{-s-|III}}, {{s|faux}}",
             "XIIe siècle, Ier siècle, Ve au VIe siècles, IIIe siècle av. J.-C., faux\n");
    check_in("ja", "{{生年月日と年齢|1961|11|23}}, {{死亡年月日と没年齢|1935|9|14|2008|8|2}}",
             "1961年11月23日（54歳）, 2008年8月2日（72歳没）\n");
    check("{{convert|43.5|mpgimp|L/100 km mpgus|abbr=on}} {{convert|7|L/100km|abbr=on}}",
          "43.5 mpg‑imp (6.49 L/100 km; 36.2 mpg‑US) 7 L/100 km (40 mpg‑imp; 34 mpg‑US)\n");
    check("{{pop density|3645257|640081.87|km2|sqmi|prec=1}}, {{pop density|500|2|ha|acre}}",
          "5.7/km2 (15/sq mi), 250/ha (100/acre)\n");
    check("{{cvt|848|cc|L CID|1}}", "848 cc (0.8 L; 51.7 cu in)\n");
}

static void foreign_words_have_their_language(void **state)
{
    (void)state;
    check_in("ja", "（{{lang-en-short|formal language}}）{{en|Europe}}、{{enlink|Edict}}",
             "（英: formal language）Europe、（英: Edict）\n");
    check_in("ko", "베를린({{llang|de|Berlin}})", "베를린(독일어: Berlin)\n");
    check_in("ar", "برلين {{ألمانية|Berlin}}", "برلين (بالألمانية: Berlin)\n");
    check_in("fr", "{{souverain2|Joseph II (empereur)}}, {{Lien|trad=A|fr=B}} {{de}}",
             "Joseph II, B\n");
}

static void legends_are_text_in_lists_only(void **state)
{
    (void)state;
    check("* {{legend|#f00|Greens (27)}}\n{{legend|#0f0|on a map}}\na", "Greens (27)\na\n");
}

static void left_over_stops_go(void **state)
{
    (void)state;
    check("する。<ref>x</ref>。外", "する。外\n");
    check("diameter is:<ref/> <math>x</math>, where", "diameter is: where\n");
    check("''θ''<sub>''i''</sub> and '<b>'a", "θi and ''a\n");
}

static void options_choose_what_stays(void **state)
{
    static const char list[] = "* a\n** b\n# c\n# d\nx\n# e";
    static const char table[] = "{| class=x\n|+ Cap\n! Year !! Name\n|-\n| 1998 || align=x | A\n"
                                "|-\n| rowspan=2 | 1999\n| B [[c|C]]\n|-\n| D\n|}";

    (void)state;
    check_with((struct options){.headings = LINES_MARKED}, "== A ==\n=== B ===\nx",
               "## A\n### B\nx\n");
    check_with((struct options){.headings = LINES_DROPPED}, "a\n== A ==\nx", "a\nx\n");
    check_with((struct options){.lists = LINES_MARKED}, list, "- a\n  - b\n1. c\n2. d\nx\n1. e\n");
    check_with((struct options){.lists = LINES_DROPPED}, list, "x\n");
    check_with((struct options){.tables = true}, table,
               "Cap\nYear: 1998; Name: A\nYear: 1999; Name: B C\nYear: 1999; Name: D\n");
    check_with((struct options){.tables = true}, "{|\n! A !! B\n|-\n! x\n| y\n|}", "A: x; B: y\n");
    check_with((struct options){.math = MATH_TEX}, "a <math>x_{1}'' [[y]]</math> b",
               "a x_{1}'' [[y]] b\n");
    check_with((struct options){.math = MATH_PLACEHOLDER}, "a <math>x</math> b", "a [formula] b\n");
    check_with((struct options){.captions = true},
               "[[File:a.jpg|thumb|The [[lamp]] at night]]\nText.[[File:b.png|20px]]",
               "The lamp at night\nText.\n");
    check_with((struct options){.code = true},
               "a<syntaxhighlight lang=\"c\">\nif (x) {\n  y;\n}\n</syntaxhighlight>",
               "a\nif (x) {\ny;\n");
    check_with((struct options){.drop_ipa = true}, "Word ({{IPA|/w/}}) is", "Word is\n");
    check_with((struct options){.variant = "zh-tw"}, "-{zh-hans:a;zh-hant:b}- -{zh-hk:c;zh-cn:d}-",
               "b c\n");
    check_with((struct options){.variant = "sr-el"}, "-{sr-ec:ж;sr-el:ž}-", "ž\n");
}

static void sections_of_sources_go(void **state)
{
    static const char page[] = "a\n== See also ==\n* b\n=== c ===\nd\n== Life ==\ne\n"
                               "== Trivia ==\nf\n== References ==\ng\n{|\n|h\n|}";

    (void)state;
    check(page, "a\nLife\ne\nTrivia\nf\n");
    check_with((struct options){.sections = "trivia|x"}, page, "a\nLife\ne\n");
    check_with((struct options){.all_sections = true}, page,
               "a\nSee also\nb\nc\nd\nLife\ne\nTrivia\nf\nReferences\ng\n");
    check("a\n== ''Einzelnachweise'': ==\nb\n== 外部リンク ==\nc", "a\n");
}

static void pages_of_meanings_are_told(void **state)
{
    static const char *const texts[] = {"X may be: {{disambig}}", "X\n__DISAMBIG__",
                                        "{{Begriffsklärung}}", "{{曖昧さ回避}}", "plain {{dag}}"};
    const struct options options = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const struct site site = {0};
        struct markup m = {0};
        struct buf got = {0};
        struct context page = {
            .templates = templates, .site = &site, .options = &options, .title = ""};
        markup_clean(&got, &m, texts[i], strlen(texts[i]), &page);
        assert_int_equal(page.disambiguation, i < 4);
        markup_release(&m);
        buf_release(&got);
    }
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

/* The run of plain text at once gives what character by character gives. */
static void tidy_runs_are_as_its_twin(void **state)
{
    static const char *const pieces[] = {
        "a",  "Z9", " ", "  ",    ",",    ".",        "(", ")",  "\x0f", "é",
        "漢", "、", "-", "&amp;", "\n",   "\xc2\xa0", "'", "\"", "か",   "　",
        "（", "）", "?", ":",     "\x01", "\xff",     "_", "́",   "،",    "word "};
    unsigned seed = 3;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct buf text = {0}, fast = {0}, plain = {0};
        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245u + 12345u;
            buf_put_text(&text, pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]);
        }
        assert_int_equal(tidy_paragraph(&fast, text.data, text.len),
                         tidy_paragraph_ref(&plain, text.data, text.len));
        buf_put(&fast, "", 0);
        buf_put(&plain, "", 0);
        assert_string_equal(fast.data ? fast.data : "", plain.data ? plain.data : "");
        buf_release(&text);
        buf_release(&fast);
        buf_release(&plain);
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
        cmocka_unit_test(quantities_are_converted),
        cmocka_unit_test(ages_are_those_of_the_revision),
        cmocka_unit_test(parser_functions_are_evaluated),
        cmocka_unit_test(words_of_other_wikis_are_rendered),
        cmocka_unit_test(more_templates_are_rendered),
        cmocka_unit_test(quotations_keep_their_words),
        cmocka_unit_test(countries_are_named_in_the_language_of_the_wiki),
        cmocka_unit_test(numbers_are_those_of_the_language),
        cmocka_unit_test(foreign_words_have_their_language),
        cmocka_unit_test(legends_are_text_in_lists_only),
        cmocka_unit_test(left_over_stops_go),
        cmocka_unit_test(options_choose_what_stays),
        cmocka_unit_test(sections_of_sources_go),
        cmocka_unit_test(pages_of_meanings_are_told),
        cmocka_unit_test(behaviour_switches_go),
        cmocka_unit_test(unknown_templates_are_named),
        cmocka_unit_test(broken_markup_loses_little),
        cmocka_unit_test(tidy_runs_are_as_its_twin),
        cmocka_unit_test(hostile_repetition_is_linear),
        cmocka_unit_test(random_markup_leaves_no_marks),
    };

    return cmocka_run_group_tests(tests, open_templates, close_templates);
}
