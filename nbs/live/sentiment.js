// The shipped classifier, computed as imdb_bert computes it in Python: the same text gives the same answer.
// Nothing here knows a page. A worker in the browser, or Node in the test (.ci/live_test.mjs), hands in what reads
// files, the tokenizers library and ONNX Runtime; .ci/live.py puts the files together.

// ---- Cleaning: clean_review of imdb_bert/data.py ----

const TAG = /<\/?[a-zA-Z][^<>]{0,200}>/gu;
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
const BLANKS = /[ \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g; // those of Python, which \s is not
const ENTITY = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}]*$/u;

// From Python's own tables of entities: a function that cleans a review.
export function makeCleaner({named, replaced, dropped}) {
  const names = new Map(Object.entries(named));
  const instead = new Map(Object.entries(replaced));
  const none = new Set(dropped);

  const numbered = digits => {
    const n = /^[xX]/.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
    if (instead.has(String(n))) return instead.get(String(n));
    if ((n >= 0xd800 && n <= 0xdfff) || n > 0x10ffff) return "\ufffd";
    return none.has(n) ? "" : String.fromCodePoint(n);
  };
  const resolve = (whole, entity) => {
    if (entity[0] === "#") return numbered(entity.slice(1));
    if (names.has(entity)) return names.get(entity);
    for (let end = entity.length - 1; end > 1; end--)
      if (names.has(entity.slice(0, end))) return names.get(entity.slice(0, end)) + entity.slice(end);
    return whole;
  };
  return text => text.replace(TAG, " ").replace(ENTITY, resolve)
    .replace(CONTROL, " ").replace(BLANKS, " ").replace(/^ | $/g, "");
}

// ---- The linear model: HashedLinear of imdb_bert/foundations/baselines.py ----

const ODD = 0x9e3779b97f4a7c15n;
const BITS = 20n;
const u64 = x => BigInt.asUintN(64, x);
const PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."};
const WORD_OR_MARK = /[a-z0-9'_\u0080-\u{10ffff}]+|[\x21-\x7f]/gu;

function mixed(h) {
  h = u64((h ^ (h >> 30n)) * 0xbf58476d1ce4e5b9n);
  h = u64((h ^ (h >> 27n)) * 0x94d049bb133111ebn);
  return h ^ (h >> 31n);
}

const bucket = hash => Number(hash >> (64n - BITS));
const pairBucket = (left, right) => bucket(mixed(u64(left * ODD + right)));

export class Linear {
  // of a .safetensors file: the length of a header, the header, the tensors
  constructor(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const at = name => 8 + length + header[name].data_offsets[0];
    this.weights = new Int8Array(bytes.buffer, bytes.byteOffset + at("weights"), 1 << Number(BITS));
    this.scale = view.getFloat64(at("scale"), true);
    this.bias = view.getFloat64(at("bias"), true);
    this.hashes = new Map(); // of words seen so far
  }

  hash(word) {
    if (!this.hashes.has(word)) {
      const utf8 = new TextEncoder().encode(word);
      this.hashes.set(word, mixed(utf8.reduceRight((sum, byte) => u64(sum * ODD + BigInt(byte)), 0n)));
    }
    return this.hashes.get(word);
  }

  // The hashes of the words and marks of a text.
  read(text) {
    const plain = text.replaceAll("\0", " ").toLowerCase().replace(/[’‘“”–—…]/g, mark => PLAIN[mark]);
    return (plain.match(WORD_OR_MARK) ?? []).map(word => this.hash(word));
  }

  // Log-odds of positive, and how many n-grams have a weight.
  score(text) {
    const hashes = this.read(text);
    const found = new Set(hashes.map(bucket));
    for (let i = 1; i < hashes.length; i++) found.add(pairBucket(hashes[i - 1], hashes[i]));
    const weights = [...found].map(number => this.weights[number]);
    const sum = weights.reduce((a, b) => a + b, 0);
    return {odds: this.bias + this.scale * sum, known: weights.filter(w => w !== 0).length};
  }

  // What each word adds to the log-odds: those of the text, less those of the text without the word.
  // An n-gram that stands elsewhere, too, is not lost with a word; a new pair forms where the word was.
  effects(words) {
    const parts = words.map(word => this.read(word));
    const all = parts.flat();
    const ones = all.map(bucket);
    const pairs = all.map((hash, i) => i ? pairBucket(all[i - 1], hash) : null); // of a word and the one before it
    const times = new Map();
    for (const number of [...ones, ...pairs.slice(1)]) times.set(number, (times.get(number) ?? 0) + 1);
    let start = 0;
    return parts.map(part => {
      const end = start + part.length;
      const gone = [...ones.slice(start, end), ...pairs.slice(Math.max(1, start), end + 1)];
      const left = new Map(gone.map(number => [number, times.get(number)]));
      for (const number of gone) left.set(number, left.get(number) - 1);
      const lost = new Set(gone.filter(number => left.get(number) === 0));
      let change = [...lost].reduce((sum, number) => sum + this.weights[number], 0);
      if (part.length && start && end < all.length) {
        const born = pairBucket(all[start - 1], all[end]);
        if (lost.has(born) || !times.has(born)) change -= this.weights[born];
      }
      start = end;
      return part.length ? this.scale * change : 0;
    });
  }
}

// ---- The encoder: Engine of imdb_bert/foundations/engine.py, one review at a time ----

// The first, the last, or the first quarter and the last of the ids.
export function truncate(ids, room, rule) {
  if (ids.length <= room) return ids;
  const start = {head: room, tail: 0, head_tail: Math.floor(room / 4)}[rule];
  return [...ids.slice(0, start), ...ids.slice(ids.length - (room - start))];
}

// Each Han character is a word; the library in JavaScript knows that of the common ones only.
const RARE_HAN = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

export class Encoder {
  constructor(ort, session, tokenizer, {max_length, truncation}) {
    Object.assign(this, {ort, session, tokenizer, truncation});
    const bare = this.ids("movie");
    const whole = tokenizer.encode("movie").ids;
    const first = whole.indexOf(bare[0]);
    this.before = whole.slice(0, first);
    this.after = whole.slice(first + bare.length);
    this.room = max_length - this.before.length - this.after.length;
    const unknown = tokenizer.token_to_id("[UNK]");
    this.empty = new Set([...this.before, ...this.after, unknown]);
  }

  // Token ids of a text, special tokens not included.
  ids(text) {
    return this.tokenizer.encode(text.replace(RARE_HAN, " $& "), {add_special_tokens: false}).ids;
  }

  // What the model reads of them.
  window(ids) {
    return [...this.before, ...truncate(ids, this.room, this.truncation), ...this.after];
  }

  knows(window) {
    return !window.every(id => this.empty.has(id));
  }

  // Log-odds of positive. A batch of one: with others beside it, 8 bits would round a review differently.
  async odds(window) {
    const tensor = values => new this.ort.Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
    const batch = {input_ids: tensor(window), attention_mask: tensor(window.map(() => 1))};
    const {logits} = await this.session.run(batch);
    return logits.data[1] - logits.data[0];
  }
}

// ---- Both as one: _Blend of imdb_bert/foundations/blending.py ----

export const sigmoid = x => 1 / (1 + Math.exp(-x));

export class Sentiment {
  // about: model.json, as .ci/live.py writes it; linear or encoder may be missing
  constructor(about, clean, linear = null, encoder = null) {
    Object.assign(this, {about, clean, linear, encoder});
  }

  // Why a clean review cannot be predicted; null if it can.
  problem(text) {
    if (/\p{Cs}/u.test(text)) return "no text: broken Unicode (half a surrogate pair)";
    return INVISIBLE.test(text) ? "no text: empty or blank" : null;
  }

  // What the linear model says, and whether it is so sure that the encoder is not asked.
  first(text) {
    if (!this.linear) return {odds: 0, known: 0, sure: false};
    const {odds, known} = this.linear.score(text);
    const {threshold} = this.about;
    return {odds, known, sure: threshold !== null && Math.abs(odds) >= threshold && known > 0};
  }

  // The answer of the linear model alone, at once; null where there is none.
  guess(raw) {
    const text = this.clean(raw);
    const problem = this.problem(text);
    if (problem || !this.linear) return problem ? {text, problem} : null;
    const {odds, known, sure} = this.first(text);
    if (!known) return null;
    return {text, odds: this.about.alone * odds, positive: sigmoid(this.about.alone * odds), sure};
  }

  // The answer that SentimentAnalyzer gives.
  async answer(raw) {
    const text = this.clean(raw);
    const problem = this.problem(text);
    if (problem) return {text, problem};
    const first = this.first(text);
    if (first.sure) {
      const odds = this.about.alone * first.odds;
      return {text, odds, positive: sigmoid(odds), sure: true, read: text.split(" ").length, dropped: 0};
    }
    const ids = this.encoder.ids(text);
    const window = this.encoder.window(ids);
    if (!this.encoder.knows(window)) return {text, problem: "no text: the model knows none of its words"};
    const encoder = await this.encoder.odds(window);
    const odds = this.blended(encoder, first.odds);
    const dropped = ids.length - (window.length - this.encoder.before.length - this.encoder.after.length);
    return {text, odds, positive: sigmoid(odds), sure: false, read: window.length, dropped, encoder};
  }

  blended(encoder, linear) {
    return this.about.weights.encoder * encoder + this.about.weights.linear * linear;
  }

  // Which words decided: the answer's log-odds, less those without a word, one word after the other, the likeliest
  // first. Stop reading to stop computing.
  async *effects(answer, most = 60) {
    const words = answer.text.split(" ");
    const linear = this.linear?.effects(words) ?? words.map(() => 0);
    const {alone, weights} = this.about;
    const order = words.map((_, i) => i);
    if (this.linear) order.sort((a, b) => Math.abs(linear[b]) - Math.abs(linear[a]) || a - b);
    const chosen = truncate(order, most, this.linear ? "head" : "head_tail");
    const ids = answer.sure ? [] : words.map(word => this.encoder.ids(word));
    for (const i of chosen) {
      let effect = alone * linear[i];
      if (!answer.sure) {
        const without = this.encoder.window(ids.flatMap((part, at) => at === i ? [] : part));
        effect = weights.encoder * (answer.encoder - await this.encoder.odds(without)) + weights.linear * linear[i];
      }
      yield {word: i, effect, of: chosen.length};
    }
  }
}

// ---- Opening: read(name) gives a file's bytes ----

const json = async (read, name) => JSON.parse(new TextDecoder().decode(await read(name)));

// What answers at once: the cleaning and, where the model has one, the linear part.
export async function openFirst(read, about) {
  const [entities, linear] = await Promise.all(
    [json(read, "entities.json"), about.linear ? read("linear.safetensors") : null]);
  return new Sentiment(about, makeCleaner(entities), linear && new Linear(linear));
}

// The same with the encoder.
export async function openWhole(read, about, {ort, Tokenizer}) {
  const [model, wasm, tokenizer, ...parts] = await Promise.all([openFirst(read, about), read("ort.wasm"),
    json(read, "tokenizer.json"), ...about.onnx.map(read)]);
  ort.env.wasm.numThreads = 1; // more need headers that GitHub Pages does not send
  ort.env.wasm.wasmBinary = wasm.buffer; // so that it fetches nothing by itself
  const [graph, ...data] = parts;
  const externalData = data.map((bytes, i) => ({path: about.onnx[i + 1], data: bytes}));
  const session = await ort.InferenceSession.create(graph, {executionProviders: ["wasm"], externalData});
  model.encoder = new Encoder(ort, session, new Tokenizer(tokenizer, {}), about);
  return model;
}
