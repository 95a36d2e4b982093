/* progress.c -- drawn over itself with a carriage return; time from the monotonic clock. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const double FIRST_AFTER = 1.0; /* seconds: short work shows nothing */
static const double EVERY = 1.0;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_open(struct progress *p, const char *label, enum progress_unit unit, uint64_t total,
                   bool quiet)
{
    *p = (struct progress){.label = label, .unit = unit, .total = total};
    p->on = !quiet && isatty(STDERR_FILENO);
    p->start = now();
    p->last = p->start + FIRST_AFTER - EVERY;
}

/* "1.2 GiB" or "12345678" -> text. */
static void show_amount(char text[32], double amount, enum progress_unit unit)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t i = 0;

    if (unit == PROGRESS_COUNT) {
        snprintf(text, 32, "%.0f", amount);
        return;
    }
    while (amount >= 1024 && i + 1 < sizeof names / sizeof names[0]) {
        amount /= 1024;
        i++;
    }
    snprintf(text, 32, i ? "%.1f %s" : "%.0f %s", amount, names[i]);
}

static void show_rest(const struct progress *p, uint64_t done, double seconds)
{
    const double share = (double)done / (double)p->total;
    const double left = share > 0 ? seconds * (1 - share) / share : 0;
    char total[32];

    show_amount(total, (double)p->total, p->unit);
    fprintf(stderr, " of %s  %.0f %%  %.0f:%02.0f left", total, share * 100,
            (double)(long)(left / 60), left - 60 * (double)(long)(left / 60));
}

void progress_at(struct progress *p, uint64_t done)
{
    const double at = p->on ? now() : 0;
    char amount[32];
    char rate[32];

    if (!p->on || at - p->last < EVERY)
        return;
    show_amount(amount, (double)done, p->unit);
    show_amount(rate, (double)done / (at - p->start), p->unit);
    fprintf(stderr, "\r\033[K%s: %s", p->label, amount);
    if (p->total)
        show_rest(p, done < p->total ? done : p->total, at - p->start);
    fprintf(stderr, "  %s/s", rate);
    fflush(stderr);
    p->last = at;
    p->shown = true;
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->shown = false;
}

void progress_close(struct progress *p)
{
    progress_clear(p);
    p->on = false;
}
