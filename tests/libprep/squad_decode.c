/* squad_decode VOCAB QUESTIONS LOGITS FOLDER RULES VERSION [STRIDE QUERY [N_BEST LENGTH THRESHOLD]]
 * -- saved logits to prediction files, through the library alone; uncased. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "squad/decoding.h"
#include "squad/logits.h"

static double number(int argc, char **argv, int i, double fallback)
{
    return argc > i ? strtod(argv[i], NULL) : fallback;
}

int main(int argc, char **argv)
{
    const struct tokenizer_options tokenizer_options = {.rules = "hf"};
    struct passage_options passage = {0};
    struct nbest_options nbest = {0};
    struct decoding_counts counts;
    struct logits logits = {0};
    struct tokenizer *t;
    struct err err = {0};
    int rc = -1;

    if (argc < 7)
        return 2;
    passage.doc_stride = (size_t)number(argc, argv, 7, 128);
    passage.max_query_length = (size_t)number(argc, argv, 8, 64);
    nbest.pytorch = !strcmp(argv[5], "pytorch");
    nbest.version_2 = !strcmp(argv[6], "2.0");
    nbest.n_best = (size_t)number(argc, argv, 9, 20);
    nbest.max_answer_length = (size_t)number(argc, argv, 10, 30);
    nbest.null_threshold = number(argc, argv, 11, 0);
    t = tokenizer_open(argv[1], &tokenizer_options, &err);
    if (t && logits_open(&logits, argv[3], &err) == 0) {
        passage.seq_length = logits.seq_length;
        logits_close(&logits);
        rc = decoding_run(&counts, argv[4], argv[2], argv[3], t, &passage, &nbest, &err);
    }
    tokenizer_close(t);
    if (rc < 0)
        fprintf(stderr, "squad_decode: %s\n", err.text);
    return rc < 0;
}
