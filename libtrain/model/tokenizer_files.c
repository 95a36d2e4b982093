/* tokenizer_files.c -- the settings of BertTokenizer. */
#include "model/tokenizer_files.h"

struct json *tokenizer_files_config(bool cased, size_t max_positions)
{
    struct json *map = json_new_map();

    json_put_text(map, "tokenizer_class", "BertTokenizer");
    json_put_bool(map, "do_lower_case", !cased);
    json_put_bool(map, "tokenize_chinese_chars", true);
    json_put_int(map, "model_max_length", (int64_t)max_positions);
    return map;
}

struct json *tokenizer_files_special_tokens(void)
{
    static const char *const tokens[][2] = {{"cls_token", "[CLS]"},
                                            {"mask_token", "[MASK]"},
                                            {"pad_token", "[PAD]"},
                                            {"sep_token", "[SEP]"},
                                            {"unk_token", "[UNK]"}};
    struct json *map = json_new_map();

    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        json_put_text(map, tokens[i][0], tokens[i][1]);
    return map;
}

bool tokenizer_files_cased(const char *vocab, size_t n)
{
    bool in_brackets = false;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || vocab[i - 1] == '\n')
            in_brackets = vocab[i] == '[';
        if (!in_brackets && vocab[i] >= 'A' && vocab[i] <= 'Z')
            return true;
    }
    return false;
}
