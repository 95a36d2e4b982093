/* encode.c -- the encoder's output for given ids, to compare with other programs.
 *
 *   encode MODEL < TOKENS      MODEL: what weights_load() takes, with config.json in that folder
 *
 * TOKENS: "id segment" a line, one sequence; prints the features of each token in a line. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/batch.h"
#include "model/encoder.h"
#include "model/weights.h"

enum { MAX_TOKENS = 512 };

static void read_tokens(struct batch *b)
{
    char line[64];

    while (b->n_tokens < MAX_TOKENS && fgets(line, sizeof line, stdin)) {
        char *rest;

        b->ids[b->n_tokens] = (int32_t)strtol(line, &rest, 10);
        b->segments[b->n_tokens] = (int32_t)strtol(rest, NULL, 10);
        b->positions[b->n_tokens] = (int32_t)b->n_tokens;
        b->n_tokens++;
    }
    b->starts[0] = 0;
    b->starts[++b->n_sequences] = b->n_tokens;
}

static void print_output(const float *out, size_t T, size_t H)
{
    for (size_t i = 0; i < T * H; i++)
        printf("%.9g%c", out[i], i % H == H - 1 ? '\n' : ' ');
}

int main(int argc, char **argv)
{
    char *path = file_join(argc == 2 ? argv[1] : "", "config.json");
    const struct bert_pass pass = {.dropout = false};
    struct bert_config config;
    struct weights_report report;
    struct params_list list;
    struct encoder *encoder;
    struct batch batch;
    struct err err = {0};
    float *params;

    if (argc != 2 || config_load(&config, path, &err) < 0) {
        fprintf(stderr, "encode: %s\n", err.text);
        return 2;
    }
    params_list_init(&list, &config);
    params = mem_array(list.n_floats, sizeof *params);
    if (weights_load(params, &report, &list, argv[1], &err) < 0) {
        fprintf(stderr, "encode: %s\n", err.text);
        return 2;
    }
    batch_init(&batch, MAX_TOKENS, 1, 1);
    read_tokens(&batch);
    encoder = encoder_open(&config, &list, batch.n_tokens, false, NULL);
    print_output(encoder_forward(encoder, params, &batch, &pass), batch.n_tokens,
                 config.hidden_size);
    encoder_close(encoder);
    batch_release(&batch);
    free(params);
    params_list_release(&list);
    free(path);
    return 0;
}
