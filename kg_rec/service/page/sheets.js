// What opens over the page: all reasons of an item, and its graph.

import { get, post, request } from "./api.js";
import { byId, el, fill } from "./dom.js";
import { bar, ledger, placesFor, scaleOf } from "./reasons.js";
import { MOST, person, state } from "./state.js";
import { count, number, say, spoken } from "./words.js";

let picture = null;

byId("sheet").addEventListener("close", () => {
  if (picture) URL.revokeObjectURL(picture);
  picture = null;
});
byId("sheet").addEventListener("click", (event) => { if (event.target === event.currentTarget) event.currentTarget.close(); });
byId("sheet-close").addEventListener("click", () => byId("sheet").close());

/** Open the sheet; what `load` resolves to is put into it, or what it failed with. */
async function open(title, load, failed) {
  byId("sheet-title").textContent = title;
  fill(byId("sheet-body"), el("p", { class: "soft" }, say("One moment …")));
  if (!byId("sheet").open) byId("sheet").showModal();
  byId("sheet").scrollTop = 0;
  byId("sheet-title").focus();
  try {
    fill(byId("sheet-body"), await load());
  } catch (error) {
    fill(byId("sheet-body"), el("p", { class: "fault", role: "alert" }, failed(error)));
  }
}

/** Open the reasons of an item that came with an answer. */
export function tell(item, failed) {
  return open(item.label, async () => [bar(item, scaleOf([item])), ledger(item)], failed);
}

/** Return why an item is not in the list: the service says it of scores, the page of what it left out. */
function whyNot(found) {
  if (state.listed.has(found.item)) return [];
  const words = found.why_not ? found.why_not.split("\n") : [say("It would be among them; the filter, the order, or what was said of it leaves it out.")];
  return el("div", { class: "why" }, el("h3", {}, say("Why is it not in the list?")),
    words.map((line) => el("p", { class: /^[ +\u2212-]+\d/.test(line) ? "line" : null }, line.trim())));
}

/** Open why an item has its score, and why it is not in the list, if it is not. */
export function explain(item, failed) {
  return open(item.label, async () => {
    const found = await post("explain", { ...person(spoken()), item: item.item, k: MOST });
    const told = found.reasons.length ? [bar(found, scaleOf([found])), ledger(found)] : [el("p", {}, say("Nothing speaks for it or against it."))];
    return [
      el("p", { class: "soft" }, say("Rank {rank} of the whole catalogue, score {score}", { rank: found.rank.toLocaleString("en"), score: number(found.score, placesFor([found])) })),
      whyNot(found),
      ...told,
    ].flat();
  }, failed);
}

/** Return what a drawing says, by relation: [[relation, [name, …]], …]. */
export function readDrawing(text) {
  const plain = text.replace(/<style>[^<]*<\/style>/, ""); // the page's policy allows no inline style
  const drawing = new DOMParser().parseFromString(plain, "image/svg+xml");
  const place = (node) => [Number(node.getAttribute("x")), Number(node.getAttribute("y"))];
  const headings = [...drawing.querySelectorAll("text.heading")].map((node) => ({ at: place(node), words: node.textContent, names: [] }));
  for (const group of drawing.querySelectorAll("g:not(.centre)")) {
    const box = group.querySelector("rect.box");
    const name = group.querySelector("title")?.textContent;
    if (!box || !name) continue;
    const [x, y] = place(box);
    const over = headings.filter(({ at }) => at[1] < y && Math.abs(at[0] - x) < 160).sort((a, b) => b.at[1] - a.at[1])[0];
    over?.names.push(name);
  }
  return headings.filter(({ names }) => names.length).map(({ words, names }) => [words, names]);
}

/** Open the drawing of what is around an item. */
export function graph(item, failed) {
  return open(say("What is around {name}", { name: item.label }), async () => {
    const text = await (await request("GET", `graph/${encodeURIComponent(item.item)}`)).text();
    const facts = readDrawing(text);
    picture = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    const drawn = count(facts.length, "A drawing of {n} relation; it is told in words below.", "A drawing of {n} relations; they are told in words below.");
    return [
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("Drawn graph, scrolls sideways") }, el("img", { src: picture, alt: drawn })),
      el("details", { open: true }, el("summary", {}, say("The same in words")),
        el("dl", { class: "facts" }, facts.map(([relation, names]) => el("div", {}, el("dt", {}, relation), el("dd", {}, names.join(say(", "))))))),
    ];
  }, failed);
}
