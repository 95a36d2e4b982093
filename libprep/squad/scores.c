/* scores.c -- one mark a question, then sums. */
#include "squad/scores.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/source.h"
#include "squad/articles.h"
#include "squad/paragraph.h"
#include "squad/plain_answer.h"

enum { MAX_FILE = 1 << 30, BLOCK = 1 << 16 }; /* bytes of the predictions */

struct mark {
    char *id;
    bool answered; /* there is a prediction */
    bool empty;    /* it is "" */
    bool has_gold; /* an answer is given */
    bool again;    /* the id was there before: version 2.0 keeps the first place, the last marks */
    double exact1, f1; /* version 1.1 */
    double exact2, f2; /* version 2.0, before the threshold */
    double na_prob;
};

/* Marks [first, end) are of one article. */
struct part {
    char *title;
    size_t first, end;
};

struct scores {
    const struct scores_options *options;
    struct json *predictions;
    struct json *na_probs; /* NULL without the file */
    struct json *places;   /* id -> number of the first mark */
    struct mark *marks;    /* (n) */
    size_t n, cap;
    struct part *parts; /* (n_parts) */
    size_t n_parts, cap_parts;
    struct plain_answer guess, gold, nothing;
};

/* ---- marks ---- */

static double f1_of(const struct plain_answer *guess, const struct plain_answer *gold,
                    bool version_2)
{
    const struct plain_overlap o = plain_answer_overlap(guess, gold);
    double precision;
    double recall;

    if (version_2 && (o.n_a == 0 || o.n_b == 0))
        return o.n_a == o.n_b; /* no answer: 1 when they agree */
    if (o.n_same == 0)
        return 0;
    precision = 1.0 * (double)o.n_same / (double)o.n_a;
    recall = 1.0 * (double)o.n_same / (double)o.n_b;
    return 2 * precision * recall / (precision + recall);
}

static void raise_to(double *best, double value)
{
    if (value > *best)
        *best = value;
}

/* The best over the gold answers. Version 2.0 leaves out those of which nothing is left, and takes
 * "" where none is left. */
static void mark_guess(struct scores *s, struct mark *m, const struct question *q,
                       const char *guess, size_t len)
{
    bool some = false;

    plain_answer_set(&s->guess, guess, len);
    for (size_t i = 0; i < q->n_answers; i++) {
        bool same;

        plain_answer_set(&s->gold, q->answers[i].text, q->answers[i].len);
        same = plain_answer_same(&s->guess, &s->gold);
        raise_to(&m->exact1, same);
        raise_to(&m->f1, f1_of(&s->guess, &s->gold, false));
        if (s->gold.text.len == 0)
            continue;
        some = true;
        raise_to(&m->exact2, same);
        raise_to(&m->f2, f1_of(&s->guess, &s->gold, true));
    }
    if (!some) {
        m->exact2 = plain_answer_same(&s->guess, &s->nothing);
        m->f2 = f1_of(&s->guess, &s->nothing, true);
    }
}

static struct mark *new_mark(struct scores *s)
{
    if (s->n == s->cap) {
        s->cap = mem_grow(s->cap, s->n + 1);
        s->marks = mem_resize(s->marks, s->cap, sizeof *s->marks);
    }
    s->marks[s->n] = (struct mark){0};
    return &s->marks[s->n++];
}

static int mark_question(struct scores *s, const struct question *q, struct err *err)
{
    const struct json *guess = json_member(s->predictions, q->id);
    const struct json *place = json_member(s->places, q->id);
    struct mark *m = new_mark(s);
    struct mark *first;

    m->id = mem_text(q->id);
    m->answered = guess != NULL;
    m->has_gold = q->n_answers > 0;
    if (guess && json_kind_of(guess) != JSON_KIND_TEXT)
        return err_set(err, ERR_FORMAT, "the prediction of question '%s' is not a text", q->id);
    if (guess) {
        m->empty = json_text_len(guess) == 0;
        mark_guess(s, m, q, json_text_or(guess, ""), json_text_len(guess));
    }
    if (!place) {
        json_put_int(s->places, q->id, (int64_t)s->n - 1);
        return 0;
    }
    m->again = true;
    first = &s->marks[json_int_or(place, 0)];
    first->exact2 = m->exact2;
    first->f2 = m->f2;
    first->has_gold = m->has_gold;
    return 0;
}

static void end_part(struct scores *s, const char *title)
{
    const size_t first = s->n_parts ? s->parts[s->n_parts - 1].end : 0;

    if (s->n_parts == s->cap_parts) {
        s->cap_parts = mem_grow(s->cap_parts, s->n_parts + 1);
        s->parts = mem_resize(s->parts, s->cap_parts, sizeof *s->parts);
    }
    s->parts[s->n_parts++] = (struct part){.title = mem_text(title), .first = first, .end = s->n};
}

static int mark_paragraph(struct scores *s, const struct articles *in, const struct buf *json,
                          struct err *err)
{
    const struct articles_place place = articles_where(in);
    struct paragraph p;
    int rc = paragraph_parse(&p, json->data, json->len, PARAGRAPH_ANSWERS, err);

    if (rc == 0) {
        for (size_t i = 0; i < p.n_questions && rc == 0; i++)
            rc = mark_question(s, &p.questions[i], err);
        paragraph_release(&p);
    }
    return rc < 0 ? articles_err(in, &place, err) : 0;
}

/* All questions; the version the file names in *version, to be freed. */
static int mark_all(struct scores *s, char **version, const char *gold, struct err *err)
{
    struct articles *in = articles_open(gold, err);
    struct buf json = {0};
    int rc = in ? 1 : -1;

    while (rc > 0) {
        buf_clear(&json);
        rc = articles_next(in, &json, err);
        if (rc == ARTICLES_ARTICLE)
            end_part(s, articles_title(in));
        else if (rc == ARTICLES_PARAGRAPH && mark_paragraph(s, in, &json, err) < 0)
            rc = -1;
    }
    if (rc == 0)
        *version = mem_text(articles_version(in));
    if (rc == 0 && s->n == 0)
        rc = err_set(err, ERR_FORMAT, "%s: there are no questions", gold);
    articles_close(in);
    buf_release(&json);
    return rc;
}

/* ---- sums ---- */

/* The members of a result, behind the prefix: "HasAns_exact". */
static void put_sum(struct json *to, const char *prefix, double exact, double f1, size_t total,
                    const char *exact_name, bool with_total)
{
    struct buf name = {0};

    buf_printf(&name, "%s%s", prefix, exact_name);
    json_put_real(to, name.data, 100.0 * exact / (double)total);
    buf_clear(&name);
    buf_printf(&name, "%sf1", prefix);
    json_put_real(to, name.data, 100.0 * f1 / (double)total);
    buf_clear(&name);
    buf_printf(&name, "%stotal", prefix);
    if (with_total)
        json_put_int(to, name.data, (int64_t)total);
    buf_release(&name);
}

static void sum_version_1(struct json *to, const struct scores *s, size_t first, size_t end)
{
    double exact = 0;
    double f1 = 0;

    for (size_t i = first; i < end; i++) {
        exact += s->marks[i].exact1;
        f1 += s->marks[i].f1;
    }
    put_sum(to, "", exact, f1, end - first, "exact_match", false);
}

enum which { ALL, WITH_ANSWER, WITHOUT };
static const char *const prefixes[] = {[ALL] = "", [WITH_ANSWER] = "HasAns_", [WITHOUT] = "NoAns_"};

static void sum_version_2(struct json *to, const struct scores *s, size_t first, size_t end)
{
    for (enum which which = ALL; which <= WITHOUT; which++) {
        double exact = 0;
        double f1 = 0;
        size_t total = 0;

        for (size_t i = first; i < end; i++) {
            const struct mark *m = &s->marks[i];
            const bool nothing = m->na_prob > s->options->na_threshold;

            if (m->again || (which != ALL && m->has_gold != (which == WITH_ANSWER)))
                continue;
            exact += nothing ? !m->has_gold : m->exact2;
            f1 += nothing ? !m->has_gold : m->f2;
            total++;
        }
        if (total > 0)
            put_sum(to, prefixes[which], exact, f1, total, "exact", true);
    }
}

/* ---- thresholds ---- */

struct na_prob {
    const struct mark *mark;   /* NULL: no question of that name */
    const struct json *number; /* as it is in the file: an integer stays one */
    double value;
    size_t order;
};

struct na_list {
    struct na_prob *items; /* (n) */
    size_t n;
    struct scores *scores;
    struct err *err;
};

static int put_na_prob(void *context, const char *id, const struct json *value)
{
    struct na_list *list = context;
    const struct json *place = json_member(list->scores->places, id);
    const enum json_kind kind = json_kind_of(value);
    struct na_prob *p = &list->items[list->n];

    if (kind != JSON_KIND_INT && kind != JSON_KIND_REAL)
        return err_set(list->err, ERR_FORMAT, "'%s' is not a number", id);
    *p = (struct na_prob){.number = value, .value = json_real_or(value, 0), .order = list->n++};
    if (place) {
        struct mark *m = &list->scores->marks[json_int_or(place, 0)];

        p->mark = m;
        m->na_prob = p->value;
    }
    return 0;
}

static int by_na_prob(const void *a, const void *b)
{
    const struct na_prob *x = a;
    const struct na_prob *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* The probabilities, lowest first, of equal ones in the order of the file. */
static int read_na_probs(struct na_list *list, struct scores *s, struct err *err)
{
    const size_t n = json_count(s->na_probs);

    *list = (struct na_list){.items = mem_array(n, sizeof *list->items), .scores = s, .err = err};
    if (json_each(s->na_probs, put_na_prob, list) < 0)
        return err_in(err, "%s", s->options->na_probs);
    for (size_t i = 0; i < s->n; i++)
        if (!json_member(s->na_probs, s->marks[i].id))
            return err_set(err, ERR_FORMAT, "%s: question '%s' is missing", s->options->na_probs,
                           s->marks[i].id);
    if (n > 0)
        qsort(list->items, n, sizeof *list->items, by_na_prob);
    return 0;
}

/* Starts with "" for all questions, and lets one after the other have its answer. */
static void put_best(struct json *to, const struct scores *s, const struct na_list *list,
                     bool exact)
{
    const struct na_prob *best = NULL;
    double score = 0;
    double best_score;
    size_t total = 0;

    for (size_t i = 0; i < s->n; i++) {
        total += !s->marks[i].again;
        score += !s->marks[i].again && !s->marks[i].has_gold;
    }
    best_score = score;
    for (size_t i = 0; i < list->n; i++) {
        const struct mark *m = list->items[i].mark;

        if (!m)
            continue;
        if (m->has_gold)
            score += exact ? m->exact2 : m->f2;
        else
            score -= !m->empty;
        if (score > best_score) {
            best_score = score;
            best = &list->items[i];
        }
    }
    json_put_real(to, exact ? "best_exact" : "best_f1", 100.0 * best_score / (double)total);
    if (best && json_kind_of(best->number) == JSON_KIND_INT)
        json_put_int(to, exact ? "best_exact_thresh" : "best_f1_thresh",
                     json_int_or(best->number, 0));
    else
        json_put_real(to, exact ? "best_exact_thresh" : "best_f1_thresh", best ? best->value : 0);
}

/* ---- all ---- */

static int check_version_1(const struct scores *s, struct err *err)
{
    if (s->na_probs)
        return err_set(err, ERR_USAGE, "probabilities of no answer are for version 2.0");
    for (size_t i = 0; i < s->n; i++) {
        const struct mark *m = &s->marks[i];

        if (!m->answered && s->options->unanswered)
            s->options->unanswered(s->options->context, m->id);
        if (m->answered && !m->has_gold)
            return err_set(err, ERR_FORMAT,
                           "question '%s' has no answers: is this a file of version 2.0?", m->id);
    }
    return 0;
}

static int check_version_2(const struct scores *s, struct err *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->marks[i].answered)
            return err_set(err, ERR_FORMAT, "question '%s' has no prediction", s->marks[i].id);
    return 0;
}

static struct json *sum_parts(const struct scores *s, enum scores_version version)
{
    struct json *list = json_new_list();

    for (size_t i = 0; i < s->n_parts; i++) {
        const struct part *part = &s->parts[i];
        struct json *item = json_new_map();

        json_put_text(item, "title", part->title);
        if (version == SCORES_2_0)
            sum_version_2(item, s, part->first, part->end);
        else if (part->end > part->first)
            sum_version_1(item, s, part->first, part->end);
        json_push(list, item);
    }
    return list;
}

static struct json *sum_all(struct scores *s, enum scores_version version, struct err *err)
{
    struct json *result = json_new_map();
    struct na_list list = {0};
    int rc = version == SCORES_2_0 ? check_version_2(s, err) : check_version_1(s, err);

    if (rc == 0 && s->na_probs)
        rc = read_na_probs(&list, s, err);
    if (rc == 0 && version == SCORES_2_0)
        sum_version_2(result, s, 0, s->n);
    else if (rc == 0)
        sum_version_1(result, s, 0, s->n);
    if (rc == 0 && s->na_probs) {
        put_best(result, s, &list, true);
        put_best(result, s, &list, false);
    }
    if (rc == 0 && s->options->articles)
        json_put(result, "articles", sum_parts(s, version));
    free(list.items);
    if (rc == 0)
        return result;
    json_release(result);
    return NULL;
}

/* A JSON object from anywhere. */
static struct json *load_map(const char *path, struct err *err)
{
    struct source *in = source_open(path, err);
    struct buf text = {0};
    struct json *map = NULL;
    int64_t n = in ? 1 : -1;

    while (n > 0) {
        n = source_read(in, buf_reserve(&text, BLOCK), BLOCK, err);
        if (n > 0)
            text.len += (size_t)n;
        if (text.len > MAX_FILE)
            n = err_set(err, ERR_LIMIT, "%s: over %d bytes", path, MAX_FILE);
    }
    if (n == 0) {
        map = json_parse(text.data ? text.data : "", text.len, err);
        if (map && json_kind_of(map) != JSON_KIND_MAP) {
            json_release(map);
            map = NULL;
            err_set(err, ERR_FORMAT, "it is not a JSON object");
        }
        if (!map)
            err_in(err, "%s", path);
    }
    source_close(in);
    buf_release(&text);
    return map;
}

static enum scores_version choose(const struct scores_options *o, const char *of_file)
{
    const char *number = of_file + (*of_file == 'v');
    const enum scores_version found = *number == '2' ? SCORES_2_0 : SCORES_1_1;

    if (o->version == SCORES_BY_FILE)
        return found;
    if (*of_file && o->version != found && o->other_version)
        o->other_version(o->context, of_file);
    return o->version;
}

static void release(struct scores *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->marks[i].id);
    for (size_t i = 0; i < s->n_parts; i++)
        free(s->parts[i].title);
    free(s->marks);
    free(s->parts);
    json_release(s->predictions);
    json_release(s->na_probs);
    json_release(s->places);
    plain_answer_release(&s->guess);
    plain_answer_release(&s->gold);
    plain_answer_release(&s->nothing);
}

struct json *scores_make(enum scores_version *used, const char *gold, const char *predictions,
                         const struct scores_options *options, struct err *err)
{
    struct unicode *u = unicode_open();
    struct scores s = {.options = options,
                       .places = json_new_map(),
                       .guess = {.unicode = u},
                       .gold = {.unicode = u},
                       .nothing = {.unicode = u}};
    struct json *result = NULL;
    char *version = NULL;

    s.predictions = load_map(predictions, err);
    if (!s.predictions)
        goto out;
    s.na_probs = options->na_probs ? load_map(options->na_probs, err) : NULL;
    if (options->na_probs && !s.na_probs)
        goto out;
    if (mark_all(&s, &version, gold, err) == 0) {
        *used = choose(options, version);
        result = sum_all(&s, *used, err);
    }
out:
    release(&s);
    unicode_close(u);
    free(version);
    return result;
}
