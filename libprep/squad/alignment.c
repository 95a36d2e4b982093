/* alignment.c -- counting characters that are no spaces on both sides. */
#include "squad/alignment.h"

#include "squad/find.h"

void alignment_init(struct alignment *a, const struct tokenizer *t, const struct unicode *u)
{
    const struct tokens_header *header = tokenizer_header(t);

    *a = (struct alignment){
        .unicode = u, .rules = basic_rules_named(header->rules), .cased = header->cased};
}

void alignment_release(struct alignment *a)
{
    basic_release(&a->basic);
    buf_release(&a->tokens);
}

/* Whether a character begins here that is no space. */
static bool is_solid(char byte)
{
    return byte != ' ' && ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t count_solid(const char *text, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += is_solid(text[i]);
    return count;
}

/* Where solid character number `which` begins; n when there are not so many. */
static size_t find_solid(const char *text, size_t n, size_t which)
{
    size_t i = 0;

    for (; i < n; i++)
        if (is_solid(text[i]) && which-- == 0)
            break;
    return i;
}

const char *alignment_find(size_t *len, struct alignment *a, const char *words, size_t n,
                           const char *answer, size_t n_answer)
{
    const struct basic *basic = &a->basic;
    struct buf *tokens = &a->tokens;
    int64_t at;
    size_t before;
    size_t from;
    size_t to;

    basic_split(&a->basic, a->unicode, a->rules, a->cased, words, n);
    buf_clear(tokens);
    for (size_t i = 0; i < basic->n_words; i++) {
        if (i > 0)
            buf_put_byte(tokens, ' ');
        buf_put(tokens, basic->text.data + basic->words[i].at, basic->words[i].len);
    }
    *len = n;
    at = find_bytes(tokens->data, tokens->len, answer, n_answer);
    if (at < 0 || n_answer == 0 || answer[0] == ' ' || answer[n_answer - 1] == ' ')
        return words;
    if (count_solid(words, n) != count_solid(tokens->data, tokens->len))
        return words;
    before = count_solid(tokens->data, (size_t)at);
    from = find_solid(words, n, before);
    to = find_solid(words, n, before + count_solid(answer, n_answer) - 1);
    do
        to++;
    while (to < n && ((unsigned char)words[to] & 0xc0) == 0x80);
    *len = to - from;
    return words + from;
}
