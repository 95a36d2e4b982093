/* bert-predict-ask.h -- questions about one text, typed and answered one by one. */
#ifndef TOOLS_BERT_PREDICT_ASK_H
#define TOOLS_BERT_PREDICT_ASK_H

#include "base/err.h"
#include "bert-predict.h"
#include "squad/nbest.h"
#include "squad/passage.h"

struct ask_options {
    const char *text; /* the file */
    int64_t top;
    bool json;
};

/* Reads questions from standard input until its end and writes answers to standard output. */
int ask(const struct tool *tool, const struct ask_options *o, const struct predict_options *model,
        const struct passage_options *passage, const struct nbest_options *nbest, struct err *err);

#endif
