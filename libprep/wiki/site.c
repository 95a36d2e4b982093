/* site.c -- what one wiki calls things.
 *
 * Built-in names matter even with <siteinfo>: "Image:" is an alias that it does not list, and slices
 * of a dump often come without it. */
#include "wiki/site.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PREFIX_MAX = 120 };

#define FULLWIDTH_HASH "\xef\xbc\x83"

struct builtin {
    const char *folded;
    int key;
};

static const struct builtin builtin_names[] = {
    {"media", SITE_MEDIA},
    {"special", SITE_SPECIAL},
    {"talk", 1},
    {"user", 2},
    {"user talk", 3},
    {"wikipedia", 4},
    {"project", 4},
    {"wikipedia talk", 5},
    {"project talk", 5},
    {"file", SITE_FILE},
    {"image", SITE_FILE},
    {"file talk", 7},
    {"image talk", 7},
    {"mediawiki", 8},
    {"mediawiki talk", 9},
    {"template", SITE_TEMPLATE},
    {"template talk", 11},
    {"help", 12},
    {"help talk", 13},
    {"category", SITE_CATEGORY},
    {"category talk", 15},
    {"portal", 100},
    {"portal talk", 101},
    {"draft", 118},
    {"draft talk", 119},
    {"timedtext", 710},
    {"module", 828},
    {"module talk", 829},
    /* files */
    {"archivo", SITE_FILE},
    {"imagen", SITE_FILE},
    {"fichier", SITE_FILE},
    {"datei", SITE_FILE},
    {"bild", SITE_FILE},
    {"immagine", SITE_FILE},
    {"ficheiro", SITE_FILE},
    {"arquivo", SITE_FILE},
    {"imagem", SITE_FILE},
    {"bestand", SITE_FILE},
    {"afbeelding", SITE_FILE},
    {"plik", SITE_FILE},
    {"grafika", SITE_FILE},
    {"fil", SITE_FILE},
    {"tiedosto", SITE_FILE},
    {"kuva", SITE_FILE},
    {"soubor", SITE_FILE},
    {"súbor", SITE_FILE},
    {"fájl", SITE_FILE},
    {"kép", SITE_FILE},
    {"fișier", SITE_FILE},
    {"imagine", SITE_FILE},
    {"dosya", SITE_FILE},
    {"resim", SITE_FILE},
    {"berkas", SITE_FILE},
    {"gambar", SITE_FILE},
    {"tập tin", SITE_FILE},
    {"hình", SITE_FILE},
    {"fitxer", SITE_FILE},
    {"imatge", SITE_FILE},
    {"datoteka", SITE_FILE},
    {"slika", SITE_FILE},
    {"файл", SITE_FILE},
    {"изображение", SITE_FILE},
    {"зображення", SITE_FILE},
    {"датотека", SITE_FILE},
    {"слика", SITE_FILE},
    {"картинка", SITE_FILE},
    {"выява", SITE_FILE},
    {"αρχείο", SITE_FILE},
    {"εικόνα", SITE_FILE},
    {"קובץ", SITE_FILE},
    {"תמונה", SITE_FILE},
    {"ملف", SITE_FILE},
    {"صورة", SITE_FILE},
    {"پرونده", SITE_FILE},
    {"تصویر", SITE_FILE},
    {"चित्र", SITE_FILE},
    {"চিত্র", SITE_FILE},
    {"படிமம்", SITE_FILE},
    {"ไฟล์", SITE_FILE},
    {"ファイル", SITE_FILE},
    {"画像", SITE_FILE},
    {"파일", SITE_FILE},
    {"그림", SITE_FILE},
    {"文件", SITE_FILE},
    {"档案", SITE_FILE},
    {"檔案", SITE_FILE},
    {"图像", SITE_FILE},
    {"圖像", SITE_FILE},
    {"图片", SITE_FILE},
    {"圖片", SITE_FILE},
    {"պատկեր", SITE_FILE},
    {"სურათი", SITE_FILE},
    /* categories */
    {"categoría", SITE_CATEGORY},
    {"catégorie", SITE_CATEGORY},
    {"kategorie", SITE_CATEGORY},
    {"categoria", SITE_CATEGORY},
    {"categorie", SITE_CATEGORY},
    {"kategoria", SITE_CATEGORY},
    {"kategori", SITE_CATEGORY},
    {"luokka", SITE_CATEGORY},
    {"kategória", SITE_CATEGORY},
    {"thể loại", SITE_CATEGORY},
    {"kategorija", SITE_CATEGORY},
    {"категория", SITE_CATEGORY},
    {"категорія", SITE_CATEGORY},
    {"категорија", SITE_CATEGORY},
    {"катэгорыя", SITE_CATEGORY},
    {"κατηγορία", SITE_CATEGORY},
    {"קטגוריה", SITE_CATEGORY},
    {"تصنيف", SITE_CATEGORY},
    {"رده", SITE_CATEGORY},
    {"श्रेणी", SITE_CATEGORY},
    {"বিষয়শ্রেণী", SITE_CATEGORY},
    {"பகுப்பு", SITE_CATEGORY},
    {"หมวดหมู่", SITE_CATEGORY},
    {"カテゴリ", SITE_CATEGORY},
    {"분류", SITE_CATEGORY},
    {"分类", SITE_CATEGORY},
    {"分類", SITE_CATEGORY},
    {"կատեգորիա", SITE_CATEGORY},
    {"კატეგორია", SITE_CATEGORY},
    /* templates, in the languages whose wikis name them in article text */
    {"vorlage", SITE_TEMPLATE},
    {"modèle", SITE_TEMPLATE},
    {"plantilla", SITE_TEMPLATE},
    {"predefinição", SITE_TEMPLATE},
    {"шаблон", SITE_TEMPLATE},
    {"قالب", SITE_TEMPLATE},
    {"şablon", SITE_TEMPLATE},
    {"틀", SITE_TEMPLATE},
};

/* Other projects of the family and the usual web sites that have a prefix: their text is shown. */
static const char projects[] =
    " w wikipedia wikt wiktionary s wikisource b wikibooks q wikiquote n wikinews v wikiversity "
    "voy "
    "wikivoyage c commons d wikidata m meta metawikipedia species wikispecies mw mediawikiwiki "
    "foundation "
    "phab bugzilla doi pmid arxiv oclc jstor imdbname imdbtitle google iarchive toollabs ";

/* Language codes of the Wikipedias. A link with one of them as its prefix is not part of the text. */
static const char languages[] =
    " aa ab ace ady af ak als alt am ami an ang anp ar arc ary arz as ast atj av avk awa ay az azb "
    "ba "
    "ban bar bat-smg bcl be be-tarask be-x-old bg bh bi bjn blk bm bn bo bpy br bs bug bxr ca "
    "cbk-zam "
    "cdo ce ceb ch cho chr chy ckb co cr crh cs csb cu cv cy da dag de din diq dsb dty dv dz ee el "
    "eml "
    "en eo es et eu ext fa fat ff fi fiu-vro fj fo fon fr frp frr fur fy ga gag gan gcr gd gl glk "
    "gn "
    "gom gor got gpe gu guc gur guw gv ha hak haw he hi hif ho hr hsb ht hu hy hyw hz ia id ie ig "
    "ii "
    "ik ilo inh io is it iu ja jam jbo jv ka kaa kab kbd kbp kcg kg ki kj kk kl km kn ko koi kr "
    "krc "
    "ks ksh ku kv kw ky la lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt ltg lv mad mai "
    "map-bms "
    "mdf mg mh mhr mi min mk ml mn mni mnw mr mrj ms mt mus mwl my myv mzn na nah nap nds nds-nl "
    "ne "
    "new ng nia nl nn no nov nqo nrm nso nv ny oc olo om or os pa pag pam pap pcd pcm pdc pfl pi "
    "pih "
    "pl pms pnb pnt ps pt pwn qu rm rmy rn ro roa-rup roa-tara ru rue rw sa sah sat sc scn sco sd "
    "se "
    "sg sh shi shn si simple sk skr sl sm smn sn so sq sr srn ss st stq su sv sw szl szy ta tay "
    "tcy te "
    "tet tg th ti tk tl tly tn to tpi tr trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls "
    "vo "
    "wa war wo wuu xal xh xmf yi yo za zea zh zh-classical zh-min-nan zh-yue zu ";

/* The words after '#', in the case in which they are written; ASCII ones in any case. */
static const char *const redirect_words[] = {
    "redirect",
    "redirection",
    "redirección",
    "redireccion",
    "weiterleitung",
    "rinvia",
    "rinvio",
    "redirecionamento",
    "redirecciona",
    "doorverwijzing",
    "patrz",
    "przekieruj",
    "tam",
    "omdirigering",
    "omdirigera",
    "ohjaus",
    "uudelleenohjaus",
    "přesměruj",
    "PŘESMĚRUJ",
    "presmeruj",
    "átirányítás",
    "ÁTIRÁNYÍTÁS",
    "redirectare",
    "yönlendirme",
    "YÖNLENDİRME",
    "YÖNLENDIRME",
    "yönlendİrme",
    "alih",
    "đổi",
    "ĐỔI",
    "preusmeri",
    "preusmeritev",
    "birzuzendu",
    "alidirekti",
    "suuna",
    "перенаправление",
    "ПЕРЕНАПРАВЛЕНИЕ",
    "перенапр",
    "ПЕРЕНАПР",
    "перенаправлення",
    "ПЕРЕНАПРАВЛЕННЯ",
    "преусмери",
    "Преусмери",
    "пренасочување",
    "ПРЕНАСОЧУВАЊЕ",
    "пренасочи",
    "виж",
    "ανακατευθυνση",
    "ΑΝΑΚΑΤΕΥΘΥΝΣΗ",
    "הפניה",
    "تحويل",
    "تغییر_مسیر",
    "تغییرمسیر",
    "رجوع_مكررات",
    "अनुप्रेषित",
    "पुनर्प्रेषित",
    "पुनर्निर्देशित",
    "पुनर्निर्देशन",
    "পুনর্নির্দেশনা",
    "เปลี่ยนทาง",
    "転送",
    "リダイレクト",
    "넘겨주기",
    "重定向",
    "重新導向",
    "வழிமாற்று",
};

/* Lower case for the scripts whose wikis have names with capitals: Latin, Greek, Cyrillic, Armenian. */
static uint32_t fold_code(uint32_t c)
{
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
        (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    if (c >= 0x531 && c <= 0x556)
        return c + 48;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) || (c >= 0x218 && c <= 0x21b))
        return c | 1;
    return c;
}

size_t site_fold(char *to, size_t max, const char *text, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (len + 3 >= max)
            return 0;
        if (c == ' ' || c == '_' || c == '\t') {
            if (len && to[len - 1] != ' ')
                to[len++] = ' ';
        } else if (c >= 'A' && c <= 'Z') {
            to[len++] = (char)(c + 32);
        } else if (c >= 0xc2 && c < 0xe0 && i + 1 < n) {
            const uint32_t code = fold_code((uint32_t)(c & 31) << 6 | (text[++i] & 63));
            to[len++] = (char)(0xc0 | code >> 6);
            to[len++] = (char)(0x80 | (code & 63));
        } else {
            to[len++] = (char)c;
        }
    }
    while (len && to[len - 1] == ' ')
        len--;
    to[len] = 0;
    return len;
}

void site_add_namespace(struct site *s, int key, const char *name)
{
    char folded[PREFIX_MAX];

    if (s->n_names >= SITE_MAX_NAMESPACES || !site_fold(folded, sizeof folded, name, strlen(name)))
        return;
    s->names = mem_resize(s->names, s->n_names + 1, sizeof *s->names);
    s->names[s->n_names].folded = mem_text(folded);
    s->names[s->n_names++].key = key;
}

void site_set_language(struct site *s, const char *language)
{
    free(s->language);
    s->language = mem_text(language);
}

void site_release(struct site *s)
{
    for (size_t i = 0; i < s->n_names; i++)
        free(s->names[i].folded);
    free(s->names);
    free(s->language);
    *s = (struct site){0};
}

/* Folds what is before the first ':' within the first bytes of a title; 0 when there is none. */
static size_t fold_prefix(char *to, size_t max, size_t *prefix, const char *title, size_t n)
{
    const char *colon = memchr(title, ':', n < PREFIX_MAX ? n : PREFIX_MAX);

    *prefix = 0;
    if (!colon || colon == title)
        return 0;
    *prefix = (size_t)(colon - title) + 1;
    return site_fold(to, max, title, *prefix - 1);
}

static int find_namespace(const struct site *s, const char *folded)
{
    for (size_t i = 0; s && i < s->n_names; i++) {
        if (strcmp(s->names[i].folded, folded) == 0)
            return s->names[i].key;
    }
    for (size_t i = 0; i < sizeof builtin_names / sizeof builtin_names[0]; i++) {
        if (strcmp(builtin_names[i].folded, folded) == 0)
            return builtin_names[i].key;
    }
    return SITE_ARTICLE;
}

int site_namespace_of(const struct site *s, const char *title, size_t n, size_t *prefix)
{
    char folded[PREFIX_MAX + 4];
    int key = SITE_ARTICLE;

    if (fold_prefix(folded, sizeof folded, prefix, title, n))
        key = find_namespace(s, folded);
    if (key == SITE_ARTICLE)
        *prefix = 0;
    return key;
}

/* Whether " word " is in a list of words with blanks around each. */
static bool is_listed(const char *list, const char *word, size_t len)
{
    char padded[PREFIX_MAX + 8];

    if (len == 0 || len > PREFIX_MAX || memchr(word, ' ', len))
        return false;
    padded[0] = ' ';
    memcpy(padded + 1, word, len);
    memcpy(padded + 1 + len, " ", 2);
    return strstr(list, padded) != NULL;
}

/* "Lêer:Kaart.png": a file in a language whose word for it is not known. */
static bool has_media_ending(const char *title, size_t n)
{
    static const char endings[] = " jpg jpeg png gif svg tif tiff webp ogg ogv oga webm pdf djvu ";
    char folded[8];
    size_t len = 0;

    while (len < n && len < 5 && title[n - 1 - len] != '.')
        len++;
    if (len < 3 || len > 4 || len == n || title[n - 1 - len] != '.')
        return false;
    len = site_fold(folded, sizeof folded, title + n - len, len);
    return is_listed(endings, folded, len);
}

enum site_link site_link_of(const struct site *s, const char *target, size_t n, size_t *prefix)
{
    char folded[PREFIX_MAX + 4];
    const size_t len = fold_prefix(folded, sizeof folded, prefix, target, n);
    const int key = len ? find_namespace(s, folded) : SITE_ARTICLE;

    if (key == SITE_FILE || key == SITE_MEDIA)
        return SITE_LINK_FILE;
    if (key == SITE_CATEGORY)
        return SITE_LINK_CATEGORY;
    if (key != SITE_ARTICLE || (len && is_listed(projects, folded, len)))
        return SITE_LINK_PROJECT;
    if (len && is_listed(languages, folded, len))
        return SITE_LINK_LANGUAGE;
    if (len && has_media_ending(target, n))
        return SITE_LINK_FILE;
    *prefix = 0;
    return SITE_LINK_ARTICLE;
}

bool site_is_redirect(const char *text, size_t n)
{
    char folded[PREFIX_MAX];
    size_t at = 0, end, link, len;

    while (at < n && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    if (n - at < 4 || (text[at] != '#' && memcmp(text + at, FULLWIDTH_HASH, 3) != 0))
        return false;
    at += text[at] == '#' ? 1 : 3;
    for (end = at; end < n && end - at < PREFIX_MAX && !strchr(" :[\t\r\n{<", text[end]); end++)
        continue;
    link = end;
    while (link < n && strchr(" :\t\r\n", text[link]) && text[link])
        link++;
    if (n - link < 2 || memcmp(text + link, "[[", 2) != 0)
        return false;
    len = end - at < sizeof folded ? end - at : sizeof folded;
    for (size_t i = 0; i < len; i++) {
        const char c = text[at + i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    for (size_t i = 0; i < sizeof redirect_words / sizeof redirect_words[0]; i++) {
        const char *word = redirect_words[i];
        if (strlen(word) == len &&
            (memcmp(word, text + at, len) == 0 || memcmp(word, folded, len) == 0))
            return true;
    }
    return false;
}
