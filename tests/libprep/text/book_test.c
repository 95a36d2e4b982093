/* Lines of a book to paragraphs. */
#include "text/book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *book, const char *want)
{
    struct buf bytes = {0}, text = {0}, title = {0};
    struct book b = {0};
    struct err err = {0};

    buf_put_text(&bytes, book);
    buf_put(&text, "", 0);
    assert_int_equal(book_clean(&text, &title, &b, bytes.data, bytes.len, &err), 0);
    assert_string_equal(text.data, want);
    book_release(&b);
    buf_release(&bytes);
    buf_release(&text);
    buf_release(&title);
}

/* Sets the width of the book. */
#define FULL "This line of the book is as long as the lines of it get to be here,\n"
#define FULL_JOINED "This line of the book is as long as the lines of it get to be here, "

static void cut_lines_are_joined(void **state)
{
    (void)state;
    check(FULL "and ends.\n", FULL_JOINED "and ends.\n");
    check(FULL FULL "and ends.\r\n\r\nNext.", FULL_JOINED FULL_JOINED "and ends.\nNext.\n");
}

static void headings_and_verse_keep_their_lines(void **state)
{
    (void)state;
    check("PART ONE\nThe Beginning\n\n" FULL "and ends.\n",
          "PART ONE\nThe Beginning\n" FULL_JOINED "and ends.\n");
    check(FULL "end.\n\nRoses are red,\nViolets too,\nSugar is sweet\n",
          FULL_JOINED "end.\nRoses are red,\nViolets too,\nSugar is sweet\n");
}

static void indented_first_lines_start_paragraphs(void **state)
{
    (void)state;
    check(FULL "and this is where the first one of these paragraphs comes to its end.\n"
               "   Here is the second of them, as its line is set a bit further in so,\n"
               "and it ends.\n",
          FULL_JOINED "and this is where the first one of these paragraphs comes to its end.\n"
                      "Here is the second of them, as its line is set a bit further in so, "
                      "and it ends.\n");
}

static void cut_words_are_written_as_elsewhere_in_the_book(void **state)
{
    (void)state;
    check("The continuation of this line is long enough to give a width to con-\n"
          "tinuation and to nothing else that is in it, or it should be a well-\n"
          "known one.\n\nA well-known thing.\n",
          "The continuation of this line is long enough to give a width to continuation and to "
          "nothing else that is in it, or it should be a well-known one.\nA well-known thing.\n");
}

static void a_dash_at_the_end_is_no_hyphen(void **state)
{
    (void)state;
    check("This line of the book is as long as the lines of it get to be here--\nand ends.\n",
          "This line of the book is as long as the lines of it get to be here-- and ends.\n");
}

static void emphasis_goes_and_names_stay(void **state)
{
    (void)state;
    check("It was _never_ so, _not at all_; but file_name_here and a _ b and __init__ stay.\n",
          "It was never so, not at all; but file_name_here and a _ b and __init__ stay.\n");
    check("_A whole line_\n", "A whole line\n");
}

static void blanks_are_single_and_rules_are_gone(void **state)
{
    (void)state;
    check("one  two\tthree\n* * * *\n-----\nfour\n\f\n", "one two three\nfour\n");
}

static void damaged_utf8_is_repaired_and_latin1_converted(void **state)
{
    (void)state;
    check("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xff x\n",
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xef\xbf\xbd "
          "x\n");
    check("caf\xe9 \x93x\x94\n", "caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d\n");
    check("\xef\xbb\xbfmark\n", "mark\n");
    check("old\rMac\rlines\r", "old\nMac\nlines\n");
}

static void a_footer_word_in_the_text_does_not_end_it(void **state)
{
    (void)state;
    check("The End of Project Gutenberg was near.\nEnd of story.\n",
          "The End of Project Gutenberg was near.\nEnd of story.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_lines_are_joined),
        cmocka_unit_test(headings_and_verse_keep_their_lines),
        cmocka_unit_test(indented_first_lines_start_paragraphs),
        cmocka_unit_test(cut_words_are_written_as_elsewhere_in_the_book),
        cmocka_unit_test(a_dash_at_the_end_is_no_hyphen),
        cmocka_unit_test(emphasis_goes_and_names_stay),
        cmocka_unit_test(blanks_are_single_and_rules_are_gone),
        cmocka_unit_test(damaged_utf8_is_repaired_and_latin1_converted),
        cmocka_unit_test(a_footer_word_in_the_text_does_not_end_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
