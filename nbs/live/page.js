// The page around the model: what the reader types goes to the worker, and what comes back is shown.
import {here, readAbout, reader} from "./files.js";
import {openFirst, sigmoid} from "./sentiment.js";

const EXAMPLES = [
  "I wanted to like it. The cast is wonderful and the photography is lovely, but nothing happens for two hours, and then it ends.",
  "The trailer promised a thriller. What we got is a slow, warm film about two brothers who repair a boat, and I have not stopped smiling since.",
  "Not bad at all! I expected little, and it made me laugh more than anything else this year.",
  "If you enjoy watching paint dry, this masterpiece is for you.",
];
const part = Object.fromEntries([...document.querySelectorAll("[id^=live-]")].map(e => [e.id.slice(5), e]));
const percent = p => p > .995 ? "more than 99%" : p < .005 ? "less than 1%" : `${Math.round(100 * p)}%`;
const megabytes = n => (n / 1e6).toFixed(n < 1e7 ? 1 : 0);
const element = (name, text, properties = {}) => Object.assign(document.createElement(name), {textContent: text}, properties);

let first;      // the model's part that answers at once
let worker;     // the whole model
let ready = false;
let asked = 0;  // questions so far; the last one counts
let answer;     // the last one's
let wait;

// ---- What is shown ----

function say(text, trouble = false) {
  part.state.textContent = text;
  part.state.classList.toggle("trouble", trouble);
}

function showAnswer(found, how) {
  answer = found;
  part.result.removeAttribute("aria-busy");
  part.result.hidden = false;
  part.numbers.hidden = Boolean(found.problem);
  if (found.problem) {
    part.answer.textContent = found.problem.replace(/^n/, "N") + ".";
    return;
  }
  const label = found.positive > .5 ? "positive" : "negative";
  const said = percent(Math.max(found.positive, 1 - found.positive));
  part.answer.replaceChildren(element("strong", label[0].toUpperCase() + label.slice(1)), `, with a probability of ${said}`);
  part.how.textContent = how;
  part.bar.className = label;
  part.bar.style.left = `${100 * Math.min(.5, found.positive)}%`;
  part.bar.style.width = `${100 * Math.abs(found.positive - .5)}%`;
  part.words.textContent = found.text;
  part.progressed.textContent = "";
  part.table.style.visibility = "hidden"; // it keeps its place
}

function howOf(found) {
  if (found.sure) return "The linear model is sure enough to answer alone.";
  const who = first.linear ? "The encoder and the linear model together" : "The encoder";
  const cut = found.dropped ? `, with ${found.dropped} more in the middle left out` : "";
  return `${who}, after ${found.read} tokens${cut}.`;
}

// The review with its words tinted; each strong one says in words, too, where it leads.
function showEffects(effects, of) {
  const words = answer.text.split(" ");
  part.progressed.textContent = effects.length < of ? `Leaving out one word after the other: ${effects.length} of ${of} …`
    : words.length > of ? `The ${of} words that weigh most were left out, one after the other.`
    : "Each word was left out, one after the other.";
  const size = Math.max(1, ...effects.map(e => Math.abs(e.effect)));
  const by = new Map(effects.map(e => [e.word, e.effect]));
  const shown = words.flatMap((word, i) => [i ? " " : "", marked(word, by.get(i) ?? 0, size)]);
  part.words.replaceChildren(...shown);
  if (effects.length === of) showTable(effects, words);
}

function marked(word, effect, size) {
  if (Math.abs(effect) < .25) return word; // at the middle, six points of a hundred
  const side = effect > 0 ? "positive" : "negative";
  const mark = element("mark", word, {className: side, title: `speaks for ${side}`});
  mark.style.setProperty("--share", Math.sqrt(Math.abs(effect) / size).toFixed(2));
  mark.append(element("span", ` (for ${side})`, {className: "visually-hidden"}));
  return mark;
}

const bare = word => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word; // without the marks around it

function showTable(effects, words) {
  const strongest = effects.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, 6);
  const rows = strongest.filter(e => Math.abs(e.effect) > .01).map(({word, effect}) => {
    const row = element("tr");
    row.append(element("th", bare(words[word]), {scope: "row"}), element("td", effect > 0 ? "positive" : "negative"),
      element("td", percent(sigmoid(answer.odds - effect))));
    return row;
  });
  part.table.tBodies[0].replaceChildren(...rows);
  part.table.hidden = !rows.length;
  part.table.style.visibility = "visible";
}

// ---- What is asked ----

function ask() {
  clearTimeout(wait);
  const id = ++asked;
  const text = part.text.value;
  if (ready) part.result.setAttribute("aria-busy", "true");
  else guess(text);
  worker?.postMessage({id, text});
}

// What the linear model says, which is there from the beginning.
function guess(text) {
  const found = first.guess(text);
  if (!found) return;
  showAnswer(found, found.sure ? howOf(found) : "A first guess by the linear model; the encoder has not answered yet.");
  if (found.problem) return;
  const effects = first.linear.effects(found.text.split(" "));
  showEffects(effects.map((effect, word) => ({word, effect: first.about.alone * effect})), effects.length);
}

function start(about) {
  if (worker) return;
  const whole = Object.values(about.bytes).reduce((a, b) => a + b);
  say(`Loading the model: ${megabytes(whole)} MB`);
  part.progress.hidden = false;
  worker = new Worker(here("worker.js"), {type: "module"});
  const fail = why => {
    part.progress.hidden = true;
    part.result.removeAttribute("aria-busy");
    ready = false;
    say(`The encoder does not run here (${why}).` + (first?.linear ? " The linear model answers alone." : ""), true);
  };
  worker.addEventListener("error", e => fail(e.message || "the worker did not start"));
  worker.addEventListener("message", ({data}) => {
    if (data.came) {
      part.progress.value = data.came / whole;
      part.progress.title = `${megabytes(data.came)} of ${megabytes(whole)} MB`;
    } else if (data.ready) {
      ready = true;
      part.progress.hidden = true;
      say("The model is ready.");
    } else if (data.failed) fail(data.failed);
    else if (data.id !== asked) return;
    else if (data.answer) showAnswer(data.answer, howOf(data.answer));
    else showEffects(data.effects, data.of);
  });
}

async function open() {
  const about = await readAbout();
  if (!about) return say("This copy of the site was built without the model, so it cannot answer.", true);
  part.form.hidden = false;
  first = await openFirst(reader(about), about);
  part.form.addEventListener("submit", event => {
    event.preventDefault();
    start(about);
    ask();
  });
  part.text.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 250);
  });
  let example = 0;
  part.next.addEventListener("click", () => {
    part.text.value = EXAMPLES[++example % EXAMPLES.length];
    ask();
  });
  part.text.value ||= EXAMPLES[0];
  if (navigator.connection?.saveData) say(`The model is loaded when you press Answer.`);
  else start(about);
  ask();
}

open().catch(e => say(`The model could not be loaded (${e.message}).`, true));
