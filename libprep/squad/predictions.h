/* predictions.h -- the answers of a model as files (schemas/squad-predictions.md): predictions.json,
 * nbest_predictions.json and, for version 2, null_odds.json.
 *
 * Byte for byte what the originals' json.dumps(..., indent=4) writes, in the order of the questions.
 * The PyTorch system's rules for version 2 need the null logits of the last question: until then
 * the answers wait in an unnamed file. The ids are kept, to find one that comes twice: about 150
 * bytes a question. */
#ifndef SQUAD_PREDICTIONS_H
#define SQUAD_PREDICTIONS_H

#include "base/err.h"
#include "squad/nbest.h"

struct predictions;

/* Files in the folder, which is made where missing; they have their names after the commit. NULL
 * with err. */
struct predictions *predictions_open(const char *folder, const struct nbest_options *options,
                                     struct err *err);

/* The next question, decoded but not finished; `b` is finished or handed back as it was. A question
 * without windows is left out by the PyTorch system's rules. */
int predictions_put(struct predictions *p, const char *id, bool has_windows, struct nbest *b,
                    struct err *err);

int predictions_commit(struct predictions *p, struct err *err);
void predictions_close(struct predictions *p); /* drops what was not committed; NULL is fine */

#endif
