/* wordpiece.h -- a word -> pieces: the longest one that fits, again and again (WordpieceTokenizer).
 *
 * Two tries over bytes in one array: one of all tokens, for the start of a word, one of what follows
 * "##", for the rest of it. The children of a node lie side by side, their bytes sorted:
 *
 *      node:  id, where its children begin, how many      byte: the edge that leads to it
 *      leaf:  id, where the rest of the token is, how long it is
 *
 * Tokens and words are whole UTF-8, so a match in bytes never ends inside a character. */
#ifndef TEXT_WORDPIECE_H
#define TEXT_WORDPIECE_H

#include <stddef.h>
#include <stdint.h>

#include "text/vocab.h"

struct wordpiece_node {
    int32_t id; /* of the token that ends here or, in a leaf, behind the rest; -1 = none */
    uint32_t
        first;  /* child; of a leaf: in wordpiece.text, the rest of the only token that is left */
    uint16_t n; /* children, 0..256; 0 = a leaf */
    uint16_t wide; /* table of the child of each byte, plus 1; 0 = few children or no table left;
                     * of a leaf: length of the rest */
};

struct wordpiece {
    struct wordpiece_node *nodes; /* (n_nodes); 0 starts words, 1 continues them */
    unsigned char *bytes;         /* (n_nodes) */
    size_t n_nodes;
    const char *text;      /* of the vocabulary */
    unsigned char *tables; /* (n_tables, 256) children of the nodes that have many */
    size_t n_tables;
    int32_t unk;
    size_t max_points;
};

/* Words of more than max_points code points are [UNK]. The vocabulary is borrowed and must live as
 * long. */
void wordpiece_init(struct wordpiece *w, const struct vocab *vocab, size_t max_points);

/* The pieces of a word of n >= 1 bytes and n_points code points: [UNK] alone when they do not cover
 * it. `ids` has room for n; returns how many were written. */
size_t wordpiece_encode(int32_t *ids, const struct wordpiece *w, const char *word, size_t n,
                        size_t n_points);

/* The same, with how many bytes of the word each piece covers in `lengths`, which has as much room. */
size_t wordpiece_encode_lengths(int32_t *ids, size_t *lengths, const struct wordpiece *w,
                                const char *word, size_t n, size_t n_points);

void wordpiece_release(struct wordpiece *w);

#endif
