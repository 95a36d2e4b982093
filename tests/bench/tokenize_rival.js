// MB/s of Hugging Face's tokenizers on one thread: node tokenize_rival.js PACKAGE VOCAB cased|uncased TEXT IDS
// Writes its ids, one line for each line, so that they can be compared; prints MB/s of encodeBatch() alone.
const fs = require('fs');
const [, , folder, vocabPath, which, textPath, idsPath] = process.argv;
const { Tokenizer } = require(folder);
const lowercase = which === 'uncased';
const vocab = {};
fs.readFileSync(vocabPath, 'utf8').split('\n').slice(0, -1).forEach((token, id) => { vocab[token] = id; });
const special = ['[UNK]', '[SEP]', '[PAD]', '[CLS]', '[MASK]'].map((content) => ({
  id: vocab[content], content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true,
}));
const tokenizer = Tokenizer.fromString(JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: special.sort((a, b) => a.id - b.id),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
  pre_tokenizer: { type: 'BertPreTokenizer' }, post_processor: null, decoder: null,
  model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
}));

(async () => {
  const lines = fs.readFileSync(textPath, 'utf8').split('\n').slice(0, -1);
  const out = [];
  let seconds = 0;
  let bytes = 0;
  for (let at = 0; at < lines.length; at += 2000) {
    const batch = lines.slice(at, at + 2000);
    const begin = process.hrtime.bigint();
    const got = await tokenizer.encodeBatch(batch, { addSpecialTokens: false });
    seconds += Number(process.hrtime.bigint() - begin) / 1e9;
    batch.forEach((line) => { bytes += Buffer.byteLength(line) + 1; });
    got.forEach((encoding) => out.push(encoding.getIds().join(' ')));
  }
  fs.writeFileSync(idsPath, `${out.join('\n')}\n`);
  console.log((bytes / 1e6 / seconds).toFixed(2));
})();
