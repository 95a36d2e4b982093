/* passages.h -- the passages of a file one after the other, for those who predict. */
#ifndef SQUAD_PASSAGES_H
#define SQUAD_PASSAGES_H

#include "base/err.h"
#include "squad/passage.h"
#include "text/tokenizer.h"

struct passages;

/* path as in source_open(); tokenizer and options are borrowed. NULL with err. */
struct passages *passages_open(const char *path, const struct tokenizer *t,
                               const struct passage_options *options, struct err *err);

/* 1 with *p, the caller's to release, as many at once as it likes; 0 at the end; -1 with err, which
 * names the file, the place and the question. */
int passages_next(struct passage *p, struct passages *in, struct err *err);

void passages_close(struct passages *in); /* NULL is fine */

#endif
