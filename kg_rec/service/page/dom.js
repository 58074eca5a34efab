// Elements, made of names, attributes and text. Text is never read as HTML.

/**
 * Return an element.
 * Attributes that are functions become listeners ("click"); true is an empty attribute, and false,
 * null and undefined are none. Children are nodes or text.
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Return the element with an id. */
export const byId = (id) => document.getElementById(id);

/** Put children in the place of those that an element has. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter(Boolean));
}

/** Return a button. */
export function button(text, click, attributes = {}) {
  return el("button", { type: "button", ...attributes, click }, text);
}

/** Return whether things may move. */
export const mayMove = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;
