// A dialogue in plain language.

import { post } from "./api.js";
import { button, byId, el, fill } from "./dom.js";
import { learn, placesFor } from "./reasons.js";
import { state } from "./state.js";
import { count, number, say, spoken } from "./words.js";

const CHANGES = new Set(["feedback", "undo"]); // what a user says in them is kept
let session = null;
let listed = [];
let missing = [];

/** Begin anew: another person, or another language. */
export function beginTalk() {
  session = null;
  fill(byId("conversation"));
  byId("conversation").hidden = true;
  suggest();
}

/** Offer questions about a list, and about items that have left it. */
export function suggestOf(items, gone) {
  [listed, missing] = [items, gone];
  suggest();
}

function suggest() {
  const asked = session ? [say("Why the first?"), say("More like the second")] : [];
  if (listed.length) asked.push(say("Something like {name}", { name: listed[0].label }));
  if (missing.length) asked.push(say("Why not {name}?", { name: missing[0].label }));
  fill(byId("suggestions"), asked.map((words) => button(words, () => put(words), { class: "chip" })));
}

function put(words) {
  byId("question").value = words;
  byId("ask").requestSubmit();
}

/** Return what was understood, whatever has been made of it, in words. */
function told(understood) {
  if (typeof understood === "string") return understood;
  if (understood.text ?? understood.label) return understood.text ?? understood.label;
  return Object.values(understood).filter((value) => ["string", "number"].includes(typeof value)).join(" ");
}

/** Return what was understood and what was not; the answer itself may have said the former. */
function echo(answer) {
  const { understood, not_understood: lost } = answer;
  const words = understood.map(told).filter((one) => !answer.answer.includes(one));
  return [
    words.length ? el("p", { class: "echo" }, el("b", {}, say("Understood: ")), words.join(say("; "))) : null,
    lost.length && !lost.every((one) => answer.answer.includes(one)) ? el("p", { class: "echo lost" }, el("b", {}, say("Not understood: ")), lost.join(say("; "))) : null,
  ];
}

function fact({ labels, evidence = [] }) {
  const quote = evidence[0]?.text;
  return el("li", {}, labels.join(" \u2014 "), quote ? [" ", el("q", {}, quote)] : null);
}

function facts(answer) {
  if (!answer.facts.length) return null;
  return el("details", { class: "quotes" }, el("summary", {}, count(answer.facts.length, "{n} fact", "{n} facts")),
    el("ul", { class: "stated" }, answer.facts.map(fact)));
}

/** Return the answer in words, without the list, which is shown beside it. */
function inLines(answer) {
  const listed = new Set(answer.items.map(({ rank, label }) => `${rank}. ${label}`));
  return answer.answer.split("\n").filter((line) => !listed.has(line)).map((line) => el("p", { class: /^ +\S/.test(line) ? "line" : null }, line.trim()));
}

function items(answer, act) {
  if (!answer.items.length) return null;
  const places = placesFor(answer.items);
  return el("ol", { class: "answers" }, answer.items.map((item) => el("li", {},
    button(item.label, () => act.tell(item), { class: "chip", title: say("Why?") }), " ", el("span", { class: "soft" }, number(item.score, places)))));
}

/** Add something that was said; what was asked last stays in sight. */
function append(node) {
  const log = byId("conversation");
  log.hidden = false;
  log.append(node);
  const asked = [...log.querySelectorAll(".mine")].pop();
  log.scrollTop = asked.offsetTop;
}

async function answer(question, act) {
  const body = { question, language: spoken() };
  if (session) body.session = session;
  if (state.mode === "user" && state.user) body.user = state.user;
  else if (state.text.trim()) body.text = state.text.trim();
  const said = await post("ask", body);
  session = said.session;
  learn(said.items);
  suggest();
  if (CHANGES.has(said.intent) && body.user) act.follow();
  return el("div", { class: "said theirs", "data-intent": said.intent },
    inLines(said), items(said, act), facts(said), echo(said));
}

/** Make the form ask. */
export function talk(act, failed) {
  byId("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const question = byId("question").value.trim();
    if (!question) return;
    byId("question").value = "";
    append(el("div", { class: "said mine" }, el("p", {}, question)));
    try {
      append(await answer(question, act));
    } catch (error) {
      if (error.status === 404) session = null;
      append(el("div", { class: "said theirs fault" }, el("p", {}, failed(error))));
    }
  });
}
