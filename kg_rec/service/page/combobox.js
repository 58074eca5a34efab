// A field that finds something by name (ARIA combobox with a list).

import { el, fill } from "./dom.js";
import { say } from "./words.js";

const PAUSE = 120;
let made = 0;

/**
 * Return a labelled field.
 * `find(text, signal)` resolves to [{id, label}]; `choose({id, label})` is called for the one chosen.
 */
export function combobox({ label, placeholder, find, choose, keep = false }) {
  made += 1;
  const name = `combobox-${made}`;
  const state = { found: [], at: -1, timer: 0, asked: null };
  const input = el("input", {
    id: name, role: "combobox", type: "text", autocomplete: "off", spellcheck: "false", maxlength: 200,
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${name}-list`, placeholder,
  });
  const list = el("ul", { id: `${name}-list`, role: "listbox", "aria-label": label, hidden: true });
  const told = el("span", { class: "hint", role: "status" });

  function close() {
    list.hidden = true;
    state.at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function pick(place) {
    const chosen = state.found[place];
    if (!chosen) return;
    clearTimeout(state.timer);
    input.value = keep ? chosen.label : "";
    told.textContent = "";
    close();
    choose(chosen);
  }

  function mark(place) {
    state.at = place;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === place)));
    const option = list.children[place];
    if (!option) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(found) {
    state.found = found;
    fill(list, found.map((one, n) => el("li", {
      id: `${name}-${n}`, role: "option", "aria-selected": "false",
      mousedown: (event) => event.preventDefault(), click: () => pick(n),
    }, one.label)));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    told.className = found.length ? "hidden" : "hint";
    told.textContent = say("{n} found", { n: found.length });
    if (found.length) mark(0);
  }

  /** Choose what was typed in full, or the only thing found, without waiting for the list. */
  async function enter() {
    if (!list.hidden) return pick(state.at);
    const typed = input.value.trim().toLowerCase();
    if (!typed) return undefined;
    clearTimeout(state.timer);
    await look();
    const same = state.found.findIndex(({ id, label: name }) => [id, name].some((one) => one.toLowerCase() === typed));
    return pick(state.found.length === 1 ? 0 : same);
  }

  async function look() {
    state.asked?.abort();
    state.asked = new AbortController();
    try {
      show(await find(input.value.trim(), state.asked.signal));
    } catch (error) {
      if (error.name !== "AbortError") told.textContent = error.message;
    }
  }

  function later() {
    clearTimeout(state.timer);
    state.timer = setTimeout(look, PAUSE);
  }

  function move(step) {
    if (list.hidden) look();
    else if (state.found.length) mark((state.at + step + state.found.length) % state.found.length);
  }

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: enter,
    Escape: close,
  };
  input.addEventListener("input", later);
  input.addEventListener("focus", later);
  input.addEventListener("click", () => { if (list.hidden) later(); });
  input.addEventListener("blur", () => { clearTimeout(state.timer); state.asked?.abort(); close(); });
  input.addEventListener("keydown", (event) => {
    const key = keys[event.key];
    if (!key || (list.hidden && event.key === "Escape")) return;
    event.preventDefault();
    key();
  });
  return [el("label", { for: name }, label), el("div", { class: "combobox" }, input, list, told)];
}
