// Runs the model beside the page, so that the page never waits for it.
import * as ort from "./ort.mjs";
import {readAbout, reader} from "./files.js";
import {openWhole} from "./sentiment.js";
import {Tokenizer} from "./tokenizers.mjs";

const PATIENCE = 10_000; // milliseconds for leaving words out; the likeliest come first
let latest = 0; // the number of the newest question: what is older is given up
let came = 0;

function progress(bytes) {
  const before = Math.floor(came / 250_000);
  came += bytes;
  if (Math.floor(came / 250_000) > before) postMessage({came});
}

const model = readAbout().then(about => openWhole(reader(about, progress), about, {ort, Tokenizer}));
model.then(() => postMessage({ready: true}), e => postMessage({failed: e.message}));

const pause = () => new Promise(resolve => setTimeout(resolve)); // lets newer questions in

async function answer(id, text) {
  const open = await model;
  if (id !== latest) return;
  const found = await open.answer(text);
  postMessage({id, answer: found});
  if (found.problem) return;
  const effects = [];
  const until = performance.now() + PATIENCE;
  for await (const {word, effect, of} of open.effects(found)) {
    effects.push({word, effect});
    const last = effects.length === of || performance.now() > until;
    if (last || effects.length % 10 === 0) postMessage({id, effects, of: last ? effects.length : of});
    await pause();
    if (last || id !== latest) return;
  }
}

addEventListener("message", ({data: {id, text}}) => {
  latest = id;
  answer(id, text).catch(e => postMessage({id, failed: e.message}));
});
