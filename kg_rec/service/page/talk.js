// A dialogue in plain language.

import { post } from "./api.js";
import { button, byId, el, fill } from "./dom.js";
import { learn, placesFor } from "./reasons.js";
import { state } from "./state.js";
import { number, say, spoken } from "./words.js";

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

function echo(answer) {
  const { understood, not_understood: lost } = answer;
  return [
    understood.length ? el("p", { class: "echo" }, el("b", {}, say("Understood: ")), understood.map(told).join(say("; "))) : null,
    lost.length ? el("p", { class: "echo lost" }, el("b", {}, say("Not understood: ")), lost.join(say("; "))) : null,
  ];
}

function facts(answer) {
  if (!answer.facts.length) return null;
  return el("details", { class: "quotes" }, el("summary", {}, say("The facts")),
    el("ul", {}, answer.facts.map((fact) => el("li", {}, fact.labels.join(" \u2014 ")))));
}

function items(answer, act) {
  if (!answer.items.length) return null;
  return el("ol", { class: "answers" }, answer.items.map((item) => el("li", {},
    button(item.label, () => act.explain(item), { class: "chip", title: say("Why?") }), " ", el("span", { class: "soft" }, number(item.score, placesFor(answer.items))))));
}

function append(...nodes) {
  const log = byId("conversation");
  log.hidden = false;
  log.append(...nodes);
  log.scrollTop = log.scrollHeight;
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
  return el("div", { class: "said theirs", "data-intent": said.intent },
    said.answer.split("\n").map((line) => el("p", {}, line)), items(said, act), facts(said), echo(said));
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
