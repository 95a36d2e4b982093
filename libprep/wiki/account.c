/* account.c -- what became of each character. */
#include "wiki/account.h"

static const char *const names[ACCOUNT_CLASSES] = {
    [LOST_COMMENT] = "comment",
    [LOST_REFERENCE] = "reference",
    [LOST_TAG] = "tag",
    [LOST_HIDDEN] = "hidden",
    [LOST_MEDIA] = "media",
    [LOST_MATH] = "math",
    [LOST_CODE] = "code",
    [LOST_TEMPLATE_UNKNOWN] = "template_unknown",
    [LOST_TEMPLATE_SILENT] = "template_silent",
    [LOST_TEMPLATE_MARKUP] = "template_markup",
    [LOST_FILE] = "file",
    [LOST_CATEGORY] = "category",
    [LOST_LINK] = "link_markup",
    [LOST_VARIANT] = "variant",
    [LOST_TABLE] = "table",
    [LOST_SECTION] = "section",
    [LOST_HEADING] = "empty_heading",
    [LOST_LIST] = "list",
    [LOST_LINE_BREAK] = "line_break",
    [LOST_MARKUP] = "other_markup",
};

const char *account_name(enum account_class c)
{
    return names[c];
}

uint64_t account_chars(const char *text, size_t n)
{
    uint64_t count = 0;

    /* Bytes in blocks, so that the compiler can count sixteen or more at once. */
    while (n) {
        const size_t block = n < 255 ? n : 255;
        uint8_t sum = 0;
        for (size_t i = 0; i < block; i++) {
            const uint8_t c = (uint8_t)text[i];
            sum += (uint8_t)((uint8_t)(c - 0x80) >= 0x40 && c != '\n' && (uint8_t)(c - 0x0e) > 2);
        }
        count += sum;
        text += block;
        n -= block;
    }
    return count;
}

uint64_t account_code_points(const char *text, size_t n)
{
    uint64_t count = 0;

    while (n) {
        const size_t block = n < 255 ? n : 255;
        uint8_t sum = 0;
        for (size_t i = 0; i < block; i++)
            sum += (uint8_t)((int8_t)text[i] >= -0x40);
        count += sum;
        text += block;
        n -= block;
    }
    return count;
}

void account_lose(struct account *a, enum account_class c, const char *text, size_t n)
{
    a->lost[c] += account_chars(text, n);
}

void account_replace(struct account *a, enum account_class c, uint64_t before, uint64_t after)
{
    if (before >= after)
        a->lost[c] += before - after;
    else
        a->added += after - before;
}

/* Words that were added and then went with a table are in no class: the largest one gives them. */
static void settle(struct account *page)
{
    uint64_t sum = page->text;
    size_t most = 0;

    for (size_t c = 0; c < ACCOUNT_CLASSES; c++) {
        sum += page->lost[c];
        if (page->lost[c] > page->lost[most])
            most = c;
    }
    if (sum > page->wikitext && page->lost[most] >= sum - page->wikitext)
        page->lost[most] -= sum - page->wikitext;
}

void account_close(struct account *total, struct account *page, const char *text, size_t n,
                   const char *out, size_t n_out)
{
    const uint64_t have = account_chars(text, n), shown = account_chars(out, n_out);
    const uint64_t code_points = account_code_points(text, n);
    uint64_t lost = 0, left;

    for (size_t c = 0; c < ACCOUNT_CLASSES; c++)
        lost += page->lost[c];
    left = have + page->added;
    left = left > lost ? left - lost : 0;
    /* What layout and spacing took away; or added, such as "## ". */
    account_replace(page, LOST_MARKUP, left, shown);
    page->wikitext = code_points;
    page->lost[LOST_LINE_BREAK] = code_points - have;
    page->text = shown > page->added ? shown - page->added : 0;
    settle(page);
    account_add(total, page);
    *page = (struct account){0};
}

void account_add(struct account *to, const struct account *from)
{
    to->wikitext += from->wikitext;
    to->text += from->text;
    to->added += from->added;
    for (size_t c = 0; c < ACCOUNT_CLASSES; c++)
        to->lost[c] += from->lost[c];
}
