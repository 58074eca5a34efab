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

const LIKES = /^https?:/;

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
  if (key in KINDS) return say(KINDS[key]);
  if (kind === "preference" && source) return source.label;
  if (/[#/]hasWord$/.test(key)) return say("Words of texts");
  const place = key.indexOf("=", key.startsWith("http") ? 8 : 0);
  if (place < 0) return LIKES.test(key) ? local(key) : key;
  return `${words(key.slice(0, place))}: ${local(key.slice(place + 1))}`;
}

/** Return the class that colours a kind. */
export const colour = (kind) => (kind in KINDS ? `k-${kind}` : "k-rest");
