/* instance_text.c -- the same text with and without colour: escape sequences are added, never meaning. */
#include "show/instance_text.h"

#include <string.h>

/* What is coloured, and how (ECMA-48). */
enum look { LOOK_PLAIN, LOOK_HEAD, LOOK_SPECIAL, LOOK_SEGMENT, LOOK_MASKED, LOOK_ORIGINAL };

static const char *const looks[] = {
    [LOOK_PLAIN] = "",           [LOOK_HEAD] = "\033[1m",      [LOOK_SPECIAL] = "\033[2m",
    [LOOK_SEGMENT] = "\033[36m", [LOOK_MASKED] = "\033[1;33m", [LOOK_ORIGINAL] = "\033[32m"};

struct page {
    struct buf *to;
    const struct vocab *vocab;
    bool colour;
};

static void set_look(const struct page *p, enum look look)
{
    if (p->colour)
        buf_put_text(p->to, looks[look]);
}

static void end_look(const struct page *p, enum look look)
{
    if (p->colour && look != LOOK_PLAIN)
        buf_put_text(p->to, "\033[0m");
}

static void put_token(const struct page *p, int32_t id, enum look look)
{
    set_look(p, look);
    if (p->vocab && id >= 0 && (size_t)id < p->vocab->n) {
        const char *token = vocab_token(p->vocab, id);
        const size_t n = vocab_token_len(p->vocab, id);

        for (size_t i = 0; i < n; i++) {
            const unsigned char byte = (unsigned char)token[i];
            /* C0 and DEL; C1 is 0xC2 0x80..0x9F in UTF-8. */
            const bool control = byte < 0x20 || byte == 0x7F ||
                                 (i && (unsigned char)token[i - 1] == 0xC2 && byte < 0xA0);

            buf_put_byte(p->to, control ? '?' : token[i]);
        }
    } else {
        buf_printf(p->to, "%ld", (long)id);
    }
    end_look(p, look);
}

static bool is_special(const struct vocab *v, int32_t id)
{
    return v && (id == v->cls || id == v->sep || id == v->pad);
}

static void put_segment(const struct page *p, const struct sequence *q, bool second)
{
    const size_t from = second ? q->n_first : 0;
    const size_t to = second ? q->n_ids : q->n_first;
    size_t masked = 0;

    if (from == to)
        return;
    while (masked < q->n_masked && (size_t)q->masked_at[masked] < from)
        masked++;
    buf_put_text(p->to, second ? "       B " : "       A ");
    for (size_t i = from; i < to; i++) {
        const bool is_masked = masked < q->n_masked && (size_t)q->masked_at[masked] == i;

        buf_put_byte(p->to, ' ');
        put_token(p, q->ids[i],
                  is_masked                         ? LOOK_MASKED
                  : is_special(p->vocab, q->ids[i]) ? LOOK_SPECIAL
                  : second                          ? LOOK_SEGMENT
                                                    : LOOK_PLAIN);
        if (!is_masked)
            continue;
        buf_put_byte(p->to, '{');
        put_token(p, q->masked_ids[masked++], LOOK_ORIGINAL);
        buf_put_byte(p->to, '}');
    }
    buf_put_byte(p->to, '\n');
}

void instance_text_row(struct buf *to, int64_t row, const struct sequence *sequences, size_t n,
                       size_t T, const struct vocab *vocab, bool colour)
{
    const struct page p = {.to = to, .vocab = vocab, .colour = colour};
    size_t tokens = 0;
    size_t masked = 0;

    for (size_t i = 0; i < n; i++) {
        tokens += sequences[i].n_ids;
        masked += sequences[i].n_masked;
    }
    set_look(&p, LOOK_HEAD);
    buf_printf(to, "row %lld: %zu %s, %zu of %zu tokens, %zu masked", (long long)row, n,
               n == 1 ? "sequence" : "sequences", tokens, T, masked);
    end_look(&p, LOOK_HEAD);
    buf_put_byte(to, '\n');
    for (size_t i = 0; i < n; i++) {
        const struct sequence *q = &sequences[i];

        set_look(&p, LOOK_HEAD);
        buf_printf(to, "  %3zu  %zu tokens, %s", i + 1, q->n_ids,
                   q->next_label == 1   ? "B is random"
                   : q->next_label == 0 ? "B follows A"
                                        : "no label");
        end_look(&p, LOOK_HEAD);
        buf_put_byte(to, '\n');
        put_segment(&p, q, false);
        put_segment(&p, q, true);
    }
}
