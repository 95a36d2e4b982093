/* site_test.c -- what one wiki calls things. */
#include "wiki/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_link(const struct site *s, const char *target, enum site_link want)
{
    size_t prefix;

    assert_int_equal(site_link_of(s, target, strlen(target), &prefix), want);
}

static void names_fold_case_and_blanks(void **state)
{
    struct site s = {0};
    size_t prefix;

    (void)state;
    site_add_namespace(&s, 6, "Датотека X");
    assert_int_equal(site_namespace_of(&s, "датотека_x:a", strlen("датотека_x:a"), &prefix), 6);
    assert_int_equal(prefix, strlen("датотека_x:"));
    assert_int_equal(site_namespace_of(&s, "user TALK:a", 11, &prefix), 3);
    assert_int_equal(site_namespace_of(&s, "Foo: a tale", 11, &prefix), 0);
    assert_int_equal(prefix, 0);
    assert_int_equal(site_namespace_of(&s, ":x", 2, &prefix), 0);
    site_release(&s);
}

static void link_prefixes_are_told_apart(void **state)
{
    (void)state;
    check_link(NULL, "Image:a.png", SITE_LINK_FILE);
    check_link(NULL, "ДАТОТЕКА:a.png", SITE_LINK_FILE);
    check_link(NULL, "category: x", SITE_LINK_CATEGORY);
    check_link(NULL, "simple:x", SITE_LINK_LANGUAGE);
    check_link(NULL, "wikt:x", SITE_LINK_PROJECT);
    check_link(NULL, "Star Trek: Voyager", SITE_LINK_ARTICLE);
    check_link(NULL, "a", SITE_LINK_ARTICLE);
    check_link(NULL, "", SITE_LINK_ARTICLE);
}

static void redirects_are_seen_in_many_languages(void **state)
{
    static const char *const yes[] = {
        "#REDIRECT [[a]]",      "#redirect[[a]]",         "\n#Redirect: [[a]]",
        "#WEITERLEITUNG [[a]]", "#перенаправление [[a]]", "#転送 [[a]]",
        "＃REDIRECT [[a]]",     "#重定向 [[a]]",          "#تحويل [[a]]"};
    static const char *const no[] = {
        "# redirect [[a]]", "#REDIRECT a",      "#first [[a]]", "", "#",
        "REDIRECT [[a]]",   "#REDIRECTED [[a]]"};

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        assert_true(site_is_redirect(yes[i], strlen(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_false(site_is_redirect(no[i], strlen(no[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fold_case_and_blanks),
        cmocka_unit_test(link_prefixes_are_told_apart),
        cmocka_unit_test(redirects_are_seen_in_many_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
