/* bert-train-tune.h -- bert-train squad, bert-train classify */
#ifndef TOOLS_BERT_TRAIN_TUNE_H
#define TOOLS_BERT_TRAIN_TUNE_H

int squad_main(int argc, char **argv);
int classify_main(int argc, char **argv);

#endif
