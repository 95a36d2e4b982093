/* abbreviations.h -- words that end with a full stop that ends no sentence. */
#ifndef TEXT_ABBREVIATIONS_H
#define TEXT_ABBREVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* LANGUAGE_AUTO knows the words that do no harm in any language; scripts tell themselves apart. */
enum language {
    LANGUAGE_AUTO,
    LANGUAGE_ARABIC,
    LANGUAGE_ENGLISH,
    LANGUAGE_FRENCH,
    LANGUAGE_GERMAN,
    LANGUAGE_HINDI,
    LANGUAGE_ITALIAN,
    LANGUAGE_JA,
    LANGUAGE_KO,
    LANGUAGE_PORTUGUESE,
    LANGUAGE_RUSSIAN,
    LANGUAGE_SPANISH,
    LANGUAGE_TURKISH,
    LANGUAGE_ZH /* the last */
};

/* The code of a Wikipedia -> the language; the choices of a tool's option are LANGUAGES. */
#define LANGUAGES "auto|ar|de|en|es|fr|hi|it|ja|ko|pt|ru|simple|tr|zh"
enum language language_of(const char *name);

enum abbreviation {
    ABBREVIATION_NONE,
    ABBREVIATION_TITLE,  /* a name follows: never the end */
    ABBREVIATION_NUMBER, /* a number follows: the end when none does */
    ABBREVIATION_PLACE, /* "Mich.", "Jan.", "Co.": the end when a word follows that starts sentences */
    ABBREVIATION_LAST, /* "etc.", "p.m.": the end before a capital */
    ABBREVIATION_NEVER /* "e.g.", "vs.": what follows belongs to it */
};

/* The kind of a word in a language, without its last full stop; inner stops count ("e.g"). Any case. */
enum abbreviation abbreviation_of(enum language language, const char *word, size_t n);

/* Whether a capitalised word is of those that usually start a sentence: "The", "However". */
bool abbreviation_is_starter(enum language language, const char *word, size_t n);

/* Whether a word is the name of a month in a language that writes "3. Oktober". */
bool abbreviation_is_month(const char *word, size_t n);

#endif
