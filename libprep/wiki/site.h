/* site.h -- what one wiki calls things: namespaces, language, the word for a redirect.
 *
 * A dump names its namespaces; the names every wiki understands besides (English ones, and those of
 * other languages, which survive in copied text) are built in. Names compare without regard to
 * case, and '_' is a blank. */
#ifndef WIKI_SITE_H
#define WIKI_SITE_H

#include <stdbool.h>
#include <stddef.h>

enum site_namespace {
    SITE_MEDIA = -2,
    SITE_SPECIAL = -1,
    SITE_ARTICLE = 0,
    SITE_FILE = 6,
    SITE_TEMPLATE = 10,
    SITE_CATEGORY = 14,
    SITE_OTHER = 10000 /* a built-in name for which no number is needed */
};

enum { SITE_MAX_NAMESPACES = 1024 };

struct site {
    char *language; /* "de", NULL when the dump does not say */
    size_t n_names;
    struct site_name {
        char *folded; /* lower case */
        int key;
    } * names; /* (n_names) */
};

/* A name in the form in which names are compared: lower case, '_' as a blank, blanks collapsed and
 * trimmed. Its length; 0 when it is empty or `max` bytes are too few. */
size_t site_fold(char *to, size_t max, const char *text, size_t n);

/* Name of a namespace as <siteinfo> has it; names over the limit are ignored. */
void site_add_namespace(struct site *s, int key, const char *name);
void site_set_language(struct site *s, const char *language);
void site_release(struct site *s);

/* The namespace a title starts with ("Talk:X"), SITE_ARTICLE when there is no known prefix.
 * *prefix is then 0, else the bytes before and with the ':'. */
int site_namespace_of(const struct site *s, const char *title, size_t n, size_t *prefix);

/* What a link target (no leading ':') says before its first ':'. */
enum site_link {
    SITE_LINK_ARTICLE,  /* an article, or another page whose name is shown */
    SITE_LINK_FILE,     /* a picture: nothing to read */
    SITE_LINK_CATEGORY, /* a category: shown elsewhere */
    SITE_LINK_LANGUAGE, /* the same article in another language: shown elsewhere */
    SITE_LINK_PROJECT   /* a page of another namespace or project; *prefix as above */
};
enum site_link site_link_of(const struct site *s, const char *target, size_t n, size_t *prefix);

/* Whether a page's text is "#REDIRECT [[...", in any of the common languages. */
bool site_is_redirect(const char *text, size_t n);

#endif
