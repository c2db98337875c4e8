// The page's answers are Python's: node .ci/live_test.mjs FOLDER, which live.py and live_expected.py have filled.
import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const folder = resolve(process.argv[2]);
const read = async name => {
  const bytes = await readFile(`${folder}/${name}`);
  return new Uint8Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const parse = async name => JSON.parse(new TextDecoder().decode(await read(name)));
const load = name => import(pathToFileURL(`${folder}/${name}`).href);

const {openFirst, openWhole} = await load("sentiment.js");
const ort = await load("ort.mjs");
const {Tokenizer} = await load("tokenizers.mjs");
const {rows, explained, effects} = await parse("expected.json");
const about = await parse("model.json");
const first = await openFirst(read, about);
const model = await openWhole(read, about, {ort, Tokenizer});

let alone = 0;
const worst = {linear: 0, probability: 0, effect: 0};
const near = (what, here, there, most, text) => {
  worst[what] = Math.max(worst[what], Math.abs(here - there));
  assert.ok(Math.abs(here - there) <= most, `${what} of ${JSON.stringify(text.slice(0, 60))}: ${here}, Python ${there}`);
};

for (const row of rows) {
  assert.equal(model.clean(row.text), row.clean);
  assert.deepEqual(model.encoder.window(model.encoder.ids(row.clean)), row.ids, row.clean);
  const byWord = row.clean.split(" ").flatMap(word => model.encoder.ids(word));
  assert.deepEqual(model.encoder.window(byWord), row.ids, "the ids of a text are those of its words");
  if (row.linear) {
    const {odds, known} = model.linear.score(row.clean);
    assert.equal(known, row.linear.known, row.clean);
    near("linear", odds, row.linear.odds, 1e-9, row.clean);
  }
  const answer = await model.answer(row.text);
  assert.equal(answer.problem ?? null, row.error, row.text);
  if (row.error) continue;
  // the two builds of ONNX Runtime add up in other orders, and 8 bits round the last digits to steps of their own
  near("probability", answer.positive, row.positive, 5e-3, row.clean);
  assert.deepEqual([answer.read, answer.dropped], [row.read, row.dropped], row.clean);
  const guess = first.guess(row.text);
  if (answer.sure) assert.equal(guess.positive, answer.positive, "where the linear model is sure, it answers at once");
  alone += answer.sure;
}

const answer = {...await model.answer(explained), sure: false};
const found = [];
for await (const {word, effect} of model.effects(answer, Infinity)) found[word] = effect;
assert.equal(found.length, effects.length);
effects.forEach((effect, i) => near("effect", found[i], effect, 5e-2, answer.text.split(" ")[i]));

if (model.linear) // the fast way to leave a word out of the linear model, and the plain one
  for (const {clean} of rows.filter(row => row.clean.length < 3000)) {
    const words = clean.split(" ");
    const odds = model.linear.score(clean).odds;
    model.linear.effects(words).forEach((effect, i) =>
      near("linear", effect, odds - model.linear.score(words.filter((_, at) => at !== i).join(" ")).odds, 1e-9, words[i]));
  }

const said = Object.entries(worst).map(([what, size]) => `${what} ${size.toExponential(1)}`).join(", ");
console.log(`the page answers as Python: ${rows.length} reviews, ${alone} by the linear model alone, token ids equal; largest differences: ${said}`);
