// The page: for whom, what was changed, the list, questions.

import { Fault, get, keepToken, post, query, whenRefused } from "./api.js";
import { combobox } from "./combobox.js";
import { button, byId, el, fill } from "./dom.js";
import { nameOf } from "./kinds.js";
import { closeAll, compare, inWords, showList } from "./list.js";
import { showHeld } from "./people.js";
import { labelOf, learn, unlearn } from "./reasons.js";
import { explain, graph, tell } from "./sheets.js";
import { start, state, wanted } from "./state.js";
import { beginTalk, suggestOf, talk } from "./talk.js";
import { count, say, speak, spoken } from "./words.js";

const REASONS = 4;
const HISTORY = 5;
const PATIENCE = 700; // milliseconds until something is shown that needs no text to be read
const SAID = { like: "liked", dislike: "disliked", seen: "seen", hide: "hidden" };

let shown = [];      // the list that is seen
let comparable = false; // whether the next list is of the same person
let asked = null;    // what the last request can be given up with
let about = null;    // what the service says of its model

// --- errors ----------------------------------------------------------------------------------

/** Return an error as what it is. */
function failed(error) {
  if (!(error instanceof Fault)) return say("The page has a fault: {message}", { message: error.message });
  if (error.status === 0) return say("The service does not answer.");
  return error.message || say("The service answered {status}.", { status: error.status });
}

function showFault(error) {
  if (error?.status === 401) return; // a token is being asked for
  byId("fault").hidden = !error;
  fill(byId("fault"), error ? [el("p", {}, failed(error)), button(say("Try again"), () => (about ? follow("") : begin()))] : []);
}

whenRefused((fault) => {
  byId("token-said").textContent = fault.message;
  if (!byId("token").open) byId("token").showModal();
});
byId("token").addEventListener("cancel", (event) => event.preventDefault());
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(byId("token-value").value.trim());
  byId("token-value").value = "";
  byId("token").close();
  begin();
});

/** Do something when asked to; what it fails with is shown. */
const guarded = (work) => (...given) => work(...given).catch((error) => { if (error.name !== "AbortError") showFault(error); });

// --- the list --------------------------------------------------------------------------------

function aboutList(found) {
  const who = state.mode === "user" ? say("User {id}", { id: state.user }) : "";
  byId("about-list").textContent = [who, found.strategy?.why, found.note].filter(Boolean).join(" \u00b7 ");
}

/** Show the list anew; `why` is what was done, and told beside how the list moved. */
async function follow(why) {
  asked?.abort();
  asked = new AbortController();
  const before = shown;
  byId("results").setAttribute("aria-busy", "true");
  if (!comparable) byId("status").textContent = say("One moment …");
  try {
    const found = await post("recommend", wanted(spoken(), REASONS), asked.signal);
    const change = comparable ? compare(before, found.items) : null;
    show(found, change, why);
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("status").textContent = "";
    showFault(error);
  }
  byId("results").setAttribute("aria-busy", "false");
}

function show(found, change, why) {
  shown = found.items;
  state.listed = new Set(shown.map(({ item }) => item));
  comparable = true;
  learn(shown);
  showFault(null);
  aboutList(found);
  showUnderstood(found.understood);
  showList(shown, change, act);
  showChanges();
  suggestOf(shown, change?.gone ?? []);
  const told = change ? inWords(change) : count(shown.length, "{n} recommendation", "{n} recommendations");
  byId("status").textContent = [why, told].filter(Boolean).join(" ");
}

function showUnderstood(understood) {
  const chips = understood.map(({ label, strength }) => el("li", { class: strength < 0 ? "not" : "yes" },
    el("b", { "aria-hidden": "true" }, strength < 0 ? "\u2212" : "+"), el("span", { class: "hidden" }, say(strength < 0 ? "disliked" : "liked"), " "), " ", label));
  const none = state.mode === "new" && state.text.trim() && !chips.length;
  fill(byId("understood"),
    chips.length ? [el("h3", {}, say("Understood")), el("ul", { class: "chips" }, chips)] : null,
    none ? el("p", { class: "soft" }, say("No like or dislike was understood in this text.")) : null);
}

// --- changes ---------------------------------------------------------------------------------

const focusOn = (item) => {
  const card = [...byId("list").children].find((node) => node.dataset.item === item);
  (card?.querySelector("h3") ?? byId("results")).focus({ preventScroll: Boolean(card) });
};

async function wish(kind, other, reason, item, word) {
  const name = nameOf(reason);
  state[other].delete(reason.key);
  const off = kind === "boost" && state.boost.has(reason.key);
  await takeBack(reason.key);
  if (off) state.boost.delete(reason.key);
  else state[kind].set(reason.key, name);
  await follow(say(off ? "No longer boosted: {name}." : word, { name }));
  focusOn(item);
}

/** Keep a verdict: of a user with the service, of someone new in this page. */
async function judge(item, verdict) {
  const off = state.verdicts.get(item.item)?.verdict === verdict;
  if (state.mode === "user") await post("feedback", { user: state.user, item: item.item, verdict: off ? "clear" : verdict });
  if (off) state.verdicts.delete(item.item);
  else state.verdicts.set(item.item, { verdict, label: item.label });
  await follow(off ? say("Taken back: {name}.", { name: item.label }) : say(`{name}: ${SAID[verdict]}.`, { name: item.label }));
  focusOn(item.item);
}

const act = {
  mute: guarded((reason, item) => wish("mute", "boost", reason, item, "Muted: {name}.")),
  boost: guarded((reason, item) => wish("boost", "mute", reason, item, "Boosted: {name}.")),
  verdict: guarded(judge),
  explain: (item) => explain(item, failed),
  graph: (item) => graph(item, failed),
  tell: (item) => tell(item, failed),
  follow: () => follow(""),
};

function change(word, name, undo) {
  const told = `${say(word)}${say(": ")}${name}`;
  return el("li", {}, el("span", {}, told), button("\u00d7", undo, { class: "undo", "aria-label": `${say("Undo")}${say(": ")}${told}` }));
}

function undoing(map, key, name, back) {
  return guarded(async () => {
    await back?.();
    map.delete(key);
    await follow(say("Taken back: {name}.", { name }));
    (byId("changes").querySelector("button") ?? byId("results")).focus();
  });
}

function showChanges() {
  const wishes = [["mute", "Muted"], ["boost", "Boosted"]].flatMap(([kind, word]) => [...state[kind]].map(
    ([key, name]) => change(word, name, undoing(state[kind], key, name, () => takeBack(key)))));
  const verdicts = [...state.verdicts].map(([item, { verdict, label }]) => change(
    SAID[verdict], label, undoing(state.verdicts, item, label, state.mode === "user" ? () => clear({ item }) : null)));
  byId("wishes").hidden = !wishes.length && !verdicts.length;
  fill(byId("changes"), wishes, verdicts);
  const keeps = state.mode === "user" && [...state.mute.keys(), ...state.boost.keys()].some((key) => !kept.has(key));
  fill(byId("keeping"), keeps ? button(say("Keep for {id}", { id: state.user }), keep) : null);
}

const clear = (what) => post("feedback", { user: state.user, verdict: "clear", ...what });
const kept = new Set(); // keys of reasons that the service remembers for the user
async function takeBack(key) {
  if (kept.has(key)) await clear({ mute: [key] });
  kept.delete(key);
}

const keep = guarded(async () => {
  const [mute, boost] = [[...state.mute.keys()], [...state.boost.keys()]];
  await post("feedback", { user: state.user, mute, boost });
  [...mute, ...boost].forEach((key) => kept.add(key));
  showChanges();
  byId("status").textContent = say("Kept for {id}: it holds for all lists from now on.", { id: state.user });
});

// --- for whom --------------------------------------------------------------------------------

function setMode(mode) {
  byId("new").hidden = mode !== "new";
  byId("known").hidden = mode !== "user";
  for (const node of document.querySelectorAll("[data-mode]")) node.setAttribute("aria-pressed", String(node.dataset.mode === mode));
}

/** Begin with another person. */
async function meet(someone, why = "") {
  start(someone);
  kept.clear();
  comparable = false;
  closeAll();
  beginTalk();
  setMode(state.mode);
  showLiked();
  await follow(why);
}

function showLiked() {
  const chips = [...state.liked].map(([item, label]) => el("li", {}, el("span", {}, label),
    button("\u00d7", undoing(state.liked, item, label), { class: "undo", "aria-label": `${say("Undo")}${say(": ")}${label}` })));
  fill(likedChips, chips);
}

const likedChips = el("ul", { class: "chips" });
const items = async (text, signal) => (await get(`items${query({ q: text, limit: 12, language: spoken() })}`, signal)).items.map(({ item, label }) => ({ id: item, label }));
const users = async (text, signal) => (await get(`users${query({ q: text, limit: 12 })}`, signal)).users.map((id) => ({ id, label: id }));

const addLiked = guarded(async ({ id, label }) => {
  state.text = byId("taste").value;
  state.liked.set(id, label);
  showLiked();
  await follow(say("{name}: liked.", { name: label }));
  showLiked();
});

/** Show what the service remembers of a user as changes, so that it can be taken back. */
function recall(remembered) {
  for (const kind of ["mute", "boost"]) {
    for (const key of remembered[kind] ?? []) {
      state[kind].set(key, nameOf({ key }));
      kept.add(key);
    }
  }
  for (const [verdict, name] of [["hide", "hidden"], ["seen", "seen"]]) {
    for (const item of remembered[name] ?? []) state.verdicts.set(item, { verdict, label: item });
  }
  return Promise.all([...state.verdicts].map(async ([item, said]) => { said.label = await labelOf(item); }));
}

/** Begin with someone new, since nothing is held of a user any more. */
async function forgotten(id) {
  fields();
  await meet({ mode: "new", text: byId("taste").value }, say("Forgotten: {id}.", { id }));
  byId("results").focus();
}

const pickUser = guarded(async ({ id }) => {
  byId("user-about").textContent = "";
  fill(byId("held"));
  await meet({ mode: "user", user: id });
  const held = await get(`users/${encodeURIComponent(id)}`);
  if (state.user !== id) return;
  showHeld(byId("held"), id, { guarded, forgotten });
  await recall(held.remembered);
  showChanges();
  const best = held.history.slice(0, HISTORY).map(({ label }) => label).join(say("; "));
  const said = held.texts.map(({ text }) => `\u201c${text}\u201d`).join(" ");
  const much = count(held.history.length, "{n} item so far", "{n} items so far");
  byId("user-about").textContent = [best ? `${much}${say(": ")}${best}` : much, said].filter(Boolean).join(" \u00b7 ");
});

function fields() {
  fill(byId("liked-field"), combobox({ label: say("Items you liked"), placeholder: say("Search by name"), find: items, choose: addLiked }), likedChips);
  fill(byId("user-field"), combobox({ label: say("User"), placeholder: say("Search by id"), find: users, choose: pickUser, keep: true }));
  fill(byId("why-not-field"), combobox({ label: say("Why is something not in the list?"), placeholder: say("Search by name"), find: items, choose: ({ id, label }) => act.explain({ item: id, label }) }));
}

function showExamples() {
  const examples = about?.examples ?? [];
  fill(byId("examples"), examples.length ? el("span", { class: "soft small" }, say("For example:")) : null,
    examples.map((text) => button(text, () => { byId("taste").value = text; byId("new").requestSubmit(); }, { class: "chip" })));
}

// --- forms -----------------------------------------------------------------------------------

byId("new").addEventListener("submit", guarded(async (event) => {
  event.preventDefault();
  const liked = new Map(state.liked);
  await meet({ mode: "new", text: byId("taste").value, liked });
}));
byId("taste").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("new").requestSubmit();
  }
});
for (const node of document.querySelectorAll("[data-mode]")) {
  node.addEventListener("click", guarded(async () => {
    setMode(node.dataset.mode);
    if (node.dataset.mode === "user") byId("user-field").querySelector("input").focus();
    else if (state.mode === "user") await meet({ mode: "new", text: byId("taste").value });
  }));
}

const names = (id) => byId(id).value.split(/[,，]/).map((name) => name.trim()).filter(Boolean);
const readFilter = () => {
  state.filter = { only: names("only"), without: names("without"), where: byId("where").value.trim() };
  state.strategy = byId("strategy").value || "auto";
  state.diversity = Number(byId("diversity").value);
  state.explore = Number(byId("explore").value);
};
const showRanges = () => {
  byId("diversity-value").textContent = byId("diversity").value;
  byId("explore-value").textContent = `${Math.round(100 * Number(byId("explore").value))} %`;
};
byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  readFilter();
  follow(say("Applied."));
});
byId("filter").addEventListener("reset", () => setTimeout(() => { showRanges(); readFilter(); follow(say("Applied.")); }));
byId("filter").addEventListener("input", showRanges);

// --- the beginning ---------------------------------------------------------------------------

function showAbout() {
  showExamples();
  const chosen = byId("strategy").value || "auto";
  fill(byId("strategy"), (about?.strategies ?? ["auto"]).map((name) => el("option", { value: name, selected: name === chosen }, say(name))));
  fill(byId("names"), (about?.names ?? []).map((name) => el("option", { value: name })));
  const facts = about ? [count(about.items, "{n} item", "{n} items"), count(about.users, "{n} user", "{n} users"), count(about.facts, "{n} fact", "{n} facts"), `kg_rec ${about.version}`] : [];
  byId("model").textContent = facts.join(" \u00b7 ");
}

const loadAbout = async () => {
  about = await get(`start${query({ language: spoken() })}`);
  showAbout();
};

/** Show a first list: of the first example, or of nothing known. */
const begin = guarded(async () => {
  const slow = setTimeout(() => follow(say("Meanwhile, what most people like:")), PATIENCE);
  try {
    await loadAbout();
  } finally {
    clearTimeout(slow);
  }
  const first = about.examples[0] ?? "";
  if (!byId("taste").value) byId("taste").value = first;
  await meet({ mode: "new", text: byId("taste").value }, first ? say("An example to begin with:") : "");
});

for (const node of document.querySelectorAll("[data-language]")) {
  node.addEventListener("click", guarded(async () => {
    speak(node.dataset.language);
    unlearn();
    fields();
    const example = about?.examples.includes(byId("taste").value);
    await loadAbout();
    beginTalk();
    if (example && state.mode === "new") {
      byId("taste").value = about.examples[0] ?? "";
      await meet({ mode: "new", text: byId("taste").value });
    } else await follow("");
  }));
}

speak(spoken());
fields();
setMode("new");
beginTalk();
talk(act, failed);
begin();
