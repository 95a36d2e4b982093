/* bert-train-pretrain.h -- "bert-train pretrain". */
#ifndef TOOLS_BERT_TRAIN_PRETRAIN_H
#define TOOLS_BERT_TRAIN_PRETRAIN_H

/* argv[0] is the command's name. Returns the exit status. */
int pretrain_main(int argc, char **argv);

#endif
