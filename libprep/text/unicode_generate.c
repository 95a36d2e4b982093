/* unicode_generate.c -- a program of the build: utf8proc's data and what it has none for -> the two-stage
 * table of unicode.h, as C.
 *
 * utf8proc 2.8 is Unicode 15; but for what 15 added it agrees with Unicode 14 on every code point in
 * category, lower case, decomposition and combining class (the test compares all of them with sums
 * over CPython 3.11's tables). What utf8proc has no data for is listed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "text/unicode.h"

enum { HANGUL_FIRST = 0xAC00, HANGUL_LAST = 0xD7A3, N_PAGES = UNICODE_END / UNICODE_PAGE };

struct table {
    size_t page[N_PAGES];
    struct unicode_point *points; /* (n_pages, UNICODE_PAGE) */
    size_t n_pages;
    int32_t *pool; /* (n_pool) code points of decompositions */
    size_t n_pool;
};

struct range {
    int32_t first, last;
};

/* Code points that Unicode 15.0 added (DerivedAge.txt). */
static const struct range added_since_14[] = {
    {0xCF3, 0xCF3},     {0xECE, 0xECE},     {0x10EFD, 0x10EFF}, {0x1123F, 0x11241},
    {0x11B00, 0x11B09}, {0x11F00, 0x11F10}, {0x11F12, 0x11F3A}, {0x11F3E, 0x11F59},
    {0x1342F, 0x1342F}, {0x13439, 0x13455}, {0x1B132, 0x1B132}, {0x1B155, 0x1B155},
    {0x1D2C0, 0x1D2D3}, {0x1DF25, 0x1DF2A}, {0x1E030, 0x1E06D}, {0x1E08F, 0x1E08F},
    {0x1E4D0, 0x1E4F9}, {0x1F6DC, 0x1F6DC}, {0x1F774, 0x1F776}, {0x1F77B, 0x1F77F},
    {0x1F7D9, 0x1F7D9}, {0x1FA75, 0x1FA77}, {0x1FA87, 0x1FA88}, {0x1FAAD, 0x1FAAF},
    {0x1FABB, 0x1FABD}, {0x1FABF, 0x1FABF}, {0x1FACE, 0x1FACF}, {0x1FADA, 0x1FADB},
    {0x1FAE8, 0x1FAE8}, {0x1FAF7, 0x1FAF8}, {0x2B739, 0x2B739}, {0x31350, 0x323AF},
};

/* Code points that are Cf, P* or Mn in Unicode 14 and were not in Unicode 8 (DerivedAge.txt, and the
 * changes of category that the release notes of 9 to 14 list). */
static const struct range format_since_8[] = {
    {0x890, 0x891}, {0x8E2, 0x8E2}, {0x110CD, 0x110CD}, {0x13430, 0x13438}};

static const struct range punctuation_since_8[] = {
    {0x61D, 0x61D},     {0x9FD, 0x9FD},     {0xA76, 0xA76},     {0xC77, 0xC77},
    {0xC84, 0xC84},     {0x1B7D, 0x1B7E},   {0x2E43, 0x2E4F},   {0x2E52, 0x2E5D},
    {0x10EAD, 0x10EAD}, {0x10F55, 0x10F59}, {0x10F86, 0x10F89}, {0x1144B, 0x1144F},
    {0x1145A, 0x1145B}, {0x1145D, 0x1145D}, {0x11660, 0x1166C}, {0x116B9, 0x116B9},
    {0x1183B, 0x1183B}, {0x11944, 0x11946}, {0x119E2, 0x119E2}, {0x11A3F, 0x11A46},
    {0x11A9A, 0x11A9C}, {0x11A9E, 0x11AA2}, {0x11C41, 0x11C45}, {0x11C70, 0x11C71},
    {0x11EF7, 0x11EF8}, {0x11FFF, 0x11FFF}, {0x12FF1, 0x12FF2}, {0x16E97, 0x16E9A},
    {0x16FE2, 0x16FE2}, {0x1E95E, 0x1E95F},
};

static const struct range marks_since_8[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8E1},     {0x9FE, 0x9FE},
    {0xAFA, 0xAFF},     {0xB55, 0xB55},     {0xC04, 0xC04},     {0xC3C, 0xC3C},
    {0xD00, 0xD00},     {0xD3B, 0xD3C},     {0xD81, 0xD81},     {0xEBA, 0xEBA},
    {0x180F, 0x180F},   {0x1885, 0x1886},   {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFB},
    {0xA82C, 0xA82C},   {0xA8C5, 0xA8C5},   {0xA8FF, 0xA8FF},   {0xA9BD, 0xA9BD},
    {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
    {0x11070, 0x11070}, {0x11073, 0x11074}, {0x110C2, 0x110C2}, {0x111C9, 0x111C9},
    {0x111CF, 0x111CF}, {0x1123E, 0x1123E}, {0x1133B, 0x1133B}, {0x11438, 0x1143F},
    {0x11442, 0x11444}, {0x11446, 0x11446}, {0x1145E, 0x1145E}, {0x1182F, 0x11837},
    {0x11839, 0x1183A}, {0x1193B, 0x1193C}, {0x1193E, 0x1193E}, {0x11943, 0x11943},
    {0x119D4, 0x119D7}, {0x119DA, 0x119DB}, {0x119E0, 0x119E0}, {0x11A01, 0x11A0A},
    {0x11A33, 0x11A38}, {0x11A3B, 0x11A3E}, {0x11A47, 0x11A47}, {0x11A51, 0x11A56},
    {0x11A59, 0x11A5B}, {0x11A8A, 0x11A96}, {0x11A98, 0x11A99}, {0x11C30, 0x11C36},
    {0x11C38, 0x11C3D}, {0x11C3F, 0x11C3F}, {0x11C92, 0x11CA7}, {0x11CAA, 0x11CB0},
    {0x11CB2, 0x11CB3}, {0x11CB5, 0x11CB6}, {0x11D31, 0x11D36}, {0x11D3A, 0x11D3A},
    {0x11D3C, 0x11D3D}, {0x11D3F, 0x11D45}, {0x11D47, 0x11D47}, {0x11D90, 0x11D91},
    {0x11D95, 0x11D95}, {0x11D97, 0x11D97}, {0x11EF3, 0x11EF4}, {0x16F4F, 0x16F4F},
    {0x16FE4, 0x16FE4}, {0x1CF00, 0x1CF2D}, {0x1CF30, 0x1CF46}, {0x1E000, 0x1E006},
    {0x1E008, 0x1E018}, {0x1E01B, 0x1E021}, {0x1E023, 0x1E024}, {0x1E026, 0x1E02A},
    {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E944, 0x1E94A},
};

/* str.isspace(): white space or a bidirectional class of B, S or WS. */
static const struct range space[] = {
    {0x09, 0x0D},     {0x1C, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

/* "CJK character" as defined by BERT: neither kana nor Hangul nor radicals. */
static const struct range cjk[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

/* Other_Uppercase and Other_Lowercase outside Lm (DerivedCoreProperties.txt: Cased). */
static const struct range cased_beyond_letters[] = {
    {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2160, 0x217F},   {0x24B6, 0x24E9},
    {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189},
};

/* Word_Break = MidLetter, MidNumLet or Single_Quote (DerivedCoreProperties.txt: Case_Ignorable). */
static const struct range ignorable_in_words[] = {
    {0x27, 0x27},     {0x2E, 0x2E},     {0x3A, 0x3A},     {0xB7, 0xB7},
    {0x387, 0x387},   {0x55F, 0x55F},   {0x5F4, 0x5F4},   {0x2018, 0x2019},
    {0x2024, 0x2024}, {0x2027, 0x2027}, {0xFE13, 0xFE13}, {0xFE52, 0xFE52},
    {0xFE55, 0xFE55}, {0xFF07, 0xFF07}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1A},
};

/* The Rust tokenizers have 2B920 where the original has 2B820. */
enum { RUST_NO_CJK_FIRST = 0x2B820, RUST_NO_CJK_LAST = 0x2B91F };

#define IN(point, ranges) in_ranges(point, ranges, sizeof(ranges) / sizeof *(ranges))

/* The ranges are sorted. */
static bool in_ranges(int32_t point, const struct range *ranges, size_t n)
{
    size_t lo = 0, hi = n; /* ranges before lo end before the point, from hi on they do not */

    while (lo < hi) {
        const size_t middle = (lo + hi) / 2;

        if (ranges[middle].last < point)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < n && point >= ranges[lo].first;
}

static bool is_ascii_symbol(int32_t c)
{
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
           (c >= 123 && c <= 126);
}

static unsigned flags_of_category(int category, int32_t point)
{
    switch (category) {
    case UNICODE_CC:
        return point == '\t' || point == '\n' || point == '\r' ? 0 : UNICODE_CONTROL;
    case UNICODE_CF:
        return UNICODE_CONTROL | UNICODE_IGNORABLE;
    case UNICODE_CN:
    case UNICODE_CO:
    case UNICODE_CS:
        return UNICODE_NOTHING;
    case UNICODE_LU:
    case UNICODE_LL:
    case UNICODE_LT:
        return UNICODE_CASED;
    case UNICODE_MN:
        return UNICODE_MARK | UNICODE_IGNORABLE;
    case UNICODE_ME:
    case UNICODE_LM:
    case UNICODE_SK:
        return UNICODE_IGNORABLE;
    case UNICODE_PC:
    case UNICODE_PD:
    case UNICODE_PS:
    case UNICODE_PE:
    case UNICODE_PI:
    case UNICODE_PF:
    case UNICODE_PO:
        return UNICODE_PUNCTUATION;
    default:
        return 0;
    }
}

/* What the code point was in Unicode 8. */
static unsigned flags_of_unicode_8(int category, unsigned flags, int32_t point)
{
    unsigned old = 0;

    if ((flags & UNICODE_CONTROL && !IN(point, format_since_8)) || category == UNICODE_CO)
        old |= UNICODE_CONTROL_8;
    if ((flags & UNICODE_PUNCTUATION && !IN(point, punctuation_since_8)) ||
        point == 0x166D || /* now So */
        point == 0x111C9)  /* now Mn */
        old |= UNICODE_PUNCTUATION_8;
    if ((flags & UNICODE_MARK && !IN(point, marks_since_8)) || point == 0x1734) /* now Mc */
        old |= UNICODE_MARK_8;
    return old;
}

static unsigned flags_of_cjk(int32_t point)
{
    if (!IN(point, cjk))
        return 0;
    return point >= RUST_NO_CJK_FIRST && point <= RUST_NO_CJK_LAST ? UNICODE_CJK
                                                                   : UNICODE_CJK | UNICODE_CJK_RUST;
}

/* Puts the decomposition of a code point into the pool, unless it is the code point itself. */
static void fill_nfd(struct table *t, struct unicode_point *p, int32_t point)
{
    int32_t parts[8];
    const utf8proc_ssize_t n = utf8proc_decompose_char(point, parts, sizeof parts / sizeof *parts,
                                                       UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, NULL);

    if (n < 1 || n > 8 || (n == 1 && parts[0] == point))
        return;
    p->nfd = (uint16_t)t->n_pool;
    p->n_nfd = (uint8_t)n;
    t->pool = mem_resize(t->pool, t->n_pool + (size_t)n, sizeof *t->pool);
    memcpy(t->pool + t->n_pool, parts, (size_t)n * sizeof *parts);
    t->n_pool += (size_t)n;
}

static void fill_point(struct table *t, struct unicode_point *p, int32_t point)
{
    const utf8proc_property_t *property = utf8proc_get_property(point);
    unsigned flags;

    if (property->category == UTF8PROC_CATEGORY_CN || IN(point, added_since_14)) {
        p->category = UNICODE_CN;
        p->flags = (uint16_t)(UNICODE_NOTHING | flags_of_cjk(point));
        return;
    }
    p->category = (uint8_t)property->category;
    p->order = (uint8_t)property->combining_class;
    if (property->lowercase_seqindex != UINT16_MAX)
        p->to_lower = utf8proc_tolower(point) - point;
    flags = flags_of_category(p->category, point);
    if (IN(point, space))
        flags |= UNICODE_SPACE;
    flags |= flags_of_cjk(point);
    if (is_ascii_symbol(point))
        flags |= UNICODE_PUNCTUATION;
    flags |= flags_of_unicode_8(p->category, flags, point);
    if (IN(point, cased_beyond_letters))
        flags |= UNICODE_CASED;
    if (IN(point, ignorable_in_words))
        flags |= UNICODE_IGNORABLE;
    if (point == 0xFFFD)
        flags |= UNICODE_REPLACEMENT;
    if (point >= HANGUL_FIRST && point <= HANGUL_LAST)
        flags |= UNICODE_HANGUL;
    else if (property->decomp_seqindex != UINT16_MAX) /* perhaps only a compatibility one */
        fill_nfd(t, p, point);
    if (p->to_lower || p->n_nfd || p->order || (flags & (UNICODE_HANGUL | UNICODE_MARK)))
        flags |= UNICODE_FOLDS;
    p->flags = (uint16_t)flags;
}

/* The number of the page in the table: an equal one that is there, else a new one. */
static size_t place_page(struct table *t, const struct unicode_point *page)
{
    const size_t size = UNICODE_PAGE * sizeof *page;

    for (size_t i = t->n_pages; i > 0; i--)
        if (memcmp(t->points + (i - 1) * UNICODE_PAGE, page, size) == 0)
            return i - 1;
    t->points = mem_resize(t->points, (t->n_pages + 1) * UNICODE_PAGE, sizeof *page);
    memcpy(t->points + t->n_pages * UNICODE_PAGE, page, size);
    return t->n_pages++;
}

static void fill(struct table *t)
{
    for (int32_t first = 0; first < UNICODE_END; first += UNICODE_PAGE) {
        struct unicode_point page[UNICODE_PAGE];

        memset(page, 0, sizeof page); /* what is between members as well */
        for (int32_t i = 0; i < UNICODE_PAGE; i++)
            fill_point(t, &page[i], first + i);
        t->page[first / UNICODE_PAGE] = place_page(t, page);
    }
}

static void print(const struct table *t)
{
    printf("/* Made by unicode_generate.c. */\n#include \"text/unicode_table.h\"\n\n");
    printf("const uint16_t unicode_table_page[] = {");
    for (size_t i = 0; i < N_PAGES; i++)
        printf(i % 16 ? ",%zu" : ",\n%zu" + !i, t->page[i]);
    printf("};\n\nconst struct unicode_point unicode_table_points[] = {\n");
    for (size_t i = 0; i < t->n_pages * UNICODE_PAGE; i++) {
        const struct unicode_point *p = &t->points[i];

        printf("{%d,%u,%u,%u,%u,%u,0},\n", (int)p->to_lower, p->nfd, p->flags, p->n_nfd, p->order,
               p->category);
    }
    printf("};\n\nconst int32_t unicode_table_pool[] = {\n");
    for (size_t i = 0; i < t->n_pool; i++)
        printf("%d,\n", (int)t->pool[i]);
    printf("};\n");
}

int main(void)
{
    struct table t = {0};

    fill(&t);
    print(&t);
    free(t.points);
    free(t.pool);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
