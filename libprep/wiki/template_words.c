/* template_words.c -- families of templates that stand for words. */
#include "wiki/template_words.h"

#include <string.h>

#include "wiki/context.h"

struct language {
    const char *code;
    const char *name;
};

/* clang-format off */
static const struct language languages[] = {
    {"af", "Afrikaans"}, {"akk", "Akkadian"}, {"am", "Amharic"}, {"ang", "Old English"}, {"ar", "Arabic"},
    {"arc", "Aramaic"}, {"az", "Azerbaijani"}, {"be", "Belarusian"}, {"bg", "Bulgarian"}, {"bn", "Bengali"},
    {"bo", "Tibetan"}, {"br", "Breton"}, {"bs", "Bosnian"}, {"ca", "Catalan"}, {"ckb", "Central Kurdish"},
    {"cop", "Coptic"}, {"cs", "Czech"}, {"cu", "Church Slavonic"}, {"cy", "Welsh"}, {"da", "Danish"},
    {"de", "German"}, {"egy", "Egyptian"}, {"el", "Greek"}, {"en", "English"}, {"eo", "Esperanto"},
    {"es", "Spanish"}, {"et", "Estonian"}, {"eu", "Basque"}, {"fa", "Persian"}, {"fi", "Finnish"},
    {"fr", "French"}, {"fy", "West Frisian"}, {"ga", "Irish"}, {"gd", "Scottish Gaelic"}, {"gl", "Galician"},
    {"goh", "Old High German"}, {"got", "Gothic"}, {"grc", "Ancient Greek"}, {"grc-gre", "Greek"},
    {"gu", "Gujarati"}, {"haw", "Hawaiian"}, {"he", "Hebrew"}, {"hi", "Hindi"}, {"hr", "Croatian"},
    {"hu", "Hungarian"}, {"hy", "Armenian"}, {"id", "Indonesian"}, {"is", "Icelandic"}, {"it", "Italian"},
    {"ja", "Japanese"}, {"jv", "Javanese"}, {"ka", "Georgian"}, {"kk", "Kazakh"}, {"km", "Khmer"},
    {"kn", "Kannada"}, {"ko", "Korean"}, {"ku", "Kurdish"}, {"la", "Latin"}, {"lb", "Luxembourgish"},
    {"lt", "Lithuanian"}, {"lv", "Latvian"}, {"mi", "Maori"}, {"mk", "Macedonian"}, {"ml", "Malayalam"},
    {"mn", "Mongolian"}, {"mr", "Marathi"}, {"ms", "Malay"}, {"mt", "Maltese"}, {"my", "Burmese"},
    {"nah", "Nahuatl"}, {"ne", "Nepali"}, {"nl", "Dutch"}, {"nn", "Norwegian Nynorsk"}, {"no", "Norwegian"},
    {"non", "Old Norse"}, {"oc", "Occitan"}, {"ota", "Ottoman Turkish"}, {"pa", "Punjabi"}, {"pi", "Pali"},
    {"pl", "Polish"}, {"ps", "Pashto"}, {"pt", "Portuguese"}, {"qu", "Quechua"}, {"rm", "Romansh"},
    {"ro", "Romanian"}, {"ru", "Russian"}, {"sa", "Sanskrit"}, {"sco", "Scots"}, {"sd", "Sindhi"},
    {"si", "Sinhala"}, {"sk", "Slovak"}, {"sl", "Slovene"}, {"sq", "Albanian"}, {"sr", "Serbian"},
    {"sv", "Swedish"}, {"sw", "Swahili"}, {"syc", "Classical Syriac"}, {"ta", "Tamil"}, {"te", "Telugu"},
    {"tg", "Tajik"}, {"th", "Thai"}, {"tk", "Turkmen"}, {"tl", "Tagalog"}, {"tr", "Turkish"}, {"tt", "Tatar"},
    {"uk", "Ukrainian"}, {"ur", "Urdu"}, {"uz", "Uzbek"}, {"vi", "Vietnamese"}, {"yi", "Yiddish"},
    {"zh", "Chinese"}, {"zu", "Zulu"}
};
/* clang-format on */

/* What other wikis write before a foreign word: {{lang-en|x}} is "англ. x" in Russian. */
struct label {
    const char *site, *code;
    const char *text;
};

/* clang-format off */
static const struct label labels[] = {
    {"ru", "en", "англ. "}, {"ru", "de", "нем. "}, {"ru", "fr", "фр. "}, {"ru", "la", "лат. "}, {"ru", "el", "греч. "},
    {"ru", "grc", "др.-греч. "}, {"ru", "es", "исп. "}, {"ru", "it", "итал. "}, {"ru", "pl", "польск. "}, {"ru", "uk", "укр. "},
    {"ru", "ja", "яп. "}, {"ru", "zh", "кит. "}, {"ru", "ar", "араб. "}, {"ru", "he", "ивр. "}, {"ru", "tr", "тур. "},
    {"ru", "fi", "фин. "}, {"ru", "sv", "швед. "}, {"ru", "be", "белор. "}, {"ru", "nl", "нидерл. "}, {"ru", "pt", "порт. "},
    {"de", "en", "englisch "}, {"de", "fr", "französisch "}, {"de", "la", "lateinisch "}, {"de", "el", "griechisch "},
    {"de", "grc", "altgriechisch "}, {"de", "es", "spanisch "}, {"de", "it", "italienisch "}, {"de", "pl", "polnisch "},
    {"de", "ru", "russisch "}, {"de", "ja", "japanisch "}, {"de", "tr", "türkisch "}, {"de", "nl", "niederländisch "},
    {"de", "pt", "portugiesisch "}, {"de", "cs", "tschechisch "}, {"de", "sv", "schwedisch "}, {"de", "he", "hebräisch "},
    {"de", "hu", "ungarisch "}, {"de", "da", "dänisch "}, {"de", "uk", "ukrainisch "}, {"de", "ar", "arabisch "},
    {"fr", "en", "en anglais : "}, {"fr", "de", "en allemand : "}, {"fr", "la", "en latin : "}, {"fr", "es", "en espagnol : "},
    {"fr", "it", "en italien : "}, {"fr", "ru", "en russe : "}, {"fr", "el", "en grec : "}, {"fr", "grc", "en grec ancien : "},
    {"es", "en", "en inglés: "}, {"es", "de", "en alemán: "}, {"es", "fr", "en francés: "}, {"es", "la", "en latín: "},
    {"es", "it", "en italiano: "}, {"es", "ru", "en ruso: "}, {"es", "el", "en griego: "}, {"es", "grc", "en griego antiguo: "},
    {"pt", "en", "em inglês: "}, {"pt", "de", "em alemão: "}, {"pt", "fr", "em francês: "}, {"pt", "la", "em latim: "},
    {"pt", "it", "em italiano: "}, {"pt", "ru", "em russo: "}, {"pt", "el", "em grego: "}, {"pt", "es", "em castelhano: "},
    {"it", "en", "in inglese: "}, {"it", "de", "in tedesco: "}, {"it", "fr", "in francese: "}, {"it", "la", "in latino: "},
    {"ja", "en", "英: "}, {"ja", "de", "独: "}, {"ja", "fr", "仏: "}, {"ja", "la", "羅: "},
    {"zh", "en", "英语："}, {"zh", "de", "德语："}, {"zh", "fr", "法语："}, {"zh", "la", "拉丁语："}, {"zh", "ja", "日语："},
    {"ko", "en", "영어: "}, {"ko", "de", "독일어: "}, {"ko", "fr", "프랑스어: "}, {"ko", "la", "라틴어: "},
    {"tr", "en", "İngilizce: "}, {"tr", "de", "Almanca: "}, {"tr", "fr", "Fransızca: "}, {"tr", "la", "Latince: "},
};
/* clang-format on */

static const char *language_name(const char *code, size_t len)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (strlen(languages[i].code) == len && memcmp(languages[i].code, code, len) == 0)
            return languages[i].name;
    }
    return NULL;
}

static void put_label(struct buf *to, const struct template_call *call, const char *code, size_t n)
{
    const char *site = call->page->site->language;
    const char *name = language_name(code, n);

    if (!site || strcmp(site, "en") == 0 || strcmp(site, "simple") == 0) {
        if (name)
            buf_printf(to, "%s: ", name);
        return;
    }
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].site, site) == 0 && strlen(labels[i].code) == n &&
            memcmp(labels[i].code, code, n) == 0)
            buf_put_text(to, labels[i].text);
    }
}

static bool is_word(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(text, word, n) == 0;
}

bool template_language(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_code, len, n_label, n_more;
    const char *code, *text, *label, *more;
    const bool in_args = parameter && parameter[0] == 'l';

    if (in_args) {
        code = template_positional(&n_code, call, 1);
    } else if (parameter) { /* {{enS|word}} */
        code = call->name;
        n_code = call->name_len - 1;
    } else {
        code = call->name + strlen("lang-");
        n_code = call->name_len - strlen("lang-");
        if (n_code > 6 && memcmp(code + n_code - 6, "-short", 6) == 0)
            n_code -= 6;
    }
    text = template_positional(&len, call, in_args ? 2 : 1);
    if (!len)
        text = template_value(&len, call, "text");
    if (!len)
        return false;
    label = template_value(&n_label, call, "label");
    if (n_label == 0)
        put_label(to, call, code, n_code);
    else if (!is_word(label, n_label, "none"))
        buf_put(to, label, n_label);
    if (n_label && !is_word(label, n_label, "none"))
        buf_put_text(to, ": ");
    buf_put(to, text, len);
    more = template_value(&n_more, call, in_args ? "3" : "2"); /* transliteration, then meaning */
    if (n_more) {
        buf_put_text(to, ", ");
        buf_put(to, more, n_more);
    }
    more = template_value(&n_more, call, in_args ? "4" : "3");
    if (!n_more)
        more = template_value(&n_more, call, "lit");
    if (n_more) {
        buf_put_text(to, ", lit. '");
        buf_put(to, more, n_more);
        buf_put_byte(to, '\'');
    }
    return true;
}

bool template_language_name(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n;
    const char *code = template_positional(&n, call, 1);
    const char *name = language_name(code, n);

    (void)parameter;
    if (name)
        buf_put_text(to, name);
    return name != NULL;
}

/* Words between the sounds of {{IPAc-en|...}}: what the template says before them, not sounds. */
static bool is_ipa_word(const char *text, size_t n)
{
    static const char words[] =
        " lang pron us uk au ca nz icon audio also see all local es it de fr en ga ";
    char padded[12] = " ";

    if (n > 6 || memchr(text, ' ', n)) /* a sound file: "File.ogg" */
        return n > 4 &&
               (memcmp(text + n - 4, ".ogg", 4) == 0 || memcmp(text + n - 4, ".oga", 4) == 0 ||
                memcmp(text + n - 4, ".wav", 4) == 0 || memcmp(text + n - 4, ".mp3", 4) == 0);
    memcpy(padded + 1, text, n);
    memcpy(padded + 1 + n, " ", 2);
    for (char *p = padded; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    return strstr(words, padded) != NULL;
}

bool template_ipa(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char *const signs[][2] = {
        {"'", "ˈ"}, {",", "ˌ"}, {"@", "ə"}, {"_", " "}, {"-", "."}};
    const size_t from = to->len;
    const bool sounds = parameter && parameter[0] == 'c' && memchr(call->name, 'c', call->name_len);
    const bool phones = parameter && parameter[0] == 'c' && !sounds; /* {{IPA-de|...}} */
    bool open = false;

    if (call->page->options->drop_ipa)
        return false;
    for (size_t k = 1; k <= call->n_args; k++) {
        size_t n;
        const char *text = template_positional(&n, call, k);
        if (!n || (k < call->n_args && is_ipa_word(text, n)) || (sounds && is_ipa_word(text, n)))
            continue;
        if (!sounds && parameter && parameter[0] == '-' && to->len > from)
            buf_put_byte(to, '-');
        if (sounds && !open) {
            buf_put_byte(to, '/');
            open = true;
        }
        for (size_t i = 0; sounds && i < sizeof signs / sizeof signs[0]; i++) {
            if (is_word(text, n, signs[i][0])) {
                text = signs[i][1];
                n = strlen(text);
            }
        }
        if (phones)
            buf_put_byte(to, '[');
        buf_put(to, text, n);
        if (phones)
            buf_put_byte(to, ']');
        if (!sounds && !(parameter && parameter[0] == '-'))
            break; /* {{IPA|text}}: further arguments are places and sound files */
    }
    if (open)
        buf_put_byte(to, '/');
    return to->len > from;
}

bool template_disambiguation(struct buf *to, const struct template_call *call,
                             const char *parameter)
{
    (void)to, (void)parameter;
    call->page->disambiguation = true;
    return false;
}

bool template_chinese(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const struct {
        const char *name, *label;
    } fields[] = {{"c", "Chinese: "},
                  {"hanzi", "Chinese: "},
                  {"s", "simplified Chinese: "},
                  {"t", "traditional Chinese: "},
                  {"p", "pinyin: "},
                  {"hp", "pinyin: "},
                  {"w", "Wade–Giles: "},
                  {"j", "Jyutping: "},
                  {"poj", "Pe̍h-ōe-jī: "},
                  {"l", "literally: "}};
    const size_t from = to->len;
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    if (len) {
        buf_put_text(to, "Chinese: ");
        buf_put(to, text, len);
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        text = template_value(&len, call, fields[i].name);
        if (!len)
            continue;
        if (to->len > from)
            buf_put_text(to, "; ");
        buf_put_text(to, fields[i].label);
        buf_put(to, text, len);
    }
    return to->len > from;
}

bool template_nihongo(struct buf *to, const struct template_call *call, const char *parameter)
{
    const size_t from = to->len;
    bool open = false;

    (void)parameter;
    for (size_t i = 1; i <= 4; i++) {
        size_t len;
        const char *text = template_positional(&len, call, i);
        if (!len)
            continue;
        if (to->len > from)
            buf_put_text(to, open ? ", " : " (");
        open = open || to->len > from;
        buf_put(to, text, len);
    }
    if (open)
        buf_put_byte(to, ')');
    return to->len > from;
}

bool template_list(struct buf *to, const struct template_call *call, const char *parameter)
{
    const size_t from = to->len;

    for (size_t i = 0; i < call->n_args; i++) {
        const struct template_arg *a = &call->args[i];
        if (!a->len || (a->name && (a->name_len > 2 || a->name[0] < '1' || a->name[0] > '9')))
            continue;
        if (to->len > from || parameter[0] == '\n')
            buf_put_text(to, parameter);
        if (parameter[0] == '\n')
            buf_put_text(to, "* ");
        buf_put(to, a->value, a->len);
    }
    if (to->len > from && parameter[0] == '\n')
        buf_put_byte(to, '\n');
    return to->len > from;
}

bool template_poem(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    if (!len)
        text = template_value(&len, call, "text");
    buf_put_text(to, "\n\n");
    for (size_t i = 0; i < len; i++) {
        buf_put_byte(to, text[i]);
        if (text[i] == '\n')
            buf_put_byte(to, '\n');
    }
    buf_put_text(to, "\n\n");
    return len > 0;
}

bool template_ship(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len, n_id;
    const char *name = template_positional(&len, call, 1);
    const char *id = template_positional(&n_id, call, 2);

    (void)parameter;
    if (!len)
        return false;
    for (size_t i = 0; i < call->name_len; i++) {
        const char c = call->name[i];
        buf_put_byte(to, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    buf_put_byte(to, ' ');
    buf_put(to, name, len);
    if (n_id) {
        buf_put_text(to, " (");
        buf_put(to, id, n_id);
        buf_put_byte(to, ')');
    }
    return true;
}

bool template_own_name(struct buf *to, const struct template_call *call, const char *parameter)
{
    (void)parameter;
    buf_put(to, call->written, call->written_len);
    return true;
}

bool template_bare_title(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *title = template_positional(&len, call, 1);
    const char *end = len && title[len - 1] == ')' ? memchr(title, '(', len) : NULL;

    (void)parameter;
    if (end && end > title)
        len = (size_t)(end - title);
    while (len && title[len - 1] == ' ')
        len--;
    buf_put(to, title, len);
    return len > 0;
}

bool template_legend(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 2);

    (void)parameter;
    if (!call->n_before || !strchr("*#:;", call->before[0]))
        return false;
    buf_put(to, text, len);
    return len > 0;
}

static bool is_roman(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] != 'I' && text[i] != 'V' && text[i] != 'X' && text[i] != 'L')
            return false;
    }
    return n > 0;
}

bool template_century(struct buf *to, const struct template_call *call, const char *parameter)
{
    const bool before_christ = call->name[0] == '-';
    size_t n_centuries = 0;

    (void)parameter;
    for (size_t k = 1; k <= call->n_args; k++) {
        size_t len;
        const char *text = template_positional(&len, call, k);
        const bool roman = is_roman(text, len);
        if (k == 1 && !roman) { /* {{s|words}} */
            buf_put(to, text, len);
            return len > 0;
        }
        if (!len || is_word(text, len, "e") || is_word(text, len, "er") || is_word(text, len, "re"))
            continue;
        if (k > 1)
            buf_put_text(to, roman && n_centuries == k - 1 ? " et " : " ");
        buf_put(to, text, len);
        if (roman)
            buf_put_text(to, is_word(text, len, "I") ? "er" : "e");
        n_centuries += roman;
    }
    buf_put_text(to, n_centuries > 1 ? " siècles" : " siècle");
    if (before_christ)
        buf_put_text(to, " av. J.-C.");
    return n_centuries > 0;
}

bool template_quoted(struct buf *to, const struct template_call *call, const char *parameter)
{
    const char *language = call->page->site->language;
    const bool german = language && strcmp(language, "de") == 0;
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    if (!len)
        text = template_value(&len, call, "Text");
    if (!len) {
        buf_put_byte(to, '"');
        return true;
    }
    buf_put_text(to, german ? "„" : "“");
    buf_put(to, text, len);
    buf_put_text(to, german ? "“" : "”");
    return true;
}
