/* template_words.h -- families of templates that stand for words: other languages, lists, ships.
 * For the table of templates.c: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_WORDS_H
#define WIKI_TEMPLATE_WORDS_H

#include <stdbool.h>

#include "wiki/template_call.h"

/* {{lang-de|Wort}}, {{langx|de|Wort}} with parameter "langx", {{enS|word}} with "s": "German: Wort" in the
 * words of the wiki's language. */
bool template_language(struct buf *to, const struct template_call *call, const char *parameter);

/* {{#language:de}}: "German". */
bool template_language_name(struct buf *to, const struct template_call *call,
                            const char *parameter);

/* Pronunciations, unless the options drop them: {{IPA|x}}, {{IPAc-en|...}} with parameter "c" as "/x/",
 * {{respell|...}} with "-". */
bool template_ipa(struct buf *to, const struct template_call *call, const char *parameter);

/* Says nothing, and tells that the page is one of meanings. */
bool template_disambiguation(struct buf *to, const struct template_call *call,
                             const char *parameter);

/* {{zh|s=...|t=...|p=...}}: "simplified Chinese: ...; traditional Chinese: ...". */
bool template_chinese(struct buf *to, const struct template_call *call, const char *parameter);

/* {{nihongo|word|kanji|romaji}}: "word (kanji, romaji)". */
bool template_nihongo(struct buf *to, const struct template_call *call, const char *parameter);

/* All positional arguments with the parameter between them; "\n" also around them. */
bool template_list(struct buf *to, const struct template_call *call, const char *parameter);

/* Each line a paragraph. */
bool template_poem(struct buf *to, const struct template_call *call, const char *parameter);

/* {{USS|Enterprise|CV-6}}: "USS Enterprise (CV-6)". */
bool template_ship(struct buf *to, const struct template_call *call, const char *parameter);

/* {{XXe siècle}}: the name itself, as it is written. */
bool template_own_name(struct buf *to, const struct template_call *call, const char *parameter);

/* {{souverain|Joseph II (empereur)}}: the title of a page without what tells it from others. */
bool template_bare_title(struct buf *to, const struct template_call *call, const char *parameter);

/* {{legend|#f00|text}}: an item of a list; elsewhere it is part of a picture. */
bool template_legend(struct buf *to, const struct template_call *call, const char *parameter);

/* {{s|XII}}: "XIIe siècle"; {{sp|V|e|au|VI|e}}; before our era when the name starts with '-'. */
bool template_century(struct buf *to, const struct template_call *call, const char *parameter);

/* {{"|text}}: in quotation marks; without a text the mark itself. */
bool template_quoted(struct buf *to, const struct template_call *call, const char *parameter);

#endif
