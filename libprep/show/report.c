/* report.c -- tables, and histograms as inline SVG; colours are variables, so that a page follows the
 * reader's choice of light or dark. */
#include "show/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
    MAX_BARS = 64,
    WIDTH = 560,
    HEIGHT = 190,
    LEFT = 58, /* room for the axis */
    BOTTOM = 34,
    TOP = 18,
    RIGHT = 14,     /* room for the last label */
    WIDEST = 56,    /* a bar */
    FAR_ABOVE = 4,  /* times the second highest: a bar is cut short */
    MAX_FILES = 200 /* rows of the table of files */
};

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2433;--soft:#667085;--paper:#fff;--line:#d9dee7;"
    "--bar:#2f6fde}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a2b3;--paper:#14181f;"
    "--line:#333b48;--bar:#6ea2ff}}\n"
    "body{margin:2rem auto;max-width:1180px;padding:0 1rem;background:var(--paper);"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.2rem}h3{font-size:1rem;margin:0}\n"
    "p{color:var(--soft);margin:.2rem 0 1rem}\n"
    "table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:left;"
    "border-bottom:1px solid var(--line);font-weight:400}th{color:var(--soft)}\n"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(480px,1fr));gap:1.6rem;"
    "margin:1.4rem 0}figure{margin:0}figcaption{color:var(--soft);font-size:.87rem}\n"
    "svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:11px}\n"
    "svg .bar{fill:var(--bar)}svg .axis{stroke:var(--line)}svg "
    ".cut{stroke:var(--paper);stroke-width:3}\n"
    "details pre{white-space:pre-wrap;overflow-wrap:anywhere;color:var(--soft)}\n";

static void put_escaped(struct buf *to, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_put_text(to, "&amp;");
            break;
        case '<':
            buf_put_text(to, "&lt;");
            break;
        case '>':
            buf_put_text(to, "&gt;");
            break;
        case '"':
            buf_put_text(to, "&quot;");
            break;
        default:
            buf_put_byte(to, *text);
        }
    }
}

/* 1234567 as 1,234,567 */
static void put_number(struct buf *to, int64_t value)
{
    char digits[32];
    size_t n = 0;

    for (uint64_t left = value < 0 ? (uint64_t)-value : (uint64_t)value; left || n == 0; left /= 10)
        digits[n++] = (char)('0' + left % 10);
    if (value < 0)
        buf_put_byte(to, '-');
    while (n-- > 0) {
        buf_put_byte(to, digits[n]);
        if (n && n % 3 == 0)
            buf_put_byte(to, ',');
    }
}

static void row_start(struct buf *to, const char *name)
{
    buf_put_text(to, "<tr><th>");
    buf_put_text(to, name);
    buf_put_text(to, "</th><td>");
}

static void row_end(struct buf *to)
{
    buf_put_text(to, "</td></tr>\n");
}

/* ---- histograms ---- */

/* The next round number: 1, 2 or 5 times a power of ten. */
static double round_up(double value)
{
    double power = 1;

    while (power * 10 <= value)
        power *= 10;
    return value <= power       ? power
           : value <= 2 * power ? 2 * power
           : value <= 5 * power ? 5 * power
                                : 10 * power;
}

/* Bars of one histogram, and how high the axis goes. */
struct bars {
    int64_t counts[MAX_BARS];
    size_t n;
    size_t first; /* value of the first bar */
    size_t last;  /* of the last one */
    size_t step;  /* values a bar */
    double top;
};

/* One bar far above the others, as that of full rows is, would leave nothing to be seen of them: it is
 * cut short, and its number written on it. */
static void make_bars(struct bars *b, const struct spread *t)
{
    int64_t highest = 1;
    int64_t second = 0;

    *b = (struct bars){.first = spread_least(t), .last = spread_most(t)};
    b->step = (b->last - b->first) / MAX_BARS + 1;
    b->n = (b->last - b->first) / b->step + 1;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t v = b->first + i * b->step; v < t->n && v < b->first + (i + 1) * b->step; v++)
            b->counts[i] += t->counts[v];
        if (b->counts[i] > highest) {
            second = highest;
            highest = b->counts[i];
        } else if (b->counts[i] > second) {
            second = b->counts[i];
        }
    }
    b->top =
        second > 1 && highest / FAR_ABOVE > second ? 1.25 * (double)second : 1.02 * (double)highest;
}

static double height_of(double count, double top)
{
    return (count < top ? count / top : 1) * (HEIGHT - TOP - BOTTOM);
}

/* Lines and numbers of the vertical axis. */
static void put_scale(struct buf *to, double top)
{
    const int64_t step = (int64_t)round_up(top / 4 > 1 ? top / 4 : 1);

    for (int64_t value = 0; (double)value <= top; value += step) {
        const double y = HEIGHT - BOTTOM - height_of((double)value, top);

        buf_printf(to,
                   "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                   "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                   LEFT, WIDTH, y, y, LEFT - 6, y + 4);
        put_number(to, value);
        buf_put_text(to, "</text>\n");
    }
}

static void put_bar(struct buf *to, const struct bars *b, size_t i, double middle, double width)
{
    const size_t from = b->first + i * b->step;
    const size_t last = from + b->step - 1 < b->last ? from + b->step - 1 : b->last;
    const double high = height_of((double)b->counts[i], b->top);
    const double y = HEIGHT - BOTTOM - high;

    buf_printf(to,
               "<rect class=\"bar\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>",
               middle - width / 2, y, width, high);
    if (from == last)
        buf_printf(to, "%zu: ", from);
    else
        buf_printf(to, "%zu to %zu: ", from, last);
    put_number(to, b->counts[i]);
    buf_put_text(to, "</title></rect>\n");
    if ((double)b->counts[i] <= b->top)
        return;
    buf_printf(to,
               "<path class=\"cut\" d=\"M%.2f %.2fl%.2f -6\"/><text x=\"%.1f\" y=\"%.1f\" "
               "text-anchor=\"%s\">",
               middle - width / 2 - 2, y + 12, width + 4, middle + width / 2, y - 4,
               i > b->n / 2 ? "end" : "start");
    put_number(to, b->counts[i]);
    buf_put_text(to, "</text>\n");
}

static void put_bars(struct buf *to, const struct bars *b)
{
    const double place = (double)(WIDTH - LEFT) / (double)b->n;
    const double width = 0.88 * place < WIDEST ? 0.88 * place : WIDEST;
    const size_t label_every = (b->n + 7) / 8;

    for (size_t i = 0; i < b->n; i++) {
        const double middle = LEFT + ((double)i + 0.5) * place;

        if (b->counts[i])
            put_bar(to, b, i, middle, width);
        if (i % label_every == 0)
            buf_printf(to, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n", middle,
                       HEIGHT - BOTTOM + 15, b->first + i * b->step);
    }
}

static void put_chart(struct buf *to, const char *title, const char *unit, const struct spread *t)
{
    struct bars bars;

    buf_printf(to, "<figure><h3>%s</h3>\n", title);
    if (t->n_values == 0) {
        buf_put_text(to, "<figcaption>nothing to show</figcaption></figure>\n");
        return;
    }
    make_bars(&bars, t);
    buf_printf(to, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH + RIGHT,
               HEIGHT, title);
    put_scale(to, bars.top);
    put_bars(to, &bars);
    buf_printf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text></svg>\n", WIDTH,
               HEIGHT - 4, unit);
    buf_printf(to,
               "<figcaption>%zu to %zu, mean %.2f, median %zu, 95 %% up to %zu</figcaption>"
               "</figure>\n",
               bars.first, bars.last, spread_mean(t), spread_part(t, 0.5), spread_part(t, 0.95));
}

/* ---- a set ---- */

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static void put_bound(struct buf *to, const struct json *metadata)
{
    const int64_t bound = json_int_or(json_member(metadata, "lower_bound"), 0);
    const int64_t packs = json_int_or(json_member(metadata, "new_number_of_samples"), 0);

    if (!bound || packs < bound)
        return;
    row_start(to, "fewest rows there can be");
    put_number(to, bound);
    if (packs == bound)
        buf_put_text(to, ", reached: no packing has fewer");
    else
        buf_printf(to, "; at most %lld more were used", (long long)(packs - bound));
    row_end(to);
}

static void put_masking(struct buf *to, const struct statistics *s)
{
    const int64_t masked = s->masked.sum;

    row_start(to, "masked");
    put_number(to, masked);
    buf_printf(to,
               ", %.2f %% of the tokens: %.1f %% as id %ld, %.1f %% as they were, %.1f %% others",
               percent(masked, s->length.sum), percent(s->n_mask, masked), (long)s->mask_id,
               percent(s->n_kept, masked), percent(s->n_other, masked));
    row_end(to);
    row_start(to, "second segment");
    buf_printf(to, "%.1f %% follow, %.1f %% are random, %.1f %% without label",
               percent(s->n_follows, s->length.n_values), percent(s->n_random, s->length.n_values),
               percent(s->n_unlabelled, s->length.n_values));
    row_end(to);
}

static void put_summary(struct buf *to, const struct report_set *set)
{
    const struct statistics *s = set->statistics;

    buf_put_text(to, "<table>\n");
    row_start(to, "rows");
    put_number(to, s->n_rows);
    buf_printf(to, " of %zu tokens", s->shape.seq_length);
    row_end(to);
    row_start(to, "sequences");
    put_number(to, s->length.n_values);
    buf_printf(to, ", %.4f a row", spread_mean(&s->sequences));
    row_end(to);
    row_start(to, "tokens");
    put_number(to, s->length.sum);
    buf_printf(to, ", %.4f %% of the rows' room", 100 * statistics_efficiency(s));
    row_end(to);
    put_masking(to, s);
    if (set->metadata)
        put_bound(to, set->metadata);
    if (s->origin.vocab_size) {
        row_start(to, "vocabulary");
        put_number(to, s->origin.vocab_size);
        buf_put_text(to, " tokens");
        if (s->origin.vocab_sha256[0]) {
            buf_put_text(to, ", SHA-256 ");
            put_escaped(to, s->origin.vocab_sha256);
        }
        row_end(to);
    }
    buf_put_text(to, "</table>\n");
}

static void put_files(struct buf *to, const struct statistics *s)
{
    buf_printf(to, "<details><summary>%zu %s</summary><table>\n", s->n_files,
               s->n_files == 1 ? "file" : "files");
    for (size_t i = 0; i < s->n_files && i < MAX_FILES; i++) {
        char *name = file_base(s->files[i].path);

        buf_put_text(to, "<tr><td>");
        put_escaped(to, name);
        buf_put_text(to, "</td><td class=\"n\">");
        put_number(to, s->files[i].n_rows);
        buf_put_text(to, " rows</td></tr>\n");
        free(name);
    }
    buf_put_text(to, "</table>");
    if (s->n_files > MAX_FILES)
        buf_printf(to, "<p>and %zu more</p>", s->n_files - MAX_FILES);
    buf_put_text(to, "</details>\n");
    if (s->origin.options) {
        buf_put_text(to, "<details><summary>options they were made with</summary><pre>");
        put_escaped(to, s->origin.options);
        buf_put_text(to, "</pre></details>\n");
    }
}

static void put_set(struct buf *to, const struct report_set *set)
{
    const struct statistics *s = set->statistics;

    buf_put_text(to, "<h2>");
    put_escaped(to, set->name);
    buf_printf(to, "</h2>\n<p>%zu %s</p>\n", s->n_files, statistics_kind(s));
    put_summary(to, set);
    buf_put_text(to, "<div class=\"charts\">\n");
    put_chart(to, "Sequences by length", "tokens in a sequence", &s->length);
    put_chart(to, "Rows by fill", "tokens in a row", &s->fill);
    put_chart(to, "Rows by sequences", "sequences in a row", &s->sequences);
    put_chart(to, "Rows by masked tokens", "masked tokens in a row", &s->masked);
    buf_put_text(to, "</div>\n");
    put_files(to, s);
}

void report_write(struct buf *to, const struct report_set *sets, size_t n)
{
    buf_put_text(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n"
                     "<title>Shards</title>\n<style>\n");
    buf_put_text(to, style);
    buf_put_text(to, "</style>\n<h1>Shards</h1>\n");
    for (size_t i = 0; i < n; i++)
        put_set(to, &sets[i]);
    buf_put_text(to, "</html>\n");
}
