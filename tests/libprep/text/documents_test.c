/* documents_test.c -- documents from each form of text. */
#include "text/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Puts "id|title|text" of every document of the files into `to`; -1 with err. */
static int read_all(struct buf *to, const char *const *texts, size_t n,
                    enum documents_format format, struct err *err)
{
    char paths[4][32], *list[4];
    struct documents d;
    struct document doc = {0};
    int got;

    for (size_t i = 0; i < n; i++) {
        int fd;
        strcpy(paths[i], "/tmp/documents_test_XXXXXX");
        list[i] = paths[i];
        fd = mkstemp(paths[i]);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, texts[i], strlen(texts[i])), (ssize_t)strlen(texts[i]));
        close(fd);
    }
    assert_int_equal(documents_open(&d, list, n, format, err), 0);
    while ((got = documents_next(&d, &doc, err)) > 0) {
        buf_put(to, doc.id.data, doc.id.len);
        buf_put_byte(to, '|');
        buf_put(to, doc.title.data, doc.title.len);
        buf_put_byte(to, '|');
        buf_put(to, doc.text.data, doc.text.len);
    }
    documents_close(&d);
    document_release(&doc);
    for (size_t i = 0; i < n; i++)
        unlink(paths[i]);
    buf_put(to, "", 0);
    return got;
}

static void check(const char *text, enum documents_format format, const char *want)
{
    struct buf got = {0};
    struct err err = {0};

    assert_int_equal(read_all(&got, &text, 1, format, &err), 0);
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
}

static void empty_lines_end_documents(void **state)
{
    (void)state;
    check("a\nb\n\n\n \nc", DOCUMENTS_AUTO, "||a\nb\n||c\n");
    check("a\r\n\r\nb\r\n", DOCUMENTS_AUTO, "||a\n||b\n");
    check("\n\n", DOCUMENTS_AUTO, "");
    check("bad \xff bytes\n", DOCUMENTS_AUTO, "||bad \xff bytes\n");
}

static void json_lines_are_seen(void **state)
{
    (void)state;
    check("{\"id\": 7, \"title\": \"T\", \"text\": \"a\\n\\nb\"}\n\n{\"text\": \"c\"}\n{\"text\": "
          "\"\"}\n",
          DOCUMENTS_AUTO, "7|T|a\nb\n||c\n");
    check("{not json}\nx\n", DOCUMENTS_AUTO, "||{not json}\nx\n");
}

static void wikiextractor_files_are_seen(void **state)
{
    (void)state;
    check("<doc id=\"12\" url=\"u\" title=\"T\">\nT\n\na\nb\n\nc\n\n</doc>\n"
          "<doc id=\"13\" title=\"E\">\nE\n\n</doc>\n<doc id=\"14\" title=\"F\">\nF\n\nd\n</doc>\n",
          DOCUMENTS_AUTO, "12|T|a\nb\nc\n14|F|d\n");
}

static void quotes_in_a_title_are_kept(void **state)
{
    (void)state;
    check("<doc id=\"1\" url=\"http://x?id=\" title=\"\"Heroes\" "
          "(album)\">\n\"Heroes\"\n\na\n</doc>\n"
          "<doc id=\"2\" url=\"u\" title=\"\"Heroes\"\">\nH\n\nb\n</doc>\n",
          DOCUMENTS_AUTO, "1|\"Heroes\" (album)|a\n2|\"Heroes\"|b\n");
}

/* What the originals' formatting leaves: a whole article or book in a line, two line feeds after. */
static void one_article_per_line_needs_no_option(void **state)
{
    (void)state;
    check("First. Second. \n\nThird. \n\n\n\n", DOCUMENTS_AUTO, "||First. Second. \n||Third. \n");
    check("First. Second. \n\nThird. \n\n\n\n", DOCUMENTS_LINES, "||First. Second. \n||Third. \n");
}

static void a_byte_order_mark_is_no_text(void **state)
{
    (void)state;
    check("\xef\xbb\xbf"
          "a\n\nb\n",
          DOCUMENTS_AUTO, "||a\n||b\n");
    check("\xef\xbb\xbf{\"text\": \"a\"}\n", DOCUMENTS_AUTO, "||a\n");
}

static void lines_are_documents_when_asked(void **state)
{
    (void)state;
    check("a b\n\nc\n", DOCUMENTS_LINES, "||a b\n||c\n");
}

static void inputs_never_share_a_document(void **state)
{
    const char *const texts[] = {"a\n", "{\"text\": \"b\"}\n", "c"};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(read_all(&got, texts, 3, DOCUMENTS_AUTO, &err), 0);
    assert_string_equal(got.data, "||a\n||b\n||c\n");
    buf_release(&got);
}

static void bad_json_is_named_with_its_line(void **state)
{
    const char *texts[] = {"{\"text\": \"a\"}\n{\"text\": 5}\n"};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(read_all(&got, texts, 1, DOCUMENTS_AUTO, &err), -1);
    assert_non_null(strstr(err.text, "2"));
    assert_int_equal(err.kind, ERR_FORMAT);
    texts[0] = "{\"text\": \"a\n";
    err = (struct err){0};
    assert_int_equal(read_all(&got, texts, 1, DOCUMENTS_JSON, &err), -1);
    buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_lines_end_documents),
        cmocka_unit_test(json_lines_are_seen),
        cmocka_unit_test(wikiextractor_files_are_seen),
        cmocka_unit_test(quotes_in_a_title_are_kept),
        cmocka_unit_test(one_article_per_line_needs_no_option),
        cmocka_unit_test(a_byte_order_mark_is_no_text),
        cmocka_unit_test(lines_are_documents_when_asked),
        cmocka_unit_test(inputs_never_share_a_document),
        cmocka_unit_test(bad_json_is_named_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
