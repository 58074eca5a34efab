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

const MINUS = "\u2212";

/** Return a number to so many places. */
export const number = (value, places) => (value < 0 ? MINUS : "") + Math.abs(value).toFixed(places);

/** Return a number with its sign. */
export const signed = (value, places) => (value < 0 ? "" : "+") + number(value, places);

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
