/* log_test.c -- records that readers of dllogger files expect, line by line. */
#include "run/log.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

static void check_matches(const char *text, const char *pattern)
{
    regex_t regex;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0)
        fail_msg("'%s' does not match '%s'", text, pattern);
    regfree(&regex);
}

static void log_once(const char *path, bool append)
{
    struct err err = {0};
    struct log l;
    struct json *data = json_new_map();

    assert_int_equal(log_open(&l, path, append, NULL, "test", false, &err), 0);
    json_put_int(data, "SEED", 42);
    log_parameter(&l, data);
    data = json_new_map();
    json_put_real(data, "average_loss", 2.5);
    log_step(&l, 3, 700, data);
    log_summary(&l, json_new_map());
    log_say(&l, "no one hears %d", 1);
    assert_int_equal(log_close(&l, &err), 0);
}

static void records_are_lines_of_dllogger(void **state)
{
    char folder[] = "/tmp/log_test.XXXXXX";
    struct err err = {0};
    struct buf text = {0};
    char *path;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = file_join(folder, "new/deep/log.json");
    log_once(path, false);
    log_once(path, false);
    assert_int_equal(file_read(&text, path, 1 << 20, &err), 0);
    check_matches(text.data,
                  "^DLLL [{]\"timestamp\": \"[0-9]+\\.[0-9]{6}\", \"datetime\": "
                  "\"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}\", "
                  "\"elapsedtime\": \"[0-9]+\\.[0-9]{6}\", \"type\": \"LOG\", \"step\": "
                  "\"PARAMETER\", \"data\": [{]\"SEED\": 42}}$");
    check_matches(text.data, "\"step\": \\[3, 700\\], \"data\": [{]\"average_loss\": 2\\.5}}$");
    check_matches(text.data, "\"step\": \\[\\], \"data\": [{]}}$");
    {
        const size_t once = text.len;

        log_once(path, true);
        buf_clear(&text);
        assert_int_equal(file_read(&text, path, 1 << 20, &err), 0);
        assert_true(text.len > 2 * once - 40 && text.len < 2 * once + 40);
    }
    buf_release(&text);
    file_remove(folder, &err);
    free(path);
}

static void a_full_disk_is_told_at_the_end(void **state)
{
    struct err err = {0};
    struct log l;

    (void)state;
    if (!file_exists("/dev/full"))
        skip();
    assert_int_equal(log_open(&l, "/dev/full", false, NULL, "test", false, &err), 0);
    log_summary(&l, json_new_map());
    assert_int_equal(log_close(&l, &err), -1);
    assert_non_null(strstr(err.text, "/dev/full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_lines_of_dllogger),
        cmocka_unit_test(a_full_disk_is_told_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
