// What is held of a user: told, and forgotten.

import { request } from "./api.js";
import { button, el, fill } from "./dom.js";
import { say } from "./words.js";

const path = (user) => `users/${encodeURIComponent(user)}`;

/** Save all that is held of a user as a file. */
async function save(user) {
  const held = await (await request("GET", path(user))).blob();
  const url = URL.createObjectURL(held);
  el("a", { href: url, download: "held.json" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * Show what can be done with what is held of a user; it is forgotten when that is said twice.
 * `guarded` shows what fails, `forgotten` is called when nothing is held any more.
 */
export function showHeld(place, user, { guarded, forgotten }) {
  const forget = guarded(async () => {
    await request("DELETE", path(user));
    await forgotten(user);
  });
  const first = () => {
    const asking = button(say("Forget"), () => { sure(); place.querySelector("button").focus(); }, { class: "small" });
    fill(place, button(say("All that is held"), guarded(() => save(user)), { class: "small" }), asking);
    return asking;
  };
  const sure = () => fill(place,
    el("span", {}, say("Take {id} out of the model for good?", { id: user })),
    button(say("No"), () => first().focus(), { class: "small" }),
    button(say("Forget {id}", { id: user }), forget, { class: "small" }));
  first();
}
