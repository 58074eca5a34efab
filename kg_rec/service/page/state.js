// For whom a list is, and what of it was changed; what a request says of both.

export const MOST = 10;

export const state = {
  mode: "new",
  user: null,
  text: "",
  liked: new Map(),      // item id -> label: chosen by someone new
  verdicts: new Map(),   // item id -> {verdict, label}
  mute: new Map(),       // key of a reason -> its name
  boost: new Map(),
  filter: { only: [], without: [], where: "" },
  strategy: "auto",
  listed: new Set(),     // ids of the items that are shown
  diversity: 0,
  explore: 0,
};

/** Forget what was changed, since it is another person's list now. */
export function start(person) {
  for (const name of ["liked", "verdicts", "mute", "boost"]) state[name].clear();
  Object.assign(state, { user: null, text: "", ...person });
}

function history() {
  const weights = Object.fromEntries([...state.liked.keys()].map((item) => [item, 1]));
  for (const [item, { verdict }] of state.verdicts) {
    if (verdict === "like") weights[item] = 1;
    if (verdict === "dislike") weights[item] = -1;
  }
  return weights;
}

/** Return the items that are to be left out, since someone new has no place to keep that. */
const leftOut = () => [...state.verdicts]
  .filter(([, { verdict }]) => verdict === "hide" || verdict === "seen")
  .map(([item]) => item);

/** Return what a request says of the person. */
export function person(language) {
  const wishes = { mute: [...state.mute.keys()], boost: [...state.boost.keys()], language, strategy: state.strategy };
  if (state.mode === "user") return { ...wishes, user: state.user };
  const weights = history();
  return {
    ...wishes,
    ...(state.text.trim() ? { text: state.text.trim() } : {}),
    ...(Object.keys(weights).length ? { history: weights } : {}),
  };
}

/** Return a request for a list. */
export function wanted(language, reasons) {
  const { only, without, where } = state.filter;
  const out = state.mode === "user" ? without : [...without, ...leftOut()];
  return {
    ...person(language),
    k: MOST,
    reasons,
    ...(only.length ? { only } : {}),
    ...(out.length ? { without: out } : {}),
    ...(where ? { where } : {}),
    ...(state.diversity ? { rerank: { diversity: state.diversity } } : {}),
    ...(state.explore ? { explore: state.explore } : {}),
  };
}
