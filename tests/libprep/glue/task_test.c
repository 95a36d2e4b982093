/* task_test.c -- names, forms, and what a line of each task says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "glue/example.h"
#include "glue/task.h"

static const struct glue_task *task(const char *name)
{
    struct err err = {0};
    const struct glue_task *t = glue_task_find(name, &err);

    assert_non_null(t);
    return t;
}

/* What a line gives, when the file began with `header`. */
static int read_line(struct glue_example *e, const char *name, const char *header, const char *line,
                     struct err *err)
{
    const struct glue_task *t = task(name);

    return glue_example_read(e, t, glue_form_guess(t, header, strlen(header)), "zh", line,
                             strlen(line), err);
}

static void check(const char *name, const char *header, const char *line, const char *a,
                  const char *b, int label)
{
    struct glue_example e;
    struct err err = {0};

    assert_int_equal(read_line(&e, name, header, line, &err), GLUE_EXAMPLE);
    assert_int_equal(e.a.len, strlen(a));
    assert_memory_equal(e.a.text, a, e.a.len);
    if (b) {
        assert_int_equal(e.b.len, strlen(b));
        assert_memory_equal(e.b.text, b, e.b.len);
    } else {
        assert_null(e.b.text);
    }
    assert_int_equal(e.label, label);
}

static void refuse(const char *name, const char *header, const char *line, const char *why)
{
    struct glue_example e;
    struct err err = {0};

    assert_int_equal(read_line(&e, name, header, line, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    assert_non_null(strstr(err.text, why));
}

static void names_need_no_dash_and_no_case(void **state)
{
    struct err err = {0};

    (void)state;
    assert_ptr_equal(task("sst-2"), task("SST2"));
    assert_ptr_equal(task("STS-B"), task("stsb"));
    assert_ptr_equal(task("sts_b"), task("stsb"));
    assert_null(glue_task_find("sst", &err));
    assert_non_null(strstr(err.text, "sst-2"));
    assert_null(glue_task_find("sst-22", &err));
    assert_null(glue_task_find("", &err));
}

static void each_task_reads_its_columns(void **state)
{
    (void)state;
    check("mrpc", "\xef\xbb\xbfQuality\t#1 ID", "1\t2\t3\ta b\tc", "a b", "c", 1);
    check("sst-2", "sentence\tlabel", "good \t1", "good ", NULL, 1);
    check("cola", "gj04\t1\t\tOur", "gj04\t0\t*\tOur friends", "Our friends", NULL, 0);
    check("rte", "index\tsentence1\tsentence2\tlabel", "0\tp\th\tnot_entailment", "p", "h", 1);
    check("qnli", "index\tquestion\tsentence\tlabel", "0\tq\ts\tentailment", "q", "s", 0);
    check("wnli", "index\tsentence1\tsentence2\tlabel", "7\tp\th\t0", "p", "h", 0);
    check("mnli", "index\tpromptID\tgold_label", "0\t1\t2\t3\t4\t5\t6\t7\tp\th\tx\tneutral", "p",
          "h", 2);
    check("qqp", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "0\t1\t2\ta\tb\t1", "a", "b",
          1);
    check("xnli", "premise\thypo\tlabel", "p\th\tcontradictory", "p", "h", 0);
    check("xnli", "language\tgold_label", "zh\tneutral\t2\t3\t4\t5\tp\th\t8", "p", "h", 2);
}

static void a_test_set_has_its_own_columns_and_no_labels(void **state)
{
    (void)state;
    check("mrpc", "index\t#1 ID\t#2 ID\t#1 String\t#2 String", "0\t1\t2\ta\tb", "a", "b", 0);
    check("sst-2", "index\tsentence", "0\tfine", "fine", NULL, 0);
    check("cola", "index\tsentence", "0\tBill fell", "Bill fell", NULL, 0);
    check("rte", "\xef\xbb\xbfindex\tsentence1\tsentence2", "0\tp\th", "p", "h", 0);
    check("mnli", "index\tpromptID", "0\t1\t2\t3\t4\t5\t6\t7\tp\th", "p", "h", 0);
    check("qqp", "id\tquestion1\tquestion2", "0\ta\tb", "a", "b", 0);
    check("sts-b", "index\tgenre", "0\t1\t2\t3\t4\t5\t6\ta\tb", "a", "b", 0);
}

static void a_set_that_is_named_needs_no_header(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(glue_form_of(task("sst-2"), "test", &err)->text_a, 1);
    assert_int_equal(glue_form_of(task("sst-2"), "dev", &err)->text_a, 0);
    assert_int_equal(glue_form_of(task("xnli"), "dev", &err)->text_a, 6);
    assert_int_equal(glue_form_of(task("xnli"), "train", &err)->text_a, 0);
}

static void a_regression_has_a_score(void **state)
{
    const char *line = "0\t1\t2\t3\t4\t5\t6\ta\tb\t3.800";
    struct glue_example e;
    struct err err = {0};

    (void)state;
    assert_int_equal(read_line(&e, "sts-b", "index\tscore", line, &err), GLUE_EXAMPLE);
    assert_true(e.score == 3.8F);
    refuse("sts-b", "score", "0\t1\t2\t3\t4\t5\t6\ta\tb\tmany", "score 'many' is no number");
    refuse("sts-b", "score", "0\t1\t2\t3\t4\t5\t6\ta\tb\tnan", "is no number");
    refuse("sts-b", "score", "0\t1\t2\t3\t4\t5\t6\ta\tb\t1e39", "is no number");
    refuse("sts-b", "score", "0\t1\t2\t3\t4\t5\t6\ta\tb\t1 2", "is no number");
    refuse("sts-b", "score", "0\t1\t2\t3\t4\t5\t6\ta\tb\t", "is no number");
}

static void what_is_no_example_is_refused(void **state)
{
    (void)state;
    refuse("mrpc", "Quality", "1\t2\t3\ta", "4 columns, not 5 or more");
    refuse("mrpc", "Quality", "", "0 columns, not 5 or more");
    refuse("mrpc", "Quality", "2\t2\t3\ta\tb", "label '2' is none of 0, 1");
    refuse("mrpc", "Quality", "\t2\t3\ta\tb", "label '' is none of");
    refuse("rte", "x\tlabel", "0\tp\tentailment", "3 columns, not 4 or more");
    refuse("rte", "x\tlabel", "0\tp\th\tcontradictory", "label 'contradictory'");
}

static void short_lines_of_qqp_and_other_languages_are_left_out(void **state)
{
    struct glue_example e;
    struct err err = {0};

    (void)state;
    assert_int_equal(read_line(&e, "qqp", "id\tis_duplicate", "0\t1\ta", &err), GLUE_SHORT);
    assert_int_equal(read_line(&e, "xnli", "language\tx", "de\tneutral\t2\t3\t4\t5\tp\th", &err),
                     GLUE_FOREIGN);
}

static void more_columns_than_are_kept_have_a_last_one(void **state)
{
    struct buf line = {0};
    struct glue_example e;
    struct err err = {0};

    (void)state;
    buf_put_text(&line, "0\tp\th");
    for (int i = 0; i < 1000; i++)
        buf_put_text(&line, "\tx");
    buf_put_text(&line, "\tentailment");
    assert_int_equal(read_line(&e, "rte", "x\tlabel", line.data, &err), GLUE_EXAMPLE);
    assert_int_equal(e.label, 0);
    buf_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_need_no_dash_and_no_case),
        cmocka_unit_test(each_task_reads_its_columns),
        cmocka_unit_test(a_test_set_has_its_own_columns_and_no_labels),
        cmocka_unit_test(a_set_that_is_named_needs_no_header),
        cmocka_unit_test(a_regression_has_a_score),
        cmocka_unit_test(what_is_no_example_is_refused),
        cmocka_unit_test(short_lines_of_qqp_and_other_languages_are_left_out),
        cmocka_unit_test(more_columns_than_are_kept_have_a_last_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
