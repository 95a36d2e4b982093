/* alignment.h -- from the tokens of an answer back to the text: get_final_text() of the originals.
 *
 *      words of the context   "(John Smith's"            -> basic tokens "( john smith ' s"
 *      tokens of the answer   "john smith"               found there, at characters
 *      without spaces         (JohnSmith's  (johnsmith's one to one -> "John Smith"
 *
 * Where the two do not have the same number of characters without spaces, or the tokens are not
 * found, the answer is all the words. */
#ifndef SQUAD_ALIGNMENT_H
#define SQUAD_ALIGNMENT_H

#include <stddef.h>

#include "base/buf.h"
#include "text/basic.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

struct alignment {
    const struct unicode *unicode;
    const struct basic_rules *rules;
    bool cased;
    struct basic basic;
    struct buf tokens;
};

/* With the rules the tokens were made by. The unicode is borrowed. */
void alignment_init(struct alignment *a, const struct tokenizer *t, const struct unicode *u);
void alignment_release(struct alignment *a);

/* The part of `words` (n bytes of valid UTF-8) that `answer` (n_answer) stands for: *len bytes from
 * the returned pointer into `words`. */
const char *alignment_find(size_t *len, struct alignment *a, const char *words, size_t n,
                           const char *answer, size_t n_answer);

#endif
