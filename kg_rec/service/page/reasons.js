// The reasons of a score: bars, the sum, and the passages they come from.

import { get, query } from "./api.js";
import { button, el } from "./dom.js";
import { colour, inOrder, kindWords } from "./kinds.js";
import { state } from "./state.js";
import { count, number, say, signed, spoken } from "./words.js";

const SHOWN = 3;
const NEGLIGIBLE = 5e-7;
const TOLERANCE = 1e-6;
const labels = new Map(); // item id -> label, in the language of the page

/** Remember what items are called. */
export const learn = (items) => items.forEach(({ item, label }) => labels.set(item, label));

/** Forget what items are called, since another language is spoken. */
export const unlearn = () => labels.clear();

/** Resolve to what an item is called. */
export async function labelOf(item) {
  if (!labels.has(item)) {
    const { items } = await get(`items${query({ q: item, limit: 5, language: spoken() })}`);
    labels.set(item, items.find((found) => found.item === item)?.label ?? item);
  }
  return labels.get(item);
}

/** Return all parts of a score: its reasons and what is left of it. */
export function parts(item) {
  const rest = Math.abs(item.rest) > NEGLIGIBLE ? [{ value: item.rest, kind: "rest", sentence: say("all smaller reasons"), evidence: [] }] : [];
  return [...item.reasons, ...rest];
}

/** Return how many places numbers get: three digits of the largest score. */
export function placesFor(items) {
  const largest = Math.max(1e-6, ...items.map(({ score }) => Math.abs(score)));
  return Math.min(8, Math.max(3, 2 - Math.floor(Math.log10(largest))));
}

/**
 * Return values as they are shown: rounded, so that what is shown adds up to the rounded sum.
 * Each is less than one unit of its last place away from its value (largest remainder).
 */
export function rounded(values, places) {
  const unit = 10 ** places;
  const down = values.map((value) => Math.floor(value * unit));
  const sum = Math.round(values.reduce((a, b) => a + b, 0) * unit);
  const missing = sum - down.reduce((a, b) => a + b, 0);
  const order = values.map((value, n) => [value * unit - down[n], n]).sort(([a, m], [b, n]) => b - a || m - n);
  order.slice(0, missing).forEach(([, n]) => { down[n] += 1; });
  return down.map((value) => value / unit);
}

/** Return the most that speaks for and against any of the items: the scale of their bars. */
export function scaleOf(items) {
  const sums = items.map((item) => {
    const values = parts(item).map((part) => part.value);
    return [values.filter((v) => v < 0).reduce((a, b) => a - b, 0), values.filter((v) => v > 0).reduce((a, b) => a + b, 0)];
  });
  const against = Math.max(0, ...sums.map(([less]) => less));
  const speaks = Math.max(1e-9, ...sums.map(([, more]) => more));
  return { against, whole: against + speaks };
}

/** Return the bar of a score: what speaks for it right of the line, what counts against it left. */
export function bar(item, scale) {
  const zero = scale.against / scale.whole;
  const made = el("div", { class: "bar", "aria-hidden": "true" });
  let [left, right] = [zero, zero];
  for (const { value, kind } of parts(item)) {
    const width = Math.abs(value) / scale.whole;
    const piece = el("i", { class: `k ${colour(kind)}` });
    if (value < 0) left -= width;
    piece.style.left = `${100 * (value < 0 ? left : right)}%`;
    piece.style.width = `${100 * width}%`;
    if (value > 0) right += width;
    made.append(piece);
  }
  const line = el("b");
  line.style.left = `${100 * zero}%`;
  made.append(line);
  return made;
}

/** Return what the colours mean, of the kinds that there are. */
export function legend(items) {
  return inOrder(items.flatMap((item) => parts(item).map((part) => part.kind)))
    .map((kind) => el("li", {}, el("span", { class: `k swatch ${colour(kind)}` }), kindWords(kind)));
}

/** Return what is said of an item, and what is added. */
export function clauses(text) {
  const place = text.search(/; |\uff1b/);
  return place < 0 ? [text, ""] : [text.slice(0, place), text.slice(place)];
}

function sentence(text) {
  const [main, added] = clauses(text);
  return el("span", { class: "sentence" }, main, added ? el("span", { class: "soft small" }, added) : null);
}

function cite(passage) {
  const { document: name } = passage;
  const made = el("cite");
  const told = (phrase, label) => { made.textContent = say(phrase, { name: label }); };
  if (name === "text" || name.startsWith("users/")) told("your own words");
  else if (name.startsWith("items/")) labelOf(name.slice(6)).then((label) => told("text on {name}", label), () => told("text on {name}", name.slice(6)));
  else made.textContent = name;
  return made;
}

/** Return what stands around a passage, if it is of the text that was typed. */
function around({ document: name, start, end, text }) {
  const typed = state.text.trim();
  const here = name === "text" && typed.slice(start, end) === text;
  return here ? [typed.slice(0, start), typed.slice(end)] : ["", ""];
}

function quote(passage) {
  const [before, after] = around(passage);
  return el("blockquote", {}, el("p", {}, "\u201c", before, el("mark", {}, passage.text), after, "\u201d"), cite(passage));
}

function quotes(passages, open) {
  if (!passages.length) return null;
  const made = el("details", { class: "quotes" }, el("summary", {}, count(passages.length, "{n} passage", "{n} passages")));
  const show = () => { if (made.open && made.children.length === 1) made.append(...passages.slice(0, SHOWN).map(quote), ...more(passages)); };
  made.addEventListener("toggle", show);
  made.open = open;
  show();
  return made;
}

function more(passages) {
  if (passages.length <= SHOWN) return [];
  const rest = button(count(passages.length - SHOWN, "{n} more passage", "{n} more passages"), (event) => event.currentTarget.replaceWith(...passages.slice(SHOWN).map(quote)), { class: "quiet" });
  return [rest];
}

/**
 * Return the reasons of an item as a sum.
 * `tune(reason)` returns the buttons that change a reason.
 */
export function ledger(item, { tune = () => [], open = false, places = placesFor([item]) } = {}) {
  const all = parts(item);
  const values = rounded(all.map(({ value }) => value), places);
  const seen = all.map((part, n) => n).filter((n) => values[n] || all[n].kind !== "rest");
  const rows = seen.map((n) => [all[n], n]).map(([part, n]) => el("li", { class: "part", "data-key": part.key },
    el("span", { class: "value", title: part.value }, signed(values[n], places)),
    el("span", { class: `k swatch ${colour(part.kind)}`, title: kindWords(part.kind) }),
    el("div", {}, sentence(part.sentence),
      values[n] < 0 ? el("span", { class: "against" }, say("counts against")) : null,
      quotes(part.evidence, open && n === 0)),
    el("div", { class: "tune" }, part.key ? tune(part) : [])));
  return el("div", { class: "ledger" }, el("ul", { class: "parts" }, rows), total(item, all, places, seen.length));
}

function total(item, all, places, shown) {
  const sum = all.reduce((a, part) => a + part.value, 0);
  const same = Math.abs(sum - item.score) <= TOLERANCE * Math.max(1e-6, Math.abs(item.score), ...all.map((p) => Math.abs(p.value)));
  const words = same ? count(shown, "{n} reason, exactly the score", "{n} reasons, which add up to exactly the score")
    : say("the reasons do not add up to the score: {sum}", { sum });
  return el("p", { class: same ? "total" : "total wrong", title: `${sum} = ${item.score}` },
    el("span", { class: "value" }, `= ${number(sum, places)}`), el("span", {}, words));
}
