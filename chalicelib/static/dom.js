// Creates elements from values. A value becomes text, never HTML.

import { Unreachable, networkEvents } from "./network.js";

const MIN_DISPLAY_TIME = 5_000; // ms

const titleParts = { status: "", part: "" };

export const byId = (id) => document.getElementById(id);

/** Create an element: `element("p", { class: "hint" }, "text", otherElement)`. */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
  created.append(...children);
  return created;
}

/** Create a button with a task. It is disabled while the task runs. */
export function button(label, attributes, press) {
  const created = element("button", { type: "button", ...attributes }, label);
  created.addEventListener("click", () => busy(created, press));
  return created;
}

/** Give a button of the page a task, as `button` does. */
export function onPress(id, press) {
  byId(id).addEventListener("click", () => busy(byId(id), press));
}

/** Run a task while a button shows that it runs. */
export async function busy(pressed, task) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true"); // `disabled` would lose the focus
  try {
    await task();
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

/** Set a text if it differs: a live region that is set again would be read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Show why something failed. A network error disappears once the network works again, but stays
 * long enough to be read.
 */
export function sayError(node, error) {
  setText(node, error.message);
  if (error instanceof Unreachable) node.dataset.clearAfter = Date.now() + MIN_DISPLAY_TIME;
  else delete node.dataset.clearAfter;
}

function clearNetworkErrors(time) {
  for (const note of document.querySelectorAll("[data-clear-after]")) {
    if (Number(note.dataset.clearAfter) > time) continue;
    delete note.dataset.clearAfter;
    setText(note, "");
  }
}

networkEvents.addEventListener("reached", () => clearNetworkErrors(Date.now()));
window.addEventListener("online", () => clearNetworkErrors(Infinity));

/** Set a part of the tab's title: `status`, of the open order, or `part`, of the page. */
export function setTitle(changes) {
  Object.assign(titleParts, changes);
  const title = [titleParts.status, titleParts.part, "Coffee orders"].filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
}

/** Announce a message to users of screen readers, also if it is the same as before. */
export function announce(text) {
  byId("news").replaceChildren(element("p", {}, text));
}
