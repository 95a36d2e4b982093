/* options.h -- what a caller wants of a page. All-zero is the default. */
#ifndef WIKI_OPTIONS_H
#define WIKI_OPTIONS_H

#include <stdbool.h>

enum options_lines {
    LINES_PLAIN,  /* a paragraph like any other */
    LINES_MARKED, /* "## Heading", "- item", "1. item" */
    LINES_DROPPED
};

enum options_math { MATH_DROPPED, MATH_PLACEHOLDER, MATH_TEX };

struct options {
    enum options_lines headings;
    enum options_lines lists;
    enum options_math math;
    bool tables;          /* each row a paragraph */
    bool captions;        /* of pictures, as paragraphs */
    bool code;            /* <syntaxhighlight>, line by line */
    bool drop_ipa;        /* pronunciations */
    bool all_sections;    /* References, See also and their like, too */
    const char *sections; /* further names of sections to leave out, '|' between; may be NULL */
    const char *variant;  /* of the language, "zh-tw"; NULL = the first of the wiki's */
};

#endif
