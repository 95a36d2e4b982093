/* catalog.c -- the sources that are known by name.
 *
 * Where a site publishes no checksum of an archive, those of the files in it are known. */
#include "fetch/catalog.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define GOOGLE "https://storage.googleapis.com/bert_models/"
#define HUGGING_FACE "https://huggingface.co/google-bert/"
#define SQUAD "https://rajpurkar.github.io/SQuAD-explorer/dataset/"
#define SENTEVAL "https://dl.fbaipublicfiles.com/senteval/senteval_data/"

enum { MAX_WIKI = 40 };

/* clang-format off */
static const char *const bert_base_uncased[][2] = {
    {"bert_config.json",
     "7b4e5f53efbd058c67cda0aacfafb340113ea1b5797d9ce6ee411704ba21fcbc"},
    {"bert_model.ckpt.data-00000-of-00001",
     "58580dc5e0bf0ae0d2efd51d0e8272b2f808857f0a43a88aaf7549da6d7a8a84"},
    {"bert_model.ckpt.index",
     "04c1323086e2f1c5b7c0759d8d3e484afbb0ab45f51793daab9f647113a0117b"},
    {"bert_model.ckpt.meta",
     "dd5682170a10c3ea0280c2e9b9a45fee894eb62da649bbdea37b38b0ded5f60e"},
    {"vocab.txt",
     "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
    {NULL, NULL}};
static const char *const bert_large_uncased[][2] = {
    {"bert_config.json",
     "bfa42236d269e2aeb3a6d30412a33d15dbe8ea597e2b01dc9518c63cc6efafcb"},
    {"bert_model.ckpt.data-00000-of-00001",
     "bc6b3363e3be458c99ecf64b7f472d2b7c67534fd8f564c0556a678f90f4eea1"},
    {"bert_model.ckpt.index",
     "68b52f2205ffc64dc627d1120cf399c1ef1cbc35ea5021d1afc889ffe2ce2093"},
    {"bert_model.ckpt.meta",
     "6fcce8ff7628f229a885a593625e3d5ff9687542d5ef128d9beb1b0c05edc4a1"},
    {"vocab.txt",
     "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
    {NULL, NULL}};
static const char *const bert_base_cased[][2] = {
    {"bert_config.json",
     "f11dfb757bea16339a33e1bf327b0aade6e57fd9c29dc6b84f7ddb20682f48bc"},
    {"bert_model.ckpt.data-00000-of-00001",
     "734d5a1b68bf98d4e9cb6b6692725d00842a1937af73902e51776905d8f760ea"},
    {"bert_model.ckpt.index",
     "517d6ef5c41fc2ca1f595276d6fccf5521810d57f5a74e32616151557790f7b1"},
    {"bert_model.ckpt.meta",
     "5f8a9771ff25dadd61582abb4e3a748215a10a6b55947cbb66d0f0ba1694be98"},
    {"vocab.txt",
     "eeaa9875b23b04b4c54ef759d03db9d1ba1554838f8fb26c5d96fa551df93d02"},
    {NULL, NULL}};
static const char *const bert_large_cased[][2] = {
    {"bert_config.json",
     "7adb2125c8225da495656c982fd1c5f64ba8f20ad020838571a3f8a954c2df57"},
    {"bert_model.ckpt.data-00000-of-00001",
     "6ff33640f40d472f7a16af0c17b1179ca9dcc0373155fb05335b6a4dd1657ef0"},
    {"bert_model.ckpt.index",
     "ef42a53f577fbe07381f4161b13c7cab4f4fc3b167cec6a9ae382c53d18049cf"},
    {"bert_model.ckpt.meta",
     "d2ddff3ed33b80091eac95171e94149736ea74eb645e575d942ec4a5e01a40a1"},
    {"vocab.txt",
     "eeaa9875b23b04b4c54ef759d03db9d1ba1554838f8fb26c5d96fa551df93d02"},
    {NULL, NULL}};
static const char *const bert_base_multilingual_cased[][2] = {
    {"bert_config.json",
     "e76c3964bc14a8bb37a5530cdc802699d2f4a6fddfab0611e153aa2528f234f0"},
    {"bert_model.ckpt.data-00000-of-00001",
     "55b8a2df41f69c60c5180e50a7c31b7cdf6238909390c4ddf05fbc0d37aa1ac5"},
    {"bert_model.ckpt.index",
     "7d8509c2a62b4e300feb55f8e5f1eef41638f4998dd4d887736f42d4f6a34b37"},
    {"bert_model.ckpt.meta",
     "95e5f1997e8831f1c31e5cf530f1a2e99f121e9cd20887f2dce6fe9e3343e3fa"},
    {"vocab.txt",
     "fe0fda7c425b48c516fc8f160d594c8022a0808447475c1a7c6d6479763f310c"},
    {NULL, NULL}};
static const char *const bert_base_multilingual_uncased[][2] = {
    {"bert_config.json",
     "49063bb061390211d2fdd108cada1ed86faa5f90b80c8f6fdddf406afa4c4624"},
    {"bert_model.ckpt.data-00000-of-00001",
     "3cd83912ebeb0efe2abf35c9f1d5a515d8e80295e61c49b75c8853f756658429"},
    {"bert_model.ckpt.index",
     "87c372c1a3b1dc7effaaa9103c80a81b3cbab04c7933ced224eec3b8ad2cc8e7"},
    {"bert_model.ckpt.meta",
     "27f504f34f02acaa6b0f60d65195ec3e3f9505ac14601c6a32b421d0c8413a29"},
    {"vocab.txt",
     "87b44292b452f6c05afa49b2e488e7eedf79ea4f4c39db6f2f4b37764228ef3f"},
    {NULL, NULL}};
static const char *const bert_base_chinese[][2] = {
    {"bert_config.json",
     "7aaad0335058e2640bcb2c2e9a932b1cd9da200c46ea7b8957d54431f201c015"},
    {"bert_model.ckpt.data-00000-of-00001",
     "756699356b78ad0ef1ca9ba6528297bcb3dd1aef5feadd31f4775d7c7fc989ba"},
    {"bert_model.ckpt.index",
     "46315546e05ce62327b3e2cd1bed22836adcb2ff29735ec87721396edb21b82e"},
    {"bert_model.ckpt.meta",
     "c0f8d51e1ab986604bc2b25d6ec0af7fd21ff94cf67081996ec3f3bf5d823047"},
    {"vocab.txt",
     "45bbac6b341c319adc98a532532882e91a9cefc0329aa57bac9ae761c27b291c"},
    {NULL, NULL}};

static const struct catalog_entry entries[] = {
    {"squad-v1.1", "squad/v1.1/train-v1.1.json",
     SQUAD "train-v1.1.json", 30288272, DIGEST_MD5,
     "981b29407e0affa3b1b156f72073b945", NULL,
     "questions on Wikipedia, for training"},
    {"squad-v1.1", "squad/v1.1/dev-v1.1.json",
     SQUAD "dev-v1.1.json", 4854279, DIGEST_MD5,
     "3e85deb501d4e538b6bc56f786231552", NULL,
     "the same, for measuring"},
    {"squad-v1.1", "squad/v1.1/evaluate-v1.1.py",
     "https://worksheets.codalab.org/rest/bundles/"
     "0xbcd57bee090b421c982906709c8c27e1/contents/blob/", -1, DIGEST_MD5,
     "afb04912d18ff20696f7f88eed49bea9", NULL,
     "the official score"},
    {"squad-v2.0", "squad/v2.0/train-v2.0.json",
     SQUAD "train-v2.0.json", 42123633, DIGEST_SHA256,
     "68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002", NULL,
     "with questions that have no answer"},
    {"squad-v2.0", "squad/v2.0/dev-v2.0.json",
     SQUAD "dev-v2.0.json", 4370528, DIGEST_SHA256,
     "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8", NULL,
     "the same, for measuring"},
    {"mrpc", "mrpc/msr_paraphrase_train.txt",
     SENTEVAL "msr_paraphrase_train.txt", 1047044, DIGEST_SHA256,
     "60a9b09084528f0673eedee2b69cb941920f0b8cd0eeccefc464a98768457f89", NULL,
     "pairs of sentences, for training"},
    {"mrpc", "mrpc/msr_paraphrase_test.txt",
     SENTEVAL "msr_paraphrase_test.txt", 441275, DIGEST_SHA256,
     "a04e271090879aaba6423d65b94950c089298587d9c084bf9cd7439bd785f784", NULL,
     "the same, for measuring"},
    {"bookcorpus", "bookcorpus.tar.bz2",
     "https://storage.googleapis.com/huggingface-nlp/datasets/bookcorpus/bookcorpus.tar.bz2", -1, DIGEST_NONE,
     NULL, NULL,
     "11,038 books, a sentence a line"},
    {"google-bert-base-uncased", "uncased_L-12_H-768_A-12.zip",
     GOOGLE "2018_10_18/uncased_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, bert_base_uncased,
     "weights and vocabulary, 2018"},
    {"google-bert-large-uncased", "uncased_L-24_H-1024_A-16.zip",
     GOOGLE "2018_10_18/uncased_L-24_H-1024_A-16.zip", -1, DIGEST_NONE,
     NULL, bert_large_uncased,
     "weights and vocabulary, 2018"},
    {"google-bert-base-cased", "cased_L-12_H-768_A-12.zip",
     GOOGLE "2018_10_18/cased_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, bert_base_cased,
     "weights and vocabulary, 2018"},
    {"google-bert-large-cased", "cased_L-24_H-1024_A-16.zip",
     GOOGLE "2018_10_18/cased_L-24_H-1024_A-16.zip", -1, DIGEST_NONE,
     NULL, bert_large_cased,
     "weights and vocabulary, 2018"},
    {"google-bert-base-multilingual-cased", "multi_cased_L-12_H-768_A-12.zip",
     GOOGLE "2018_11_23/multi_cased_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, bert_base_multilingual_cased,
     "weights and vocabulary, 2018"},
    {"google-bert-base-multilingual-uncased", "multilingual_L-12_H-768_A-12.zip",
     GOOGLE "2018_11_03/multilingual_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, bert_base_multilingual_uncased,
     "weights and vocabulary, 2018"},
    {"google-bert-base-chinese", "chinese_L-12_H-768_A-12.zip",
     GOOGLE "2018_11_03/chinese_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, bert_base_chinese,
     "weights and vocabulary, 2018"},
    {"google-bert-tiny", "uncased_L-2_H-128_A-2.zip",
     GOOGLE "2020_02_20/uncased_L-2_H-128_A-2.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "weights and vocabulary, 2020"},
    {"google-bert-mini", "uncased_L-4_H-256_A-4.zip",
     GOOGLE "2020_02_20/uncased_L-4_H-256_A-4.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "weights and vocabulary, 2020"},
    {"google-bert-small", "uncased_L-4_H-512_A-8.zip",
     GOOGLE "2020_02_20/uncased_L-4_H-512_A-8.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "weights and vocabulary, 2020"},
    {"google-bert-medium", "uncased_L-8_H-512_A-8.zip",
     GOOGLE "2020_02_20/uncased_L-8_H-512_A-8.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "weights and vocabulary, 2020"},
    {"google-bert-base-2020", "2020_uncased_L-12_H-768_A-12.zip",
     GOOGLE "2020_02_20/uncased_L-12_H-768_A-12.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "weights and vocabulary, 2020"},
    {"google-bert-large-wwm-uncased", "wwm_uncased_L-24_H-1024_A-16.zip",
     GOOGLE "2019_05_30/wwm_uncased_L-24_H-1024_A-16.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "whole words masked, 2019"},
    {"google-bert-large-wwm-cased", "wwm_cased_L-24_H-1024_A-16.zip",
     GOOGLE "2019_05_30/wwm_cased_L-24_H-1024_A-16.zip", -1, DIGEST_NONE,
     NULL, NULL,
     "whole words masked, 2019"},
    {"vocab-uncased", "vocab-uncased.txt",
     HUGGING_FACE "bert-base-uncased/resolve/main/vocab.txt", 231508, DIGEST_SHA256,
     "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", NULL,
     "WordPiece vocabulary"},
    {"vocab-cased", "vocab-cased.txt",
     HUGGING_FACE "bert-base-cased/resolve/main/vocab.txt", 213450, DIGEST_SHA256,
     "eeaa9875b23b04b4c54ef759d03db9d1ba1554838f8fb26c5d96fa551df93d02", NULL,
     "WordPiece vocabulary"},
    {"vocab-multilingual-cased", "vocab-multilingual-cased.txt",
     HUGGING_FACE "bert-base-multilingual-cased/resolve/main/vocab.txt", 995526, DIGEST_SHA256,
     "fe0fda7c425b48c516fc8f160d594c8022a0808447475c1a7c6d6479763f310c", NULL,
     "WordPiece vocabulary"},
    {"vocab-multilingual-uncased", "vocab-multilingual-uncased.txt",
     HUGGING_FACE "bert-base-multilingual-uncased/resolve/main/vocab.txt", -1, DIGEST_SHA256,
     "87b44292b452f6c05afa49b2e488e7eedf79ea4f4c39db6f2f4b37764228ef3f", NULL,
     "WordPiece vocabulary"},
    {"vocab-chinese", "vocab-chinese.txt",
     HUGGING_FACE "bert-base-chinese/resolve/main/vocab.txt", 109540, DIGEST_SHA256,
     "45bbac6b341c319adc98a532532882e91a9cefc0329aa57bac9ae761c27b291c", NULL,
     "WordPiece vocabulary"},
};
/* clang-format on */

size_t catalog_count(void)
{
    return sizeof entries / sizeof entries[0];
}

const struct catalog_entry *catalog_at(size_t i)
{
    return &entries[i];
}

/* "enwiki" or "enwiki-20240601": the length of the wiki's name, 0 = it is none. */
static size_t wiki_len(const char *source)
{
    const size_t len = strspn(source, "abcdefghijklmnopqrstuvwxyz_");

    if (len < 6 || len > MAX_WIKI || strncmp(source + len - 4, "wiki", 4) != 0)
        return 0;
    if (source[len] == '\0')
        return len;
    return source[len] == '-' && strspn(source + len + 1, "0123456789") == 8 &&
                   source[len + 9] == '\0'
               ? len
               : 0;
}

static int find_wiki(struct wanted *w, const char *source, size_t len, struct err *err)
{
    const char *date = source[len] ? source + len + 1 : "latest";
    struct buf url = {0}, sums = {0};
    struct wanted_file *file;

    buf_printf(&url, "https://dumps.wikimedia.org/%.*s/%s/%.*s-%s-", (int)len, source, date,
               (int)len, source, date);
    buf_printf(&sums, "%ssha1sums.txt", url.data);
    buf_put_text(&url, "pages-articles.xml.bz2");
    file = wanted_add(w, NULL, url.data, err);
    if (file)
        file->sums = mem_text(sums.data);
    buf_release(&url);
    buf_release(&sums);
    return file ? 1 : -1;
}

static int add_entry(struct wanted *w, const struct catalog_entry *e, struct err *err)
{
    struct wanted_file *file = wanted_add(w, e->name, e->url, err);

    if (!file)
        return -1;
    file->size = e->size;
    for (size_t i = 0; e->members && e->members[i][0]; i++)
        wanted_add_member(file, e->members[i][0], e->members[i][1]);
    return e->digest == DIGEST_NONE ? 0 : wanted_set_digest(file, e->digest, e->hex, err);
}

int catalog_find(struct wanted *w, const char *source, struct err *err)
{
    const size_t len = wiki_len(source);
    int found = 0;

    if (len)
        return find_wiki(w, source, len, err);
    for (size_t i = 0; i < catalog_count(); i++) {
        if (strcmp(entries[i].source, source) != 0)
            continue;
        if (add_entry(w, &entries[i], err) < 0)
            return -1;
        found = 1;
    }
    return found;
}
