// Kinds of reasons, and names for what was muted or boosted.

import { say } from "./words.js";

export const KINDS = {
  fact: "Shared facts: something you chose has it, too",
  preference: "What you said you like or dislike",
  liked_with: "Liked by the same people",
  related: "Related by facts and company",
  shared_likers: "Popular among those who like the same",
  similar_in_graph: "Close in the knowledge graph",
  similar_in_text: "Close in the meaning of its text",
  model: "Foreseen by a model of the graph",
  community: "Chosen by people you know",
  rerank: "For the list as a whole: variety, novelty, balance",
  profile: "All your choices against the rest",
  popularity: "Popular with everyone",
  rest: "Smaller reasons, summed",
};

const GIVEN = "similar_in_"; // before the name of vectors that came with the items
const IRI = /^https?:/;

/** Return what a kind of reasons is. */
export function kindWords(kind) {
  if (kind in KINDS) return say(KINDS[kind]);
  return kind.startsWith(GIVEN) ? say("Close in {name}", { name: kind.slice(GIVEN.length) }) : kind;
}

/** Return kinds in the order in which they are told. */
export function inOrder(kinds) {
  const known = Object.keys(KINDS);
  const place = (kind) => (kind in KINDS ? known.indexOf(kind) : known.indexOf("similar_in_text") + 0.5);
  return [...new Set(kinds)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function local(iri) {
  const last = iri.replace(/[#/]+$/, "").split(/[#/]/).pop();
  try {
    return decodeURIComponent(last).replaceAll("_", " ");
  } catch {
    return last;
  }
}

const words = (name) => local(name).replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** Return a short name of what the key of a reason stands for. */
export function nameOf(reason) {
  const { key, kind, source } = reason;
  if (key in KINDS || key.startsWith(GIVEN)) return kindWords(key);
  if (kind === "preference" && source) return source.label;
  if (/[#/]hasWord$/.test(key)) return say("Words of texts");
  const place = key.indexOf("=", key.startsWith("http") ? 8 : 0);
  if (place < 0) return IRI.test(key) ? local(key) : key;
  return `${words(key.slice(0, place))}: ${local(key.slice(place + 1))}`;
}

/** Return the class that colours a kind. */
export const colour = (kind) => (kind in KINDS ? `k-${kind}` : "k-given");
