/* expand.c -- what stands in brackets, innermost first, in one scan. */
#include "wiki/expand.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wiki/links.h"
#include "wiki/marks.h"

enum frame_kind { FRAME_BRACES, FRAME_LINK, FRAME_EXTERNAL, FRAME_VARIANT };

struct frame {
    enum frame_kind kind;
    size_t start;      /* in out: a MARK_OPEN or MARK_DROPPED, then the text */
    size_t first_part; /* in parts */
    size_t count;      /* braces: how many "{"; external: how many "[" */
    uint64_t added;    /* the account's when it was opened */
};

/* The text after "[[", "{{" or a '|', up to the next part or the end of the output. */
struct part {
    size_t start;
    size_t equals; /* where its first '=' is; 0 = it has none */
};

enum { NAME_SHOWN = 80, TARGET_MAX = 400 };

struct place {
    const char *text;
    size_t n;
    size_t at;
    struct context *page;
};

static struct frame *top_frame(struct expand *e)
{
    return e->n_frames ? &e->frames[e->n_frames - 1] : NULL;
}

static void add_part(struct expand *e)
{
    if (e->n_parts == e->max_parts) {
        e->max_parts = mem_grow(e->max_parts, e->n_parts + 1);
        e->parts = mem_resize(e->parts, e->max_parts, sizeof *e->parts);
    }
    e->parts[e->n_parts++] = (struct part){.start = e->out.len};
}

static void push_frame(struct expand *e, const struct place *p, enum frame_kind kind, size_t count)
{
    if (e->n_frames == e->max_frames) {
        e->max_frames = mem_grow(e->max_frames, e->n_frames + 1);
        e->frames = mem_resize(e->frames, e->max_frames, sizeof *e->frames);
    }
    e->frames[e->n_frames++] = (struct frame){.kind = kind,
                                              .start = e->out.len,
                                              .first_part = e->n_parts,
                                              .count = count,
                                              .added = p->page->account.added};
    e->n_braces += kind == FRAME_BRACES;
    buf_put_byte(&e->out, kind == FRAME_BRACES ? MARK_OPEN : MARK_DROPPED);
    add_part(e);
}

/* Forgets the innermost bracket; its text stays in the output. */
static void pop_frame(struct expand *e)
{
    const struct frame *f = top_frame(e);

    e->n_braces -= f->kind == FRAME_BRACES;
    e->n_parts = f->first_part;
    e->n_frames--;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == MARK_DROPPED || c == MARK_BREAK;
}

/* The end of part i of the innermost frame. */
static size_t part_end(const struct expand *e, size_t i)
{
    return i + 1 < e->n_parts ? e->parts[i + 1].start - 1 : e->out.len;
}

static void trimmed(const char **text, size_t *n, const struct expand *e, size_t from, size_t end)
{
    while (from < end && is_blank(e->out.data[from]))
        from++;
    while (end > from && is_blank(e->out.data[end - 1]))
        end--;
    *text = e->out.data + from;
    *n = end - from;
}

/* Replaces the innermost frame, which had so many characters of brackets, by what is in e->made. */
static void replace_frame(struct expand *e, const struct place *p, enum account_class lost,
                          uint64_t brackets)
{
    const struct frame *f = top_frame(e);
    struct account *a = &p->page->account;
    uint64_t before = account_chars(e->out.data + f->start, e->out.len - f->start) + brackets;

    if (!e->made.len) { /* what was added inside goes, too */
        const uint64_t added = a->added - f->added;
        before = before > added ? before - added : 0;
        a->added = f->added;
    }
    account_replace(a, lost, before, account_chars(e->made.data ? e->made.data : "", e->made.len));
    e->out.len = f->start;
    pop_frame(e);
    if (e->made.len)
        buf_put(&e->out, e->made.data, e->made.len);
    else
        buf_put_byte(&e->out, MARK_DROPPED);
    buf_clear(&e->made);
}

static void read_args(struct expand *e, struct template_call *call, const struct frame *f)
{
    const size_t n_args = e->n_parts - f->first_part - 1;

    if (n_args + 1 > e->max_args) {
        e->max_args = mem_grow(e->max_args, n_args + 1);
        e->args = mem_resize(e->args, e->max_args, sizeof *e->args);
    }
    call->args = e->args + 1;
    call->n_args = n_args;
    for (size_t i = 0; i < n_args; i++) {
        const struct part *p = &e->parts[f->first_part + 1 + i];
        const size_t end = part_end(e, f->first_part + 1 + i);
        struct template_arg *arg = &call->args[i];
        arg->name = NULL;
        arg->name_len = 0;
        if (p->equals)
            trimmed(&arg->name, &arg->name_len, e, p->start, p->equals);
        trimmed(&arg->value, &arg->len, e, p->equals ? p->equals + 1 : p->start, end);
    }
    trimmed(&call->name, &call->name_len, e, f->start + 1, part_end(e, f->first_part));
}

static void note_unknown(struct expand *e, const struct template_call *call)
{
    const size_t from = e->unknown.len;
    size_t n = call->name_len < NAME_SHOWN ? call->name_len : NAME_SHOWN;

    while (n && n < call->name_len && ((unsigned char)call->name[n] & 0xc0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)call->name[i];
        buf_put_byte(&e->unknown, c < ' ' || c == '_' ? ' ' : (char)c);
    }
    if (e->unknown.len > from)
        buf_put_byte(&e->unknown, '\n');
}

/* The line on which the call stands; a template may look whether a word is there already. */
static void read_line(struct template_call *call, const struct expand *e, const struct place *p)
{
    enum { LOOK = 200 };
    const char *end;
    size_t start = e->frames[e->n_frames - 1].start;

    call->after = p->text + p->at;
    call->n_after = p->n - p->at < LOOK ? p->n - p->at : LOOK;
    end = memchr(call->after, '\n', call->n_after);
    if (end)
        call->n_after = (size_t)(end - call->after);
    call->before = e->out.data + start;
    while (start && call->n_before < LOOK && call->before[-1] != '\n') {
        start--;
        call->before--;
        call->n_before++;
    }
}

static enum account_class render_template(struct expand *e, const struct place *p)
{
    struct template_call call = {.page = p->page};
    const struct frame *f = top_frame(e);

    read_args(e, &call, f);
    read_line(&call, e, p);
    switch (templates_render(&e->made, &call)) {
    case TEMPLATE_UNKNOWN:
        note_unknown(e, &call);
        return LOST_TEMPLATE_UNKNOWN;
    case TEMPLATE_DROPPED:
        return LOST_TEMPLATE_SILENT;
    case TEMPLATE_RENDERED:
        break;
    }
    return LOST_TEMPLATE_MARKUP;
}

/* {{{name|default}}}: articles are not called with arguments, so the default is shown. */
static void render_parameter(struct expand *e)
{
    const struct frame *f = top_frame(e);

    if (e->n_parts - f->first_part > 1) {
        const size_t from = e->parts[f->first_part + 1].start;
        buf_put(&e->made, e->out.data + from, part_end(e, f->first_part + 1) - from);
    }
}

/* A run of "}" closes as many braces as it has, three or two at a time. */
static void close_braces(struct expand *e, struct place *p)
{
    size_t run = 0;

    while (p->at + run < p->n && p->text[p->at + run] == '}')
        run++;
    p->at += run;
    while (run >= 2 && e->n_braces) {
        size_t taken, left, start;
        enum account_class lost = LOST_TEMPLATE_MARKUP;
        while (top_frame(e)->kind != FRAME_BRACES)
            pop_frame(e);
        taken = run >= 3 && top_frame(e)->count >= 3 ? 3 : 2;
        left = top_frame(e)->count - taken;
        start = top_frame(e)->start;
        if (e->n_frames > EXPAND_MAX_DEPTH)
            buf_clear(&e->made);
        else if (taken == 3)
            render_parameter(e);
        else
            lost = render_template(e, p);
        run -= taken;
        replace_frame(e, p, lost, 2 * taken);
        if (left == 0)
            continue;
        /* "{{{{a}}b}}": what is made stands behind the braces that are still open. */
        buf_put_byte(&e->out, 0);
        memmove(e->out.data + start + 1, e->out.data + start, e->out.len - start - 1);
        e->out.data[start] = left == 1 ? '{' : MARK_OPEN;
        if (left >= 2) {
            const size_t len = e->out.len;
            e->out.len = start;
            push_frame(e, p, FRAME_BRACES, left);
            e->out.len = len;
        }
    }
    if (run >= 2)
        buf_put_byte(&e->out, MARK_DROPPED); /* they close nothing */
    else if (run == 1)
        buf_put_byte(&e->out, '}');
}

static void close_link(struct expand *e, const struct place *p)
{
    const struct frame *f = top_frame(e);
    const size_t first = f->first_part;
    enum account_class lost = LOST_LINK;

    if (e->n_frames <= EXPAND_MAX_DEPTH) {
        const char *label = NULL;
        size_t n_label = 0;
        if (e->n_parts - first > 1) {
            label = e->out.data + e->parts[e->n_parts - 1].start;
            n_label = e->out.len - e->parts[e->n_parts - 1].start;
        }
        lost = links_internal(&e->made, p->page, e->out.data + f->start + 1,
                              part_end(e, first) - f->start - 1, label, n_label);
    }
    replace_frame(e, p, lost, 4);
}

static void close_external(struct expand *e, const struct place *p)
{
    const struct frame *f = top_frame(e);

    if (e->n_frames <= EXPAND_MAX_DEPTH)
        links_external(&e->made, e->out.data + f->start + 1, e->out.len - f->start - 1);
    replace_frame(e, p, LOST_LINK, 2 * f->count);
}

/* "]" or "]]" */
static void close_bracket(struct expand *e, struct place *p)
{
    const struct frame *f = top_frame(e);
    const bool twice = p->at + 1 < p->n && p->text[p->at + 1] == ']';

    if (f && f->kind == FRAME_EXTERNAL) {
        p->at += f->count == 2 && twice ? 2 : 1;
        close_external(e, p);
    } else if (f && f->kind == FRAME_LINK && twice) {
        p->at += 2;
        close_link(e, p);
    } else if (twice) {
        p->at += 2;
        buf_put_byte(&e->out, MARK_DROPPED); /* they close nothing */
    } else {
        p->at++;
        buf_put_byte(&e->out, ']');
    }
}

/* External links do not nest: a new one ends the one that is open. */
static void push_external(struct expand *e, const struct place *p, size_t count)
{
    if (e->n_frames && top_frame(e)->kind == FRAME_EXTERNAL)
        pop_frame(e);
    push_frame(e, p, FRAME_EXTERNAL, count);
}

/* "[", "[[" or "[http" */
static void open_bracket(struct expand *e, struct place *p)
{
    const char *text = p->text + p->at;
    const size_t n = p->n - p->at;

    if (n > 2 && text[1] == '[' && text[2] != '[' && !links_scheme(text + 2, n - 2)) {
        push_frame(e, p, FRAME_LINK, 2);
        p->at += 2;
    } else if (n > 2 && text[1] == '[' && text[2] != '[') {
        push_external(e, p, 2);
        p->at += 2;
    } else if (n > 4 && text[1] == '[' && text[2] == '[' && text[3] == '[') {
        push_frame(e, p, FRAME_LINK, 2);
        p->at += 2;
    } else if (links_scheme(text + 1, n - 1)) {
        push_external(e, p, 1);
        p->at++;
    } else {
        buf_put_byte(&e->out, '[');
        p->at++;
    }
}

static void open_braces(struct expand *e, struct place *p)
{
    size_t run = 0;

    while (p->at + run < p->n && p->text[p->at + run] == '{')
        run++;
    p->at += run;
    if (run >= 2)
        push_frame(e, p, FRAME_BRACES, run);
    else
        buf_put_byte(&e->out, '{');
}

/* A '|' belongs to the innermost link or template. */
static void take_bar(struct expand *e)
{
    const struct frame *f = top_frame(e);

    if (f && f->kind == FRAME_EXTERNAL && e->n_frames > 1 && f[-1].kind != FRAME_VARIANT) {
        pop_frame(e);
        f = top_frame(e);
    }
    buf_put_byte(&e->out, '|');
    if (f && (f->kind == FRAME_LINK || f->kind == FRAME_BRACES))
        add_part(e);
}

static void take_equals(struct expand *e)
{
    const struct frame *f = top_frame(e);

    if (f && f->kind == FRAME_BRACES && e->n_parts > f->first_part + 1 &&
        !e->parts[e->n_parts - 1].equals)
        e->parts[e->n_parts - 1].equals = e->out.len;
    buf_put_byte(&e->out, '=');
}

static bool is_file_link(struct expand *e, const struct frame *f, const struct site *site)
{
    const char *target;
    size_t n, prefix;
    const size_t end = part_end(e, f->first_part);

    if (end - f->start > TARGET_MAX)
        return false;
    trimmed(&target, &n, e, f->start + 1, end);
    return site_link_of(site, target, n, &prefix) == SITE_LINK_FILE;
}

/* The end of a line ends what cannot go on: external links, links without a label yet, and at an
 * empty line all links but pictures, whose captions may have paragraphs. */
static void take_newline(struct expand *e, const struct place *p)
{
    const bool empty_line = p->at + 1 < p->n && p->text[p->at + 1] == '\n';
    const struct frame *f;

    while ((f = top_frame(e)) && f->kind != FRAME_BRACES) {
        if (f->kind == FRAME_LINK && e->n_parts - f->first_part > 1 &&
            (!empty_line || is_file_link(e, f, p->page->site)))
            break;
        pop_frame(e);
    }
    buf_put_byte(&e->out, '\n');
}

static void take_minus(struct expand *e, struct place *p)
{
    if (p->n - p->at > 3 && p->text[p->at + 1] == '{' && p->text[p->at + 2] != '{') {
        push_frame(e, p, FRAME_VARIANT, 1);
        p->at += 2;
    } else {
        buf_put_byte(&e->out, '-');
        p->at++;
    }
}

/* "}-" */
static void close_variant(struct expand *e, struct place *p)
{
    const struct frame *f = top_frame(e);

    if (e->n_frames <= EXPAND_MAX_DEPTH)
        links_variant(&e->made, p->page, e->out.data + f->start + 1, e->out.len - f->start - 1);
    replace_frame(e, p, LOST_VARIANT, 4);
    p->at += 2;
}

static void take_special(struct expand *e, struct place *p)
{
    const struct frame *f = top_frame(e);

    switch (p->text[p->at]) {
    case '{':
        open_braces(e, p);
        return;
    case '}':
        if (f && f->kind == FRAME_VARIANT && p->at + 1 < p->n && p->text[p->at + 1] == '-')
            close_variant(e, p);
        else
            close_braces(e, p);
        return;
    case '[':
        open_bracket(e, p);
        return;
    case ']':
        close_bracket(e, p);
        return;
    case '-':
        take_minus(e, p);
        return;
    case '|':
        take_bar(e);
        break;
    case '=':
        take_equals(e);
        break;
    default:
        take_newline(e, p);
        break;
    }
    p->at++;
}

/* Brackets; inside of them also what parts them, and the ends of lines. */
static inline bool is_special(char c, bool inside)
{
    const char folded = (char)(c | 0x20); /* '[' to '{', ']' to '}' */

    return (folded == '{') | (folded == '}') | (inside & ((c == '|') | (c == '=') | (c == '\n')));
}

/* The first byte from `at` on that needs a look; in pieces, of which compilers make vectors. */
static inline size_t next_special(const char *text, size_t at, size_t n, bool inside)
{
    enum { PIECE = 32 };
    static const bool special[2][256] = {{['{'] = true, ['}'] = true, ['['] = true, [']'] = true},
                                         {['{'] = true,
                                          ['}'] = true,
                                          ['['] = true,
                                          [']'] = true,
                                          ['|'] = true,
                                          ['='] = true,
                                          ['\n'] = true}};
    const size_t from = at;

    while (n - at >= PIECE) {
        unsigned char stop = 0;
        for (size_t i = 0; i < PIECE; i++)
            stop |= is_special(text[at + i], inside);
        if (stop)
            break;
        at += PIECE;
    }
    while (at < n && !special[inside][(unsigned char)text[at]])
        at++;
    return at < n && at > from && text[at] == '{' && text[at - 1] == '-' ? at - 1 : at;
}

void expand_text(struct expand *e, const char *text, size_t n, struct context *page)
{
    struct place p = {.text = text, .n = n, .page = page};

    buf_clear(&e->out);
    buf_clear(&e->made);
    e->n_frames = e->n_parts = e->n_braces = 0;
    while (p.at < n) {
        const size_t run =
            e->n_frames ? next_special(text, p.at, n, true) : next_special(text, p.at, n, false);
        buf_put(&e->out, text + p.at, run - p.at);
        p.at = run;
        if (p.at < n)
            take_special(e, &p);
    }
}

void expand_release(struct expand *e)
{
    buf_release(&e->out);
    buf_release(&e->unknown);
    buf_release(&e->made);
    free(e->frames);
    free(e->parts);
    free(e->args);
    *e = (struct expand){0};
}
