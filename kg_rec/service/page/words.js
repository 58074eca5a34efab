// What the page says, in English and in other languages, by the English phrase.

import { CHINESE } from "./chinese.js";

const LANGUAGES = { en: {}, zh: CHINESE };
const KEY = "kg-rec-language";
const wanted = navigator.language.slice(0, 2).toLowerCase();
let language = sessionStorage.getItem(KEY) ?? (wanted in LANGUAGES ? wanted : "en");

export const spoken = () => language;

/** Return a phrase, with values for what stands in braces. */
export function say(phrase, values = {}) {
  const said = LANGUAGES[language][phrase] ?? phrase;
  return said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Return a count with its noun: `{n}` in both phrases stands for the number. */
export const count = (n, one, many) => say(n === 1 ? one : many, { n: n.toLocaleString("en") });

/** Return a value with its sign, as in "+0.235"; small ones get as many places as they need. */
export function signed(value) {
  return (value < 0 ? "\u2212" : "+") + size(value);
}

export const number = (value) => (value < 0 && size(value) !== "0.000" ? "\u2212" : "") + size(value);

function size(value) {
  const absolute = Math.abs(value);
  if (absolute < 5e-7) return "0.000";
  return absolute < 0.001 ? absolute.toPrecision(1).replace(/e-7$/, "e\u22127") : absolute.toFixed(3);
}

/** Speak a language, on all elements that have something to say. */
export function speak(name) {
  language = name in LANGUAGES ? name : "en";
  sessionStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  document.title = say("Recommendations and their reasons");
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of document.querySelectorAll("[data-say-label]")) node.setAttribute("aria-label", say(node.dataset.sayLabel));
  for (const node of document.querySelectorAll("[data-say-placeholder]")) node.placeholder = say(node.dataset.sayPlaceholder);
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === language));
}
