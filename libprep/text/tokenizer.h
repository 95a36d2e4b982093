/* tokenizer.h -- a line of text -> WordPiece ids: BasicTokenizer, then WordPiece.
 *
 * The whole of libprep/text for those who want ids and nothing else. The rules (basic.h) name the
 * program whose ids it gives; the ids equal that program's, Unicode 14. A tokenizer is read-only after
 * opening: any number of threads may use one, each with a scratch of its own.
 *
 * Example: the ids of each line of standard input, and where in the line they come from.
 *
 *     #include <stdio.h>
 *     #include <string.h>
 *
 *     #include "text/tokenizer.h"
 *
 *     int main(int argc, char **argv)
 *     {
 *         const struct tokenizer_options options = {.rules = "hf"};
 *         struct err err = {0};
 *         struct tokenizer *t = argc == 2 ? tokenizer_open(argv[1], &options, &err) : NULL;
 *         struct tokenizer_scratch *s = tokenizer_scratch_open();
 *         char line[1000];
 *
 *         if (!t) {
 *             fprintf(stderr, "example: %s\n", argc == 2 ? err.text : "which vocabulary?");
 *             return 1;
 *         }
 *         while (fgets(line, sizeof line, stdin)) {
 *             const struct span *spans;
 *             const int32_t *ids;
 *             size_t n;
 *
 *             tokenizer_encode(&ids, &n, t, s, line, strlen(line));
 *             for (size_t i = 0; i < n; i++)
 *                 printf("%d ", (int)ids[i]);
 *             tokenizer_encode_spans(&spans, &n, t, s, line, strlen(line));
 *             for (size_t i = 0; i < n; i++)
 *                 printf("%s=%.*s ", tokenizer_token(t, spans[i].id),
 *                        (int)(spans[i].end - spans[i].start), line + spans[i].start);
 *             printf("\n");
 *         }
 *         tokenizer_scratch_close(s);
 *         tokenizer_close(t);
 *         return 0;
 *     }
 */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/spans.h"
#include "text/tokens.h"

enum { TOKENIZER_LINE_END = -1 };

struct tokenizer;
struct tokenizer_scratch; /* what one thread needs between calls */

struct tokenizer_options {
    bool cased;        /* keep case and accents */
    const char *rules; /* "hf", "google" or "hf-fast" (basic.h) */
};

/* Loads the vocabulary (one token a line, the id is the line number from 0) and checks that the five
 * special tokens are in it. NULL with err. */
struct tokenizer *tokenizer_open(const char *vocab_path, const struct tokenizer_options *options,
                                 struct err *err);

/* What a token stream made with it says of itself; lives as long as the tokenizer. */
const struct tokens_header *tokenizer_header(const struct tokenizer *t);

/* The token of an id in [0, vocab_size), zero-terminated. */
const char *tokenizer_token(const struct tokenizer *t, int32_t id);

/* The id of a token of n bytes, -1 when it is not in the vocabulary. */
int32_t tokenizer_id(const struct tokenizer *t, const char *token, size_t n);

/* Whether nothing is left of the line by Python's strip(): the border between two documents. */
bool tokenizer_is_blank(const struct tokenizer *t, const char *line, size_t n);

struct tokenizer_scratch *tokenizer_scratch_open(void);

/* The same with about `cache` bytes for words met before; 8 MiB is the default, and it stays so. */
struct tokenizer_scratch *tokenizer_scratch_sized(size_t cache);
void tokenizer_scratch_close(struct tokenizer_scratch *s);

/* The ids of one line of n bytes (UTF-8; invalid bytes are skipped as Python's errors="ignore" does)
 * without [CLS] and [SEP]: *ids has *n_ids, and lives until the next call with this scratch. */
void tokenizer_encode(const int32_t **ids, size_t *n_ids, const struct tokenizer *t,
                      struct tokenizer_scratch *s, const char *line, size_t n);

/* The same for text of any number of lines, with TOKENIZER_LINE_END for each line feed: faster than
 * line by line, the more the shorter they are. */
void tokenizer_encode_lines(const int32_t **ids, size_t *n_ids, const struct tokenizer *t,
                            struct tokenizer_scratch *s, const char *lines, size_t n);

/* Whether bytes were skipped in what tokenizer_encode() or tokenizer_encode_lines() was last given. */
bool tokenizer_met_invalid(const struct tokenizer_scratch *s);

/* How many of the n >= 1 bytes of text can be encoded by themselves: up to `most`, cut behind white
 * space; more only where a word is longer. The ids of pieces so cut are those of the whole, so text of
 * any length needs little more memory than itself. */
size_t tokenizer_cut(const char *line, size_t n, size_t most);

/* The same ids, each with the bytes [start, end) of the line that it stands for. Slower. */
void tokenizer_encode_spans(const struct span **spans, size_t *n_spans, const struct tokenizer *t,
                            struct tokenizer_scratch *s, const char *line, size_t n);

/* Appends the text of n ids in [0, vocab_size): pieces that begin with "##" are joined to what comes
 * before, others by a space; [PAD], [CLS] and [SEP] are left out. Case, accents and white space that
 * encoding took away do not come back. */
void tokenizer_decode(struct buf *text, const struct tokenizer *t, const int32_t *ids, size_t n);

void tokenizer_close(struct tokenizer *t);

#endif
