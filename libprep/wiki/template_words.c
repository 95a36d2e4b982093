/* template_words.c -- families of templates that stand for words. */
#include "wiki/template_words.h"

#include <string.h>

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

static const char *language_name(const char *code, size_t len)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (strlen(languages[i].code) == len && memcmp(languages[i].code, code, len) == 0)
            return languages[i].name;
    }
    return NULL;
}

bool template_language(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_code, len, n_label;
    const char *code = call->name + strlen("lang-");
    const char *text, *label, *name;

    if (parameter) {
        code = template_positional(&n_code, call, 1);
        text = template_positional(&len, call, 2);
    } else {
        n_code = call->name_len - strlen("lang-");
        text = template_positional(&len, call, 1);
    }
    if (!len)
        text = template_value(&len, call, "text");
    if (!len)
        return false;
    name = language_name(code, n_code);
    label = template_value(&n_label, call, "label");
    if (name && !(n_label == 4 && memcmp(label, "none", 4) == 0)) {
        buf_put_text(to, name);
        buf_put_text(to, ": ");
    }
    buf_put(to, text, len);
    return true;
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
