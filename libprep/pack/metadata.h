/* metadata.h -- what a plan comes to, in numbers: the metadata of packs and the output of
 * `nnlsh-pack plan` (schemas/pack-metadata.md). */
#ifndef PACK_METADATA_H
#define PACK_METADATA_H

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "pack/histogram.h"
#include "pack/packer.h"
#include "pack/plan.h"

/* All keys of a plan, for n_packs packs (the plan's own number, or the rows really written). */
struct json *metadata_of_plan(const struct plan *plan, const struct histogram *h,
                              const char *solver, uint64_t n_packs);

/* The same of a finished packer, with its options and its files with their SHA-256; NULL with err. */
struct json *metadata_of_packs(const struct packer *p, struct err *err);

#endif
