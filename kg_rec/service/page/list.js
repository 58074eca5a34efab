// The list: cards, and how they moved since the list of before.

import { button, byId, el, fill, mayMove } from "./dom.js";
import { bar, clauses, ledger, legend, parts, placesFor, rounded, scaleOf } from "./reasons.js";
import { state } from "./state.js";
import { count, number, say, signed } from "./words.js";

const opened = new Set(); // items whose reasons were opened
let first = true;
const VERDICTS = { like: "Like", dislike: "Dislike", seen: "Seen", hide: "Hide" };

/** Return what happened to each item of a list since the list of before. */
export function compare(before, now) {
  const old = new Map(before.map((item) => [item.item, item.rank]));
  const here = new Set(now.map((item) => item.item));
  const moves = new Map(now.map(({ item, rank }) => [item, old.has(item) ? old.get(item) - rank : "new"]));
  const of = (test) => [...moves.values()].filter(test).length;
  return {
    moves,
    gone: before.filter(({ item }) => !here.has(item)),
    up: of((move) => move > 0),
    down: of((move) => move < 0),
    fresh: of((move) => move === "new"),
  };
}

/** Return how a list moved, in words. */
export function inWords({ up, down, fresh, gone }) {
  if (!up && !down && !fresh && !gone.length) return say("The order stays.");
  const told = [[up, "{n} up"], [down, "{n} down"], [fresh, "{n} new"], [gone.length, "{n} gone"]];
  return told.filter(([n]) => n).map(([n, phrase]) => say(phrase, { n })).join(say(", ")) + say(".");
}

function marker(move) {
  if (move === undefined || move === 0) return null;
  if (move === "new") return el("span", { class: "move new" }, say("new"));
  const words = say(move > 0 ? "up {n}" : "down {n}", { n: Math.abs(move) });
  return el("span", { class: move > 0 ? "move up" : "move down", title: words },
    el("span", { "aria-hidden": "true" }, `${move > 0 ? "\u25b2" : "\u25bc"} ${Math.abs(move)}`), el("span", { class: "hidden" }, words));
}

function tuning(reason, item, act) {
  const boosted = state.boost.has(reason.key);
  const told = (word) => `${word}${say(": ")}${reason.sentence}`;
  return [
    button(say("Mute"), () => act.mute(reason, item), { class: "small", "aria-label": told(say("Mute")) }),
    button(say("Boost"), () => act.boost(reason, item), { class: "small", "aria-pressed": String(boosted), "aria-label": told(say("Boost")) }),
  ];
}

function verdicts(item, act) {
  const said = state.verdicts.get(item.item)?.verdict;
  return Object.entries(VERDICTS).map(([verdict, word]) => button(say(word), () => act.verdict(item, verdict), {
    class: "small", "data-verdict": verdict, "aria-pressed": String(said === verdict), "aria-label": `${say(word)}${say(": ")}${item.label}`,
  }));
}

function badges(item, mixed) {
  if (item.explored) return el("span", { class: "badge", title: item.chance ? say("drawn with a chance of {n} %", { n: Math.round(100 * item.chance) }) : null }, say("to learn from"));
  return mixed && item.strategy ? el("span", { class: "badge soft" }, say(item.strategy)) : null;
}

/** Return the strongest reason in a line, and how many more there are. */
function summary(item, places) {
  const all = parts(item);
  if (!all.length) return el("summary", {}, say("Nothing speaks for it or against it."));
  const [value] = rounded(all.map((part) => part.value), places);
  const more = all.length > 1 ? count(all.length - 1, "{n} more reason", "{n} more reasons") : "";
  return el("summary", {},
    el("span", { class: "closed" }, el("span", { class: "value" }, signed(value, places)), " ", clauses(all[0].sentence)[0], " ", el("span", { class: "soft small" }, more)),
    el("span", { class: "open" }, say("Its reasons")));
}

function reasons(item, { places, act }) {
  const made = el("details", { class: "why-it", open: opened.has(item.item) }, summary(item, places),
    ledger(item, { tune: (reason) => tuning(reason, item.item, act), open: true, places }));
  made.addEventListener("toggle", () => opened[made.open ? "add" : "delete"](item.item));
  return made;
}

function card(item, { scale, places, moves, act, mixed }) {
  return el("li", { class: "card", "data-item": item.item },
    el("div", { class: "head" },
      el("span", { class: "rank" }, String(item.rank)),
      el("h3", { tabindex: "-1" }, item.label, " ", marker(moves.get(item.item)), badges(item, mixed)),
      el("span", { class: "score" }, number(item.score, places), " ", el("small", {}, say("score")))),
    bar(item, scale),
    reasons(item, { places, act }),
    el("div", { class: "actions" },
      el("div", { class: "group", role: "group", "aria-label": say("What do you say of it?") }, verdicts(item, act)),
      el("div", { class: "group" },
        button(say("All reasons"), () => act.explain(item), { class: "small", "aria-label": `${say("All reasons")}${say(": ")}${item.label}` }),
        button(say("Graph"), () => act.graph(item), { class: "small", "aria-label": `${say("Graph")}${say(": ")}${item.label}` }))));
}

const whereabouts = (list) => new Map([...list.children].map((node) => [node.dataset.item, node.getBoundingClientRect()]));

/** Let cards glide from where they were. */
function glide(list, before) {
  if (!mayMove()) return;
  for (const node of list.children) {
    const old = before.get(node.dataset.item);
    const shift = old ? old.top - node.getBoundingClientRect().top : 0;
    if (old && Math.abs(shift) > 1) node.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], { duration: 450, easing: "ease-out" });
    else if (!old && before.size) node.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 450 });
  }
}

/** Forget which reasons were opened: the first item's will be. */
export function closeAll() {
  opened.clear();
  first = true;
}

/** Show a list; `change` is what `compare` returns, or null for a list that has none before it. */
export function showList(items, change, act) {
  const list = byId("list");
  const before = change ? whereabouts(list) : new Map();
  const moves = change?.moves ?? new Map();
  const [scale, places] = [scaleOf(items), placesFor(items)];
  const mixed = new Set(items.map(({ strategy }) => strategy)).size > 1;
  if (first && items.length) opened.add(items[0].item);
  first &&= !items.length;
  fill(list, items.map((item) => card(item, { scale, places, moves, act, mixed })));
  fill(byId("legend"), legend(items));
  showGone(change?.gone ?? [], act);
  glide(list, before);
}

function showGone(gone, act) {
  if (!gone.length) return fill(byId("gone"));
  return fill(byId("gone"), el("p", { class: "soft" }, say("No longer in the list:")),
    el("ul", { class: "chips" }, gone.map((item) => el("li", {}, button(item.label, () => act.explain(item), { class: "chip", title: say("Why?") })))));
}
