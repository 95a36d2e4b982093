/* make-pretrain-plan.h -- what make-pretrain is asked for -> what is to be made, of what, and where.
 *
 *      args --> target      where the shards go
 *           --> inputs      what is read
 *           --> settled     options whose defaults depend on others have their values
 *           --> options     as the library takes them */
#ifndef MAKE_PRETRAIN_PLAN_H
#define MAKE_PRETRAIN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "instance/pretrain.h"

/* Options whose default depends on others. */
enum { PLAN_NOT_GIVEN = -1 };

struct plan_args {
    const char *output, *input, *vocab, *rules, *prefix, *rng, *check;
    const char *pairs, *nsp_label, *masking, *format, *compression;
    int64_t seq_length, max_predictions, dupe_factor, seed;
    int64_t shards, test_shards;
    double masked_lm_prob, short_seq_prob, test_fraction;
    bool whole_words, keep_original, document_ids, cased, lower_case, quiet;
    uint64_t memory;
    int64_t threads;
};

/* Where the results go. */
struct plan_target {
    char *folder;
    char *prefix;    /* of the shards' names, and of the hidden folder's */
    char *file_name; /* of a single shard, else NULL */
    char *metadata;
};

/* The inputs: operands, --input, and the .txt files of folders. */
struct plan_inputs {
    char **all;
    size_t n;
};

/* What was found so far is released even after a failure, here and below. */
int plan_target(struct plan_target *t, const struct plan_args *a, struct err *err);
void plan_release_target(struct plan_target *t);

/* Operands, --input, and the .txt files of folders; standard input when there is none. */
int plan_inputs(struct plan_inputs *p, const struct plan_args *a, char *const *operands, size_t n,
                struct err *err);
void plan_release_inputs(struct plan_inputs *p);

/* Whether each input becomes a shard of its own, as the original makes it (--rng python). */
bool plan_is_original(const struct plan_args *a);

/* Gives the options that depend on others their values, and refuses what contradicts itself. */
int plan_settle(struct plan_args *a, const struct plan_target *t, size_t n_inputs, struct err *err);

/* Of settled arguments. What they point to is borrowed; origin, comm and progress are left to the caller. */
struct pretrain_options plan_options(const struct plan_args *a, const struct plan_target *t);

#endif
