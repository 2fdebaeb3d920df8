// Elements from values. A value becomes text, never HTML.

import { Unreachable, weather } from "./network.js";

const READING = 5_000; // ms

export const byId = (id) => document.getElementById(id);

/** Make an element: `element("p", { class: "hint" }, "text", otherElement)`. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Make a button that does something; while it does, it can't be pressed again. */
export function button(label, attributes, press) {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", () => busy(made, press));
  return made;
}

/** Call `press` when a button of the page is pressed, as `button` does. */
export function onPress(id, press) {
  byId(id).addEventListener("click", () => busy(byId(id), press));
}

/** Do a task while a button shows that it is being done. */
export async function busy(pressed, task) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true"); // `disabled` would lose the keyboard's place
  try {
    await task();
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

/** Set a text where it differs: a live region that is set anew would be read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Say why something did not work. What the network is to blame for disappears once it works
 * again, but not before it could be read.
 */
export function sayError(node, error) {
  setText(node, error.message);
  if (error instanceof Unreachable) node.dataset.passing = Date.now() + READING;
  else delete node.dataset.passing;
}

function clearPassed(deadline) {
  for (const note of document.querySelectorAll("[data-passing]")) {
    if (Number(note.dataset.passing) > deadline) continue;
    delete note.dataset.passing;
    setText(note, "");
  }
}

weather.addEventListener("reached", () => clearPassed(Date.now()));
window.addEventListener("online", () => clearPassed(Infinity));

/** Say something to who listens to the page instead of looking at it. */
export function announce(text) {
  setText(byId("news"), text);
}
