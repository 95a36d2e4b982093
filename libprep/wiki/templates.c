/* templates.c -- {{...}} -> its words.
 *
 * A row gives the names of a family and either a pattern or a function. Names are folded (lower
 * case, blanks for '_'), with '|' between aliases; one that ends in '*' stands for all that start so.
 *
 * Patterns:
 *   $1 .. $9     a positional argument        ${text|1}   the first of these that is not empty
 *   [...]        left out when an argument in it is empty; may not nest
 *   $$ $( $)     '$' and the signs "[" and "]"
 *   \n           a paragraph border */
#include "wiki/templates.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wiki/template_dates.h"
#include "wiki/template_functions.h"
#include "wiki/template_units.h"
#include "wiki/template_words.h"

enum { NAME_MAX_LEN = 120 };

struct row {
    const char *names;
    const char *pattern; /* or the parameter of `render` */
    bool (*render)(struct buf *to, const struct template_call *call, const char *parameter);
};

/* Parser functions: {{name:first|second}}. They get what follows the ':' as their first argument. */
static const struct row functions[] = {
    {"#if", NULL, template_if},
    {"#ifeq", NULL, template_ifeq},
    {"#switch", NULL, template_switch},
    {"#iferror", "$2", NULL},
    {"#tag", "", NULL},
    {"#invoke|#section|#lst|#lsth|#statements|#property|#coordinates|#related", "", NULL},
    {"lc", "lower", template_case},
    {"uc", "upper", template_case},
    {"lcfirst", "lower first", template_case},
    {"ucfirst", "upper first", template_case},
    {"formatnum|#formatnum", NULL, template_formatnum},
    {"plural", NULL, template_plural},
    {"defaultsort|displaytitle|sortierung|デフォルトソート|сортировка|tri|clasificar|ordina", "",
     NULL},
    {"int|ns|fullurl|localurl|canonicalurl|urlencode|anchorencode|filepath", "", NULL},
};

static const struct row rows[] = {
    /* Signs that cannot be written plainly inside templates and tables. */
    {"!|pipe", "|", NULL},
    {"=", "=", NULL},
    {"'", "'", NULL},
    {"'s", "'s", NULL},
    {"\"|\"'|'\"|\" '|' \"", "\"", NULL},
    {"(", "{", NULL},
    {")", "}", NULL},
    {"nbsp|nbs|thin space|thinsp|hair "
     "space|hsp|space|spaces|spc|pad|gap|zwsp|leerzeichen|int:thinsp",
     " ", NULL},
    {"ndash|en dash|endash|–|en-dash", "–", NULL},
    {"mdash|em dash|emdash|—|em-dash", "—", NULL},
    {"snd|spnd|sndash|spndash|spaced ndash|spaced en dash|spaced en dash space|dash|bis|-- ", " – ",
     NULL},
    {"spaced mdash|spaced em dash|snds", " — ", NULL},
    {"·|dot|middot|bullet|bull|•|bold middot|∙|w·", " · ", NULL},
    {"*", " • ", NULL},
    {"minus|−", "−", NULL},
    {"times|x", "×", NULL},
    {"...|ellipsis|dots", "...", NULL},
    {"\\\\|slash|/", " / ", NULL},
    {"colon|:", ":", NULL},
    {",|virgule", ", ", NULL},
    {"-|clear|clr|br|break|crlf|left|right|-clear|absatz|clearleft|clearright|dpl|--", "", NULL},

    /* Words shown as they are. */
    {"nowrap|nobr|nobreak|nowr|nowraplinks|nobreakspace|j|avoid wrap|mbox|s-nobr", "${1|text}",
     NULL},
    {"small|smaller|petit|klein|big|bigger|large|larger|resize|fs|font "
     "size|font|normal|nobold|noitalic|"
     "nonitalic|bold|boldital|strong|em|emph|italics|italic|ital|u|underline|ul|uline|strike|s|del|"
     "ins|"
     "sup|sub|smallcaps|small "
     "caps|sc|scp|sc2|smcaps|allcaps|caps|rm|serif|sans-serif|mono|monospaced|"
     "code|tt|kbd|samp|var|mvar|math|bigmath|gaps|nowiki|pre2|kursiv|sperrschrift|"
     "nastaliq|naskh|script|script/arabic|script/hebrew|hebrew|arabic|unicode|polytonic|"
     "strikethrough|highlight|fett|mark|phi|pslink|vanchor|visible anchor|"
     "title|em-text|plain text|nobel|exponent|keep|sronly|no italic|no bold|noprint|screen "
     "reader-only|"
     "not a typo|proper name|typo|as written|notatypo|chem name|chemname|biochem name|species",
     "${1|text}", NULL},
    {"color|colour|font color|fontcolor|colored text|fgcolor|textcolor|background color|bg|farbe|"
     "couleur|coloredtext",
     "${3|2|text}", NULL},
    {"resize2|font-size|style|stil|spanstyle", "${2|1}", NULL},
    {"abbr|abbrlink|tooltip|abbreviation|hover title|hovertext|acronym|abréviation|абр", "$1",
     NULL},
    {"sic|sic!|typo in source", "${1}[ ${2}]", NULL},
    {"lang|langue|lang2|язык|idioma|lingua|taal|język|språk", "${2|text}", NULL},
    {"langx", "langx", template_language},
    {"transl|transliteration|tlit|translit|transliteration2", "${3|2|1}", NULL},
    {"rtl-lang|lang-rtl|rtl-para|lang rtl|ltr|rtl|rtlspan|bdi|dir", "${2|1}", NULL},
    {"linktext|nolink|delink|no link", "", template_list},
    {"url|official url", "${2|1}", NULL},
    {"w|lw|pw|wl|lws", "${2|1}", NULL},
    {"ill|interlanguage link|iill|link-interwiki|ill2|仮リンク|illm|liens|lien",
     "${lt|label|display|trad-text|1}", NULL},
    {"link-de|link-en|link-fr|link-ja|link-ru|link-es|tsl|internal link helper/en|link-it|link-ko",
     "${2|1}", NULL},
    {"нп5|нп|нп3|не переведено|не переведено 5|iw|не переведено 2|нп2|нп4|iw2", "${2|1}", NULL},
    {"enlink|delink2|frlink", "$1", NULL},
    {"llang|언어링크|lenguaje|idiomas", "${2|1}", NULL},
    {"ruby|ruby-ja|ruby-zh-p|ruby-zh-b|rubi|ふりがな", "$1[ ($2)]", NULL},
    {"nihongo|nihongo2b|日本語", NULL, template_nihongo},
    {"nihongo2|nihongo core|jp", "$1", NULL},
    {"nihongo3", NULL, template_nihongo},
    {"nihongo4|nihongo foot|nihongo krt", "$1", NULL},
    {"korean|ko-hhrm|infobox korean", "${hangul|1}", NULL},
    {"zh|lang-zh|chinese|zh-cn|zh-tw|zhongwen|zh-full", NULL, template_chinese},
    {"not translated|nt", "$1", NULL},
    {"native name|native phrase", "$2", NULL},
    {"angbr|angle bracket|anglebracket", "⟨$1⟩", NULL},
    {"bracket|brackets|sqbrace|interp|bracketed", "$($1$)", NULL},
    {"keypress|key press|key|taste|touche", "$1[+$2][+$3]", NULL},
    {"button|keyboard|menu|mset", "$1[ > $2][ > $3]", NULL},
    {"chem|chem2|ce|chemical formula|formula", "", template_list},
    {"simplenuclide|simplenuclide2|nuclide|nuclide2", "$1[-$2]", NULL},
    {"smn", "$1", NULL},
    {"longitem|center|centre|cmain|cguest|crecurring", "$1", NULL},
    {"extinct|dagger|†", "†", NULL},
    {"if empty|firstof|first non-empty|coalesce", "${1|2|3|4}", NULL},
    {"music", "${2|1}", NULL},
    {"usd", "US$$$1", NULL},

    /* Numbers, units, money. */
    {"convert|cvt|conv|convertir|converter", NULL, template_convert},
    {"val|value", NULL, template_val},
    {"unité|unite|unité/2|nb|nombre|nombre unité|heure unité|einheit|число", NULL, template_unit},
    {"num|fmtn|fn|nts|number|numero|número|fldez|numfmt|nombre2", NULL, template_formatnum},
    {"frac|fraction|bruch|fracção|frc", NULL, template_fraction},
    {"sfrac|sfraction|fract|stack frac", NULL, template_fraction},
    {"ordinal|ord", NULL, template_ordinal},
    {"us$|u.s. dollar|usdollar", "US$$$1", NULL},
    {"$", "$$$1", NULL},
    {"a$|aud", "A$$$1", NULL},
    {"c$|ca$|cad", "C$$$1", NULL},
    {"nz$|nzd", "NZ$$$1", NULL},
    {"hk$|hkd", "HK$$$1", NULL},
    {"£|gbp|pound sterling", "£$1", NULL},
    {"€|euro|eur", "€$1", NULL},
    {"¥|jpy|yen", "¥$1", NULL},
    {"cn¥|rmb|cny", "CN¥$1", NULL},
    {"₹|inr|indian rupee|inrconvert|rs", "₹$1", NULL},
    {"won|krw|₩", "₩$1", NULL},
    {"pkr", "PKR $1", NULL},
    {"sek", "$1 kr", NULL},
    {"currency", "${2|}[ $1]", NULL},
    {"height|höhe", NULL, template_height},
    {"percentage|percent|pct", "", NULL},
    {"track gauge|railgauge|rail gauge|spurweite", NULL, template_gauge},
    {"e|esp|10^|exp", "×10$1", NULL},
    {"su|sup sub|comma separated", "$1", NULL},
    {"radic|sqrt|√", "√$1", NULL},
    {"pi|π", "π", NULL},

    /* Dates and times. */
    {"birth date|birth date and age|bda|dob|birth-date|birth-date and age|birth date2|date of "
     "birth|born|dateofbirth|"
     "bd",
     NULL, template_date},
    {"death date|death date and age|dda|death-date|death-date and age|date of death|disappeared "
     "date and age",
     NULL, template_date},
    {"start date|start date and age|start-date|end date|end-date|end date and age|start and end "
     "dates|"
     "film date|release date|launch date|opening date|date de naissance|date de "
     "décès|date-|date|datum|fecha|data|"
     "date2|dts|d-m-y|formatdate|date table sorting|formation date|established date|date naissance|"
     "naissance|décès|дата",
     NULL, template_date},
    {"birth year and age|birth year|death year and age|death year|byaa", "$1", NULL},
    {"as of|asof|as at|stand", NULL, template_as_of},
    {"circa|c.|ca.|c|ca|около|vers|approx|approximately", "c. $1[ – $2]", NULL},
    {"floruit|fl.|fl", "fl. $1[ – $2]", NULL},
    {"reign|r.|ruled", "r. $1[ – $2]", NULL},
    {"b.|geb", "b. $1", NULL},
    {"d.|died-in|gest", "d. $1", NULL},
    {"marriage|married", "$1[ (m. $2)]", NULL},
    {"age|age in years|age in days|age nts|alter|âge|возраст|idade|edad|age in years and days|time "
     "ago|"
     "years or months "
     "ago|inflation|inflation-fn|inflation/year|inflation-year|currentyear|currentday|"
     "currentmonthname|currentmonth|localyear|numberofarticles|uss year|time since|updated",
     "", NULL},
    {"heure", "$1 h[ $2]", NULL},
    {"s-|s|s mini-|siècle|siecle", "$1e siècle", NULL},
    {"*e siècle|1er *|*e millénaire", NULL, template_own_name},
    {"s2-|sp-", "$1e siècle[ $3e siècle]", NULL},
    {"ier|1er", "Ier", NULL},
    {"séc|século|seculo", "século $1", NULL},
    {"p.|pp.|page|vol.", "", NULL},
    {"decade link|decades", "$1s", NULL},

    /* Quotations are paragraphs. */
    {"quote|blockquote|quotation|bquote|cquote|centered quote|zitat|citation bloc|quote1|bq|цитата|"
     "citazione|cita|citação|cit|quote without source",
     "\n\n${text|quote|content|1}\n\n", NULL},
    {"citation|citation étrangère|\"-fr|zitat-en|\"-de", "« $1 »", NULL},
    {"poemquote|poem quote|verse translation|poem|gedicht", NULL, template_poem},
    {"incise|tiret", "– $1 –", NULL},
    {"refrain|stanza", "$1", NULL},

    /* Lists in running text. */
    {"hlist|horizontal list|hlist-comma", ", ", template_list},
    {"flatlist|plainlist|plain list|startflatlist|columns-list|colbox|multicol|"
     "col list|listas",
     "\n\n$1\n\n", NULL},
    {"unbulleted list|ubl|ublist|ubt|bulleted list|blist|bullet list|ordered list|numbered "
     "list|cslist|"
     "comma separated entries|unbulleted|vunblist|olist",
     "\n", template_list},
    {"enum|comma list", ", ", template_list},
    {"glossary term|term|gt", "\n\n$1\n\n", NULL},
    {"glossary definition|defn|gd|ghat", "\n\n${defn|1}\n\n", NULL},

    /* Countries, ships, people. */
    {"flag|flagu|flagcountry|flagcountry2|flag+link|flaglist|flagg|флагификация|bandeira|"
     "флаг страны|국기나라|land|país|país|country|pays|flag|флаг2",
     "${name|1}", NULL},
    {"flagicon|flag icon|flagdeco|drapeau|флаг|bayraksimge|icon flag|флаг *|flag "
     "decoration|flaggicon|flagicon image|nom|won-icon",
     "", NULL},
    {"uss|hms|ss|rms|mv|ms|hmcs|hmas|hmnzs|ins|uscgc|usns|sms|ms|usav|usat|mts|rfa|iss|hnlms|hdms|"
     "hswms|jds",
     NULL, template_ship},
    {"ship", "$1[ $2][ ($3)]", NULL},
    {"sclass|sclass2|sclass-", "$1-class $2", NULL},
    {"sortname|sort name|person|имя", "$1 $2", NULL},
    {"sort|hs|sorttext|ssort|ntsort", "${2|1}", NULL},

    /* Arabic, Russian, German words for "in the language". */
    {"ألمانية|لغة-أل", "بالألمانية: $1", NULL},
    {"إنجليزية|لغة-إن|إنج", "بالإنجليزية: $1", NULL},
    {"فرنسية|لغة-فر|فرن", "بالفرنسية: $1", NULL},
    {"لغات-متعددة", "$1", NULL},
    {"lang-de-short", "$1", NULL},
    {"lang-*", NULL, template_language},
    {"pagename|fullpagename|basepagename|subpagename|seitenname", NULL, template_pagename},

    /* Known to carry no text of the article: sources, notes, boxes, links to elsewhere. */
    {"cite *|citar *|cita *|citation/*|vcite *|sfn*|harv*|refn*|efn*|ref-*|ref *|lien "
     "*|literatur*|article *|"
     "infobox*|info/*|info *|taxobox*|navbox*|portal*|wiki*|wikt*|commons*|category*|use "
     "*|main*|see "
     "also*|further*|"
     "about*|other uses*|other *|redirect*|distinguish*|hatnote*|for|for2|coord*|coor "
     "*|ipa*|ipac*|respell|lsj*|"
     "reflist*|references*|refbegin*|refend*|notelist*|note*|rp|r|authority control*|pp-*|pp|good "
     "article|"
     "featured article|short description|citation needed|cn|fact|dead "
     "link|webarchive|clarify|who|when|which|"
     "where|by whom|according to whom|page needed|failed verification|verify "
     "*|dubious*|weasel*|update*|"
     "expand*|unreferenced*|refimprove*|more citations*|cleanup*|multiple issues|original "
     "research*|"
     "stub|*-stub|div col*|col-*|col "
     "*|colbegin|colend|end|start|toc*|s-*|succession*|sister*|anchor*|anker|isbn|issn|oclc|"
     "doi|pmid|arxiv|isbnt|in lang|en icon|de icon|fr icon|ja icon|icon|* icon|google "
     "books|gutenberg*|"
     "official website|official|imdb*|find a grave|internet "
     "archive*|librivox*|dmoz|curlie|youtube|twitter|"
     "facebook|allmusic|discogs*|musicbrainz*|normdaten|siehe "
     "auch|hauptartikel|internetquelle|dnb|absatz|"
     "lesenswert|exzellent|schwesterprojekte|weiterleitungshinweis|begriffsklärung*|metadaten "
     "*|population *|positionskarte*|"
     "article détaillé|ouvrage|lien web|références|portail|autres "
     "projets|palette|autorité|voir|homonymie|"
     "référence *|source insuffisante|web kaynağı|ana madde|kaynakça|otorite kontrolü|webarşiv|"
     "книга|статья|см. также|примечания|нет аи|web|"
     "脚注ヘルプ|脚注|要出典|リンク切れ|웹 인용|각주|전거 통제|범례|"
     "مفصلة|وضح|مراجع|ضبط استنادي|شريط بوابات|روابط شقيقة|استشهاد*|وصلة مكسورة|"
     "noteta|otheruses|reflist|r from *|r to *|r with *|disambig*|dab|hndis|geodis|set index*|"
     "multiple image|double image|triple image|wide image|panorama|gallery|image label*|css image "
     "crop|"
     "legend|legend*|color box|colorbox|bartable|bar percent|bar "
     "box|chart|chart/*|graph*|clade*|familytree*|"
     "tree chart*|track listing|tracklist|episode list*|election*|football box*|footballbox*|fs "
     "*|weather box|"
     "climate chart|historical populations|us census population|geographic location|"
     "increase|decrease|steady|profit|loss|augmentation|augmentation négative|"
     "default sort|italic title|lowercase title|lowercase|displaytitle|engvarb|bots|nobots|"
     "listen|audio|pronunciation|pron|sound|문단|소리|"
     "webarchiv|wayback|cbignore|bare url*|full citation needed|better source*|self-published*|"
     "sidebar*|campaignbox*|series *|history of *|subst:*|shortcut|policy|guideline|library "
     "resources*|"
     "spoken wikipedia|maplink|mapframe|location map*|location mark*|osm*|photomontage|hidden "
     "begin|hidden end|"
     "end box|start box|box-header|columns|break column|medals*|medaltemplates*|medal*|"
     "baseball * style|nfl *|nba *|nhl *|yes|no|n/a|na|dunno|tba|won|nominated|lost|pending|"
     "translated page|attribution|catholic|1911*|eb1911*|source-attribution|dictionary of "
     "*|include-*",
     "", NULL},
};

struct name {
    const char *text; /* in a row's list of names */
    uint32_t len;
    const struct row *row;
};

struct templates {
    struct name *names; /* (n_names) sorted, whole names */
    size_t n_names;
    struct name *patterns; /* (n_patterns) names with a '*', in the order of the table */
    size_t n_patterns;
    struct name *functions; /* (n_functions) sorted */
    size_t n_functions;
};

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    const int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void add_name(struct name **list, size_t *n, const char *text, size_t len,
                     const struct row *row)
{
    *list = mem_resize(*list, *n + 1, sizeof **list);
    (*list)[(*n)++] = (struct name){.text = text, .len = (uint32_t)len, .row = row};
}

/* Sorts, and of equal names keeps the one that stands first in the table. */
static void sort_names(struct name *list, size_t *n)
{
    size_t kept = 0;

    /* Insertion keeps the order of equal names; a few hundred names, once a thread. */
    for (size_t i = 1; i < *n; i++) {
        const struct name moved = list[i];
        size_t j = i;
        for (; j > 0 && compare_names(&list[j - 1], &moved) > 0; j--)
            list[j] = list[j - 1];
        list[j] = moved;
    }
    for (size_t i = 0; i < *n; i++) {
        if (!kept || compare_names(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    }
    *n = kept;
}

static void index_row(struct templates *t, const struct row *row, bool function)
{
    for (const char *p = row->names; *p;) {
        const char *bar = strchr(p, '|');
        const size_t len = bar ? (size_t)(bar - p) : strlen(p);
        if (function)
            add_name(&t->functions, &t->n_functions, p, len, row);
        else if (len > 1 && memchr(p, '*', len))
            add_name(&t->patterns, &t->n_patterns, p, len, row);
        else
            add_name(&t->names, &t->n_names, p, len, row);
        p += bar ? len + 1 : len;
    }
}

struct templates *templates_open(void)
{
    struct templates *t = mem_alloc(sizeof *t);

    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        index_row(t, &functions[i], true);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        index_row(t, &rows[i], false);
    sort_names(t->names, &t->n_names);
    sort_names(t->functions, &t->n_functions);
    return t;
}

void templates_close(struct templates *t)
{
    if (!t)
        return;
    free(t->names);
    free(t->patterns);
    free(t->functions);
    free(t);
}

static const struct row *find_name(const struct name *list, size_t n, const char *text, size_t len)
{
    const struct name key = {.text = text, .len = (uint32_t)len};
    const struct name *found = n ? bsearch(&key, list, n, sizeof *list, compare_names) : NULL;

    return found ? found->row : NULL;
}

/* Whether a name fits "prefix*", "*suffix" or "prefix*suffix". */
static bool fits(const struct name *pattern, const char *text, size_t len)
{
    const char *star = memchr(pattern->text, '*', pattern->len);
    const size_t before = (size_t)(star - pattern->text);
    const size_t after = pattern->len - before - 1;

    return len >= before + after && memcmp(text, pattern->text, before) == 0 &&
           memcmp(text + len - after, star + 1, after) == 0;
}

static const struct row *find_row(const struct templates *t, const char *text, size_t len)
{
    const struct row *row = find_name(t->names, t->n_names, text, len);

    for (size_t i = 0; !row && i < t->n_patterns; i++) {
        if (fits(&t->patterns[i], text, len))
            row = t->patterns[i].row;
    }
    return row;
}

const char *template_positional(size_t *len, const struct template_call *call, size_t k)
{
    size_t seen = 0;
    char name[24];
    size_t n_name = 0;

    for (size_t v = k; v; v /= 10)
        n_name++;
    for (size_t v = k, i = n_name; i; v /= 10)
        name[--i] = (char)('0' + v % 10);
    *len = 0;
    for (size_t i = 0; i < call->n_args; i++) {
        const struct template_arg *a = &call->args[i];
        if (a->name ? a->name_len == n_name && memcmp(a->name, name, n_name) == 0 : ++seen == k) {
            *len = a->len;
            return a->value;
        }
    }
    return "";
}

const char *template_value(size_t *len, const struct template_call *call, const char *name)
{
    const size_t n_name = strlen(name);

    if (name[0] >= '1' && name[0] <= '9')
        return template_positional(len, call, (size_t)atoi(name));
    *len = 0;
    for (size_t i = 0; i < call->n_args; i++) {
        const struct template_arg *a = &call->args[i];
        if (a->name && a->name_len == n_name && memcmp(a->name, name, n_name) == 0) {
            *len = a->len;
            return a->value;
        }
    }
    return "";
}

/* Puts the value that "$1" or "${a|b}" at pattern stands for; returns the byte after it. */
static const char *put_variable(struct buf *to, bool *empty, const char *pattern,
                                const struct template_call *call)
{
    char name[32];
    const char *value = "";
    size_t len = 0;

    pattern++;
    if (*pattern != '{') {
        name[0] = *pattern;
        name[1] = 0;
        value = template_value(&len, call, name);
        pattern++;
    } else {
        for (pattern++; *pattern != '}'; pattern += *pattern == '|') {
            size_t n = 0;
            for (; *pattern != '|' && *pattern != '}' && n + 1 < sizeof name; pattern++)
                name[n++] = *pattern;
            name[n] = 0;
            if (!len && n)
                value = template_value(&len, call, name);
        }
        pattern++;
    }
    buf_put(to, value, len);
    *empty = *empty || len == 0;
    return pattern;
}

static void put_pattern(struct buf *to, const char *pattern, const struct template_call *call)
{
    size_t group = 0; /* where the output of an optional group starts */
    bool empty = false;

    while (*pattern) {
        if (*pattern == '[') {
            group = to->len;
            empty = false;
            pattern++;
        } else if (*pattern == ']') {
            if (empty)
                to->len = group;
            pattern++;
        } else if (*pattern == '$' && strchr("$()", pattern[1])) {
            buf_put_byte(to, pattern[1] == '(' ? '[' : pattern[1] == ')' ? ']' : '$');
            pattern += 2;
        } else if (*pattern == '$') {
            pattern = put_variable(to, &empty, pattern, call);
        } else {
            buf_put_byte(to, *pattern++);
        }
    }
}

static enum template_result render_row(struct buf *to, const struct row *row,
                                       const struct template_call *call)
{
    if (row->render)
        return row->render(to, call, row->pattern) ? TEMPLATE_RENDERED : TEMPLATE_DROPPED;
    if (!row->pattern[0])
        return TEMPLATE_DROPPED;
    put_pattern(to, row->pattern, call);
    return TEMPLATE_RENDERED;
}

/* {{name:first|...}}: NULL when name is no parser function, else its row; the call then has `first`
 * as its first argument. */
static const struct row *find_function(const struct templates *t, struct template_call *call,
                                       char *folded)
{
    const char *colon = memchr(call->name, ':', call->name_len);
    const struct row *row;
    struct template_arg *first;
    size_t len;

    if (!colon || (size_t)(colon - call->name) > NAME_MAX_LEN / 2)
        return NULL;
    len = site_fold(folded, NAME_MAX_LEN, call->name, (size_t)(colon - call->name));
    row = find_name(t->functions, t->n_functions, folded, len);
    if (!row)
        return NULL;
    first = --call->args;
    call->n_args++;
    *first = (struct template_arg){.value = colon + 1,
                                   .len = call->name_len - (size_t)(colon + 1 - call->name)};
    while (first->len && (first->value[0] == ' ' || first->value[0] == '\n')) {
        first->value++;
        first->len--;
    }
    return row;
}

enum template_result templates_render(struct buf *to, const struct templates *t,
                                      struct template_call *call)
{
    char folded[NAME_MAX_LEN + 4];
    const struct row *row = find_function(t, call, folded);
    size_t len, prefix;

    if (row)
        return render_row(to, row, call);
    if (site_namespace_of(call->site, call->name, call->name_len, &prefix) == SITE_TEMPLATE) {
        call->name += prefix;
        call->name_len -= prefix;
    }
    if (call->name_len > NAME_MAX_LEN)
        return TEMPLATE_UNKNOWN;
    len = site_fold(folded, NAME_MAX_LEN, call->name, call->name_len);
    row = len ? find_row(t, folded, len) : NULL;
    if (!row)
        return len ? TEMPLATE_UNKNOWN : TEMPLATE_DROPPED;
    call->written = call->name;
    call->written_len = call->name_len;
    call->name = folded;
    call->name_len = len;
    return render_row(to, row, call);
}
