/* template_table.c -- the templates and parser functions that are known. */
#include "wiki/template_table.h"

#include "wiki/template_clock.h"
#include "wiki/template_convert.h"
#include "wiki/template_dates.h"
#include "wiki/template_functions.h"
#include "wiki/template_places.h"
#include "wiki/template_units.h"
#include "wiki/template_words.h"

/* Names in two dozen scripts: no tool breaks such lines well. */
/* clang-format off */
const struct template_row template_functions[] = {
    {"#if", NULL, template_if},
    {"#ifeq", NULL, template_ifeq},
    {"#ifexpr", NULL, template_ifexpr},
    {"#iferror", NULL, template_iferror},
    {"#ifexist", "$2", NULL}, /* links in articles mostly lead somewhere */
    {"#switch", NULL, template_switch},
    {"#expr", NULL, template_expr},
    {"#time|#timel", NULL, template_time},
    {"#dateformat|#formatdate", NULL, template_any_date},
    {"#tag", NULL, template_tag},
    {"#titleparts", NULL, template_titleparts},
    {"#language", NULL, template_language_name},
    {"#invoke|#section|#lst|#lsth|#section-h|#statements|#property|#coordinates|#related|#babel",
     "", NULL},
    {"lc", "lower", template_case},
    {"uc", "upper", template_case},
    {"lcfirst", "lower first", template_case},
    {"ucfirst", "upper first", template_case},
    {"formatnum|#formatnum", "function", template_formatnum},
    {"padleft", "l", template_pad},
    {"padright", "r", template_pad},
    {"plural", NULL, template_plural},
    {"gender|grammar", "$2", NULL},
    {"defaultsort|displaytitle|sortierung|デフォルトソート|сортировка|tri|clasificar|ordina|"
     "defaultsortkey|sıralaanahtarı|기본정렬|ترتيب_افتراضي|ترتيب افتراضي",
     "", NULL},
    {"int|ns|nse|fullurl|fullurle|localurl|localurle|canonicalurl|urlencode|anchorencode|filepath|"
     "protectionlevel|pagesize|pagesincategory|numberingroup|noexternallanglinks",
     "", NULL},
    {0},
};

const struct template_row template_rows[] = {
    /* Meanings: what the page is, not what it says. */
    {"disambiguation|disambig|disamb|dab|disambig-cleanup|disambiguation "
     "cleanup|hndis|geodis|human name disambiguation|numberdis|letter-number combination "
     "disambiguation|roaddis|schooldis|hospitaldis|mathdab|mathematical disambiguation|airport "
     "disambiguation|biology disambiguation|species latin name disambiguation|call sign "
     "disambiguation|station disambiguation|place name "
     "disambiguation|begriffsklärung|bkl|homonymie|homonymie de "
     "personnes|paronymie|desambiguación|desambiguação|desambiguação-|disambigua|doorverwijspagina|"
     "dp|disambigs|ujednoznacznienie|rozcestník|förgrening|flertydig|täsmennyssivu|egyértelmű|"
     "egyért|anlam "
     "ayrımı|anlamayrımı|неоднозначность|многозначность|неоднозначність|багатозначність|aimai|"
     "曖昧さ回避|人名の曖昧さ回避|地名の曖昧さ回避|동음이의|동음이의어 "
     "문서|동명이인|消歧义|消歧義|消歧义页|人名消歧義|توضيح|صفحة "
     "توضيح|ابهام‌زدایی|פירושונים|बहुविकल्पी "
     "शब्द|định "
     "hướng|trang "
     "định "
     "hướng|disambiguasi|begriffsklaerung",
     NULL, template_disambiguation},

    /* Signs that cannot be written plainly inside templates and tables. */
    {"!|pipe", "|", NULL},
    {"=", "=", NULL},
    {"'", "'", NULL},
    {"'s", "'s", NULL},
    {"\"", NULL, template_quoted},
    {"\"'|'\"|\" '|' \"", "\"", NULL},
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
    {"small|smaller|midsize|inline-block|petit|klein|big|bigger|large|larger|resize|fs|font "
     "size|font|normal|nobold|noitalic|nonitalic|bold|boldital|strong|em|emph|italics|italic|ital|"
     "u|underline|uline|strike|del|ins|sup|sub|smallcaps|small "
     "caps|sc|scp|sc2|smcaps|allcaps|caps|rm|serif|sans-serif|mono|monospaced|code|tt|kbd|samp|var|"
     "mvar|math|bigmath|gaps|nowiki|pre2|kursiv|sperrschrift|nastaliq|naskh|hebrew|arabic|unicode|polytonic|strikethrough|highlight|fett|mark|phi|pslink|vanchor|"
     "visible anchor|title|em-text|plain text|nobel|exponent|keep|sronly|no italic|no "
     "bold|noprint|screen reader-only|not a typo|proper name|typo|as written|notatypo|chem "
     "name|chemname|biochem name|species",
     "${1|text}", NULL},
    {"color|colour|font color|fontcolor|colored text|fgcolor|textcolor|background "
     "color|bg|farbe|couleur|coloredtext",
     "${3|2|text}", NULL},
    {"resize2|font-size|style|stil|spanstyle", "${2|1}", NULL},
    {"abbr|abbrlink|tooltip|abbreviation|hover title|hovertext|acronym|abréviation|абр", "$1",
     NULL},
    {"sic|sic!|typo in source", "${1}[ ${2}]", NULL},
    {"lang|langue|lang2|язык|idioma|lingua|taal|język|språk", "${2|text|texte}", NULL},
    {"langx", "langx", template_language},
    {"transl|transliteration|tlit|translit|transliteration2", "${3|2|1}", NULL},
    {"rtl-lang|lang-rtl|rtl-para|lang rtl|ltr|rtl|rtlspan|bdi|dir", "${2|1}", NULL},
    {"linktext|nolink|delink|no link", "", template_list},
    {"url|official url", "${2|1}", NULL},
    {"w|lw|pw|wl|lws", "${2|1}", NULL},
    {"ill|interlanguage link|iill|link-interwiki|ill2|仮リンク|illm|liens|lien",
     "${lt|label|display|trad-text|texte|text|1|fr|trad}", NULL},
    {"link-de|link-en|link-fr|link-ja|link-ru|link-es|link-it|link-ko|link-pt|link-nl", "$1", NULL},
    {"internal link helper/en", "${2|1}", NULL},
    {"нп5|нп|нп3|не переведено|не переведено 5|iw|не переведено 2|нп2|нп4|iw2", "${2|1}", NULL},
    {"enlink", "（英: $1）", NULL},
    {"frlink", "（仏: $1）", NULL},
    {"delink2", "$1", NULL},
    {"llang", "langx", template_language},
    {"언어링크|lenguaje|idiomas", "", NULL},
    {"ruby|ruby-ja|ruby-zh-p|ruby-zh-b|rubi|ふりがな", "$1[ ($2)]", NULL},
    {"nihongo|nihongo2b|日本語", NULL, template_nihongo},
    {"nihongo2|nihongo core|jp", "$1", NULL},
    {"nihongo3", NULL, template_nihongo},
    {"nihongo4|nihongo foot|nihongo krt", "$1", NULL},
    {"korean|ko-hhrm|infobox korean", "${hangul|1}", NULL},
    {"zh|lang-zh|chinese|zh-cn|zh-tw|zhongwen|zh-full", NULL, template_chinese},
    {"not translated|nt|nq", "$1", NULL},
    {"née|nee", "née $1", NULL},
    {"né|ne", "né $1", NULL},
    {"bibleref|bibleverse|bibleref2|bibleverse-nb|bible verse", "$1 $2", NULL},
    {"us patent", "U.S. Patent $1", NULL},
    {"ipaslink", "/$1/", NULL},
    {"native name|native phrase", "$2", NULL},
    {"angbr|angle bracket|anglebracket|vr", "⟨$1⟩", NULL},
    {"bracket|brackets|sqbrace|interp|bracketed", "$($1$)", NULL},
    {"keypress|key press|key|taste|touche", "$1[+$2][+$3]", NULL},
    {"button|keyboard|menu|mset", "$1[ > $2][ > $3]", NULL},
    {"ipa|ipa-all|ipa all|ipalink|ipablink|ipa2|api|аки|мфа|lautschrift|msapi|afi|发音", NULL,
     template_ipa},
    {"ipac-*|ipa-*|ipa *", "c", template_ipa},
    {"respell|usdict|pronunciation respelling|help:pronunciation respelling key", "-",
     template_ipa},
    {"chem|chem2|ce|chemical formula|formula", "", template_list},
    {"simplenuclide|simplenuclide2|nuclide|nuclide2", "$1[-$2]", NULL},
    {"smn", "$1", NULL},
    {"longitem|center|centre|cmain|cguest|crecurring", "$1", NULL},
    {"extinct|dagger|†", "†", NULL},
    {"if empty|firstof|first non-empty|coalesce", "${1|2|3|4}", NULL},
    {"music", "${2|1}", NULL},
    {"usd", "US$$$1", NULL},

    /* Numbers, units, money. */
    {"convert|cvt|conv|convertir|converter|convert/sandbox", NULL, template_convert},
    {"pop density|density", NULL, template_density},
    {"val|value", NULL, template_val},
    {"unité|unite|unité/2|nb|nombre|tmp|température|nombre unité|heure unité|einheit|число", NULL, template_unit},
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
    {"£|gbp|pound sterling", "£", template_money},
    {"€|euro|eur", "€", template_money},
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
    {"birth date and age|bda|birth-date and age|dob and age|birth date and age2", "age",
     template_born},
    {"death date and age|dda|death-date and age|death date and given age|disappeared date and age",
     NULL, template_died},
    {"start date and age|release date and age|end date and age", "years", template_born},
    {"birth date|dob|birth-date|birth date2|date of birth|born|dateofbirth|bd|death "
     "date|death-date|date of death|start date|start-date|end date|end-date|start and end "
     "dates|film date|release date|launch date|opening date|date de naissance|date de "
     "décès|date-|date|datum|fecha|data|date2|formation date|established date|date "
     "naissance|naissance|décès|дата|fecha de nacimiento|fecha de fallecimiento|fecha de "
     "inicio|dni|morte|nascimento|data de nascimento|дата рождения|дата "
     "смерти|생년월일|生年月日|death date and age2|birth date and age text|adoption date",
     NULL, template_date},
    {"dts|d-m-y|formatdate|date table sorting|datedts|dtsh", NULL, template_any_date},
    {"birth year and age|byaa|birth year", "b", template_year_and_age},
    {"death year and age|death year|dyaa", "d", template_year_and_age},
    {"age|age in years|âge|edad|idade|age nts|alter|возраст", NULL, template_age},
    {"currentyear|localyear", "Y", template_current},
    {"currentmonth|currentmonth2|localmonth", "m", template_current},
    {"currentmonth1", "n", template_current},
    {"currentmonthname|currentmonthnamegen|localmonthname", "F", template_current},
    {"currentmonthabbrev", "M", template_current},
    {"currentday|localday", "j", template_current},
    {"currentday2", "d", template_current},
    {"currentdayname|localdayname", "l", template_current},
    {"currentdow", "w", template_current},
    {"currenttimestamp", "Ymd", template_current},
    {"as of|asof|as at|stand", NULL, template_as_of},
    {"circa|c.|ca.|c|ca|около|vers|approx|approximately", "c. $1[ – $2]", NULL},
    {"floruit|fl.|fl", "fl. $1[ – $2]", NULL},
    {"reign|r.|ruled", "r. $1[ – $2]", NULL},
    {"b.|geb", "b. $1", NULL},
    {"d.|died-in|gest", "d. $1", NULL},
    {"marriage|married", "$1[ (m. $2)]", NULL},
    {"age in days|age in years and days|time ago|years or months "
     "ago|inflation|inflation-fn|inflation/year|inflation-year|numberofarticles|uss year|time "
     "since|updated|currenttime|currenthour|currentweek|revisionid|numberofpages|numberofusers|"
     "sitename|server",
     "", NULL},
    {"heure", "$1 h[ $2]", NULL},
    {"s|s-|s mini|s mini-|siècle|siecle|s2|s2-|sp|sp-|-s|-s-|-s2|-s2-|-sp|-sp-|-s mini|-s mini-", NULL,
     template_century},
    {"*e siècle|1er *|*e millénaire", NULL, template_own_name},
    {"ier|1er", "Ier", NULL},
    {"séc|século|seculo", "século $1", NULL},
    {"p.|pp.|page|vol.", "", NULL},
    {"decade link|decades|decade", NULL, template_decade},

    /* Quotations are paragraphs. */
    {"quote|blockquote|quotation|bquote|cquote|centered quote|zitat|citation "
     "bloc|quote1|bq|цитата|citazione|cita|citação|cit|quote without source",
     "\n\n${text|Text|quote|content|texte|1}[ (${Übersetzung})]\n\n", NULL},
    {"citation|citation étrangère|\"-fr|zitat-en|\"-de", "« $1 »", NULL},
    {"poemquote|poem quote|verse translation|poem|gedicht", NULL, template_poem},
    {"incise|tiret", "– $1 –", NULL},
    {"refrain|stanza", "$1", NULL},

    /* Lists in running text. */
    {"hlist|horizontal list|hlist-comma", ", ", template_list},
    {"flatlist|plainlist|plain list|startflatlist|colbox|multicol|col list|listas",
     "\n\n$1\n\n", NULL},
    {"unbulleted list|ubl|ublist|ubt|bulleted list|blist|bullet list|ordered list|numbered "
     "list|cslist|comma separated entries|unbulleted|vunblist|olist",
     "\n", template_list},
    {"enum|comma list", ", ", template_list},
    {"glossary term|term|gt", "\n\n$1\n\n", NULL},
    {"glossary definition|defn|gd|ghat", "\n\n${defn|1}\n\n", NULL},

    /* Countries, ships, people. */
    {"flag|flagu|flagcountry|flagcountry2|flag+link|flaglist|flagg|флагификация|bandeira|флаг "
     "страны|국기나라|land|país|pays|flag2|флаг2|flagdeco+name|flag "
     "athlete|flagathlete|flagioc|flagioc2|flagioc2athlete|flagpbc|fb|fbu|fbw|bandera2|drapeau2|"
     "flag country|bayrak|国旗|國旗",
     NULL, template_flag},
    {"flagicon|flag icon|flagdeco|drapeau|флаг|bayraksimge|icon flag|flag "
     "decoration|flaggicon|flagicon2|bandera|bandiera|flaga|vlajka|국기|国旗图标|flagicon-link",
     NULL, template_flag_icon},
    {"флаг *|flagicon image|nom|won-icon|0|00|000", "", NULL},
    {"uss|hms|ss|rms|mv|ms|hmcs|hmas|hmnzs|ins|uscgc|usns|sms|ms|usav|usat|mts|rfa|iss|hnlms|hdms|"
     "hswms|jds",
     NULL, template_ship},
    {"ship", "$1[ $2][ ($3)]", NULL},
    {"sclass|sclass2|sclass-", "$1-class $2", NULL},
    {"sortname|sort name|person|имя", "$1 $2", NULL},
    {"sort|hs|sorttext|ssort|ntsort", "${2|1}", NULL},

    /* Arabic, Russian, German words for "in the language". */
    {"ألمانية|لغة-أل", "(بالألمانية: $1)", NULL},
    {"إنجليزية|لغة-إن|إنج", "(بالإنجليزية: $1)", NULL},
    {"فرنسية|لغة-فر|فرن", "(بالفرنسية: $1)", NULL},
    {"لغات-متعددة", "$1", NULL},
    {"lang-*", NULL, template_language},
    {"ens|frs|des|ess|its|las|pts|rus|grcs|els|arsx|cns|jas|nls|pls|css|svs|trs|hes|das|hus|fas",
     "s", template_language},
    {"alm", "Almanca: $1", NULL},
    {"ing|i̇ng", "İngilizce: $1", NULL},
    {"pagename|fullpagename|basepagename|subpagename|seitenname", NULL, template_pagename},

    /* Words and signs of more wikis, found in their dumps. */
    {"eqm", "$1", NULL},
    {"mdashb|mdash-b", "—", NULL},
    {"ndashb|-\"|–-", "–", NULL},
    {"dash year|oldstyledatedy|oldstyledate|os|oldstyledateny", "$1[ $2]", NULL},
    {"english anime licensee|english anime network", "", NULL},
    {"sigfig|rnd|round|decimals|formatnum|formnum|fnum", NULL, template_formatnum},
    {"nowrap begin|nowrap end|nobr begin|wrap|shy|allow wrap|-?", "", NULL},
    {"jumelage|kardeş şehir|sister city", "$1[ ($2)]", NULL},
    {"etc.|etc", "etc.", NULL},
    {"m.", "M. $1", NULL},
    {"mme", "Mme $1", NULL},
    {"mlle", "Mlle $1", NULL},
    {"em space|emsp|ensp|quad|hspace", " ", NULL},
    {"lrm|rlm|zwj|zwnj|wbr", "", NULL},
    {"half", "½", NULL},
    {"star", "★", NULL},
    {"link|linka", "${3|2|1}", NULL},
    {"latin|grec|en langue|japonais|arabe|hébreu|russe", "${2|1}", NULL},
    {"souverain|souverain-|souverain2|souverain3|souverain4|roi|pape", NULL, template_bare_title},
    {"n°|numéro|no.|nr.|n.o", "n° $1", NULL},
    {"av j-c|av. j.-c.|-jc|avjc|jc", "av. J.-C.", NULL},
    {"langue avec nom|lang avec nom", "$2", NULL},
    {"citation bloc2|citation2|citation nécessaire|passage à actualiser|refsou|référence "
     "souhaitée|référence nécessaire|quelle référence|c-à-d|pas clair",
     "$1", NULL},
    {"à sourcer|non neutre|évasif", "$1", NULL},
    {"legend|legend0|legend2|légende|leyenda|legenda|легенда|범례|farblegende|凡例2", NULL, template_legend},
    {"marginal|höhe über meer", "$1", NULL},
    {"пассаж|начало цитаты|стих", "${1|текст}", NULL},
    {"ударение|акцент", "́", NULL},
    {"год|г.|гг.|г", "$1[ $2]", NULL},
    {"nobr|nbr|нобр|nobr2|unité2", "${1}", NULL},
    {"число с единицей|ед|s num", NULL, template_unit},
    {"читаемый|yomigana|読み仮名|読み|yomi|ruby2", "$1[ ($2)]", NULL},
    {"読み仮名 ruby不使用|読み仮名_ruby不使用", "$1（$2）", NULL},
    {"縦書き|sup2|下げ核|高線|ピン音|indent", "$1", NULL},
    {"要出典範囲|いつ範囲|独自研究範囲|信頼性要検証範囲|要検証範囲|誰範囲|疑問点範囲", "$1", NULL},
    {"langwithname|rtl-langwithname", "$2: $3", NULL},
    {"en|de|fr|ja|es|it|pt|ru|zh|ko|la|el|nl|ar|pl|sv|tr|he|grc", "$1", NULL}, /* alone: a mark */
    {"interlang", "${3|2}", NULL},
    {"fontsize", "${2|1}", NULL},
    {"ul", "\n\n$1[\n\n$2][\n\n$3][\n\n$4][\n\n$5][\n\n$6][\n\n$7][\n\n$8][\n\n$9]\n\n", NULL},
    {"col-list|columns-list", "\n\n${2|1}\n\n", NULL},
    {"表2列|表3列|段組|col|no col break|nobr col", "\n\n$1\n\n[$2\n\n][$3\n\n]", NULL},
    {"生年月日と年齢|没年齢", "b", template_japanese_life},
    {"死亡年月日と没年齢", "d", template_japanese_life},
    {"和暦|和暦2", "$1年", NULL},
    {"補助漢字フォント|jis2004フォント|cjk|han|linktext|拡張漢字", "$1", NULL},
    {"le|link-en2|tsl|internal link|内链|內部連結|translink", "${3|2|1}", NULL},
    {"ver|version", "", NULL},
    {"ur|ks|sans", "${2|1}", NULL},
    {"'-|'\"|-'|' \"", "'", NULL},
    {"nihongo title|nihongo2a", "$1", NULL},
    {"lang-sr-cyr|lang-sr-lat|lang-sr-latn", "$1", NULL},
    {"lat dms|dms|deg2dms", "$1°[ $2′][ $3″][ $4]", NULL},
    {"abs|mabs", "|$1|", NULL},
    {"angle|bra|ket", "⟨$1⟩", NULL},
    {"bra-ket", "⟨$1|$2⟩", NULL},
    {"floor", "⌊$1⌋", NULL},
    {"ceil", "⌈$1⌉", NULL},
    {"binom|binomial", "($1 over $2)", NULL},
    {"sup|sup-", "^$1", NULL},
    {"usd inflation|us$ inflation", "US$$$1", NULL},
    {"script|script/*|lang script|cuneiform|hiero|runic|ogham", "${2|1}", NULL},
    {"unichar", "U+$1[ $2]", NULL},
    {"charmap|charcode", "", NULL},
    {"tlx|tl|tlp|para", "", NULL},
    {"hashtag|hash", "#$1", NULL},
    {"at", "@", NULL},
    {"sharp|♯", "♯", NULL},
    {"flat|♭", "♭", NULL},
    {"natural|♮", "♮", NULL},
    {"deg", "°", NULL},
    {"prime|′", "$1′", NULL},
    {"check|tick|ya|aye|check mark", "✓", NULL},
    {"cross|x mark|nay", "✗", NULL},

    /* Known to carry no text of the article: sources, notes, boxes, links to elsewhere. */
    {"cite *|citar *|cita *|citation/*|vcite *|sfn*|harv*|refn*|efn*|ref-*|ref *|lien "
     "*|literatur*|article *|infobox*|info/*|info "
     "*|taxobox*|navbox*|portal*|wiki*|wikt*|commons*|category*|use *|main*|see "
     "also*|further*|about*|other uses*|other "
     "*|redirect*|distinguish*|hatnote*|for|for2|coord*|coor "
     "*|lsj*|reflist*|references*|refbegin*|refend*|notelist*|note*|rp|r|authority "
     "control*|pp-*|pp|good article|featured article|short description|citation "
     "needed|cn|fact|dead link|webarchive|clarify|* inline|unreliable source*|qualify evidence|full|year missing|prononciation|who|when|which|where|by whom|according to "
     "whom|page needed|failed verification|verify "
     "*|dubious*|weasel*|update*|expand*|unreferenced*|refimprove*|more "
     "citations*|cleanup*|multiple issues|original research*|more footnotes|details|clear "
     "left|fossil range|army|navy|air force|automatic taxobox|speciesbox|subspeciesbox|relevance "
     "inline|poem author|ol author|cia world*|in our time|collapsible list|map caption|spaceflight "
     "crew|* topics|* in topic|countries of *|* navbox|* "
     "sidebar|taxonbar|advert|blp*|peacock*|essay*|tone|confusing|like "
     "resume|nytimes*|nyttopic|govpubs|icd*|inpho|sep|mathworld|philpapers|statedept|books-inline|"
     "opencorp|collapsed "
     "infobox*|collapsible*|decreasepositive|increasenegative|increasepositive|decreasenegative|"
     "unbulleted list end|gesprochener artikel|mehrere "
     "bilder|galerie|wahldiagramm*|navigationsleiste*|navigationsleist*|imagemap "
     "*|adb|ddb|dnb-portal|frankfurter personenlexikon|iep|belege "
     "fehlen*|überarbeiten|lückenhaft|veraltet|großes bild|panorama|dictionnaires|section "
     "vide*|colonnes|article|bases*|bnf|bnf*|chapitre|climat|voir homonymes|catégorie "
     "principale|détails|mul|à actualiser|autre*|imagem múltipla|carece de fontes|artigo "
     "principal|controle de autoridade|referências|bloco de navegação|ver desambiguação|ver "
     "também|panorama simple|библиоинформация|дерево статей|другие значения|навигация|соседние "
     "города|климат города|внешние ссылки|изолированная статья|хорошая статья|избранная "
     "статья|карта|карточка|ayrıca bakınız|vikiyolculuk|yerleşim bilgi kutusu|*bilgi "
     "kutusu|kotobank|maplink2|seealso|出典の明記|複数の問題|自治体人口/*|自治体面積/*|都市圏*|郡データ換算|人口統計|基礎自治体位置図|日本の都道府県*|"
     "衆議院*|参議院*|ウィキ*|座標*|isbn2|wd|citypop*|display none|also|see|ilq|multicol-*|節スタブ|存命人物*|独自研究|参照方法|いつ|誰|誰2|どこ|要検証|未検証|別人|混同|特殊文字|要曖昧さ回避|rh|"
     "color sample|multimedia|googlemap|climate graph|jr西路線記号|after float|vertical images "
     "list|pathnav*|zukunft|klimatabelle|age in years, months and days|otheruseslist|基礎情報*|infobox|다른 "
     "뜻|도시 "
     "정보|위키공용분류*|세계날씨|*정보|夏奥会*|*导航|*信息框|टिप्पणीसूची|विस्तार|ज्ञानसन्दूक*|صندوق "
     "*|صورة عريضة|شريط *|تحويلة|مصادر*|رابط *|معلومات *|stub|*-stub|div col*|col-*|col "
     "*|colbegin|colend|end|start|toc*|s-*|succession*|sister*|anchor*|anker|isbn|issn|oclc|doi|"
     "pmid|arxiv|isbnt|in lang|en icon|de icon|fr icon|ja icon|icon|* icon|google "
     "books|gutenberg*|official website|official|imdb*|find a grave|internet "
     "archive*|librivox*|dmoz|curlie|youtube|twitter|facebook|allmusic|discogs*|musicbrainz*|"
     "normdaten|siehe "
     "auch|hauptartikel|internetquelle|dnb|absatz|lesenswert|exzellent|schwesterprojekte|"
     "weiterleitungshinweis|begriffsklärung*|metadaten *|population *|positionskarte*|article "
     "détaillé|ouvrage|lien web|références|portail|autres "
     "projets|palette|autorité|voir|homonymie|référence *|source insuffisante|web kaynağı|ana "
     "madde|kaynakça|otorite kontrolü|webarşiv|книга|статья|см. также|примечания|нет "
     "аи|web|脚注ヘルプ|脚注|要出典|リンク切れ|웹 인용|각주|전거 통제|مفصلة|وضح|مراجع|ضبط "
     "استنادي|شريط بوابات|روابط شقيقة|استشهاد*|وصلة مكسورة|noteta|otheruses|reflist|r from *|r to "
     "*|r with *|disambig*|dab|hndis|geodis|set index*|multiple image|double image|triple "
     "image|wide image|panorama|gallery|image label*|css image crop|legend|legend*|color "
     "box|colorbox|bartable|bar percent|bar box|chart|chart/*|graph*|clade*|familytree*|tree "
     "chart*|track listing|tracklist|episode list*|election*|football box*|footballbox*|fs "
     "*|weather box|climate chart|historical populations|us census population|geographic "
     "location|increase|decrease|steady|profit|loss|augmentation|augmentation négative|default "
     "sort|italic title|lowercase "
     "title|lowercase|displaytitle|engvarb|bots|nobots|listen|audio|pronunciation|pron|sound|문단|"
     "소리|webarchiv|wayback|cbignore|bare url*|full citation needed|better "
     "source*|self-published*|sidebar*|campaignbox*|series *|history of "
     "*|subst:*|shortcut|policy|guideline|library resources*|spoken "
     "wikipedia|maplink|mapframe|location map*|location mark*|osm*|photomontage|hidden "
     "begin|hidden end|end box|start box|box-header|columns|break "
     "column|medals*|medaltemplates*|medal*|baseball * style|nfl *|nba *|nhl "
     "*|yes|no|n/a|na|dunno|tba|won|nominated|lost|pending|translated "
     "page|attribution|catholic|1911*|eb1911*|source-attribution|dictionary of *|include-*",
     "", NULL},
    {0},
};
/* clang-format on */
