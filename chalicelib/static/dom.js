// Elements and forms. A value becomes text, never HTML. A form is sent by script: an error is shown at
// its field, and the input stays until the task is done.

import { networkEvents, Unreachable } from "./network.js";
import { askForPrice, isAmbiguousPrice } from "./order.js";
import { SignedOut } from "./session.js";

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
  delete node.dataset.clearAfter; // which an earlier error has set
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Show why something failed. A network error disappears once the network works again, but stays
 * long enough to be read.
 */
export function sayError(node, error) {
  setText(node, error.message);
  if (error instanceof Unreachable) node.dataset.clearAfter = Date.now() + MIN_DISPLAY_TIME;
}

function clearNetworkErrors(time) {
  for (const note of document.querySelectorAll("[data-clear-after]")) {
    if (Number(note.dataset.clearAfter) <= time) setText(note, "");
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

/**
 * Run `task(values)` when the form is sent and complete. When it throws, `explain(error)` returns
 * the field that caused it as { field, words }; other errors are shown below the form.
 */
export function onSubmit(form, task, explain = (error) => error) {
  const submit = form.querySelector("button:not([type])");
  form.addEventListener("input", (event) => setFieldError(event.target, ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(submit, async () => {
      clearErrors(form);
      if (!isComplete(form)) return;
      try {
        await task(values(form));
      } catch (error) {
        if (!(error instanceof SignedOut)) showFault(form, await explain(error));
      }
    });
  });
}

/** Show an error at a field of the form, as { field, words, action }, or below it; `action` is a button. */
export function showFault(form, fault) {
  const named = fault.field && form.elements[fault.field];
  const input = named?.length && !named.id ? named[0] : named; // of radio buttons the first
  if (!input) return say(form, fault.words ? { message: fault.words } : fault);
  setFieldError(input, fault.words);
  if (fault.action) errorOf(input).append(" ", fault.action);
  input.focus();
  errorOf(input).scrollIntoView({ block: "nearest" });
}

/** Remove a form's errors. */
export function clearErrors(form) {
  for (const input of form.elements) setFieldError(input, "");
  say(form, { message: "" });
}

function values(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, name === "password" ? value : value.trim()]));
}

/** Mark fields that are empty or not an address; the service checks all other rules. */
function isComplete(form) {
  const invalidInputs = [...form.elements].filter((input) => input.willValidate && !setFieldError(input, fieldError(input)));
  invalidInputs[0]?.focus();
  return invalidInputs.length === 0;
}

function fieldError(input) {
  if (input.required && !input.value.trim()) return "Please fill this in.";
  if (input.inputMode === "decimal" && isAmbiguousPrice(input.value)) return askForPrice(input.value);
  if (input.validity.typeMismatch) return "This does not look like an e-mail address.";
  return "";
}

const errorOf = (input) => byId(`${input.id}-error`);

/** Set or remove the error of an input; return whether there is none. */
function setFieldError(input, words) {
  const id = `${input.id}-error`;
  let note = errorOf(input);
  if (!note && !words) return true;
  if (!note) {
    note = element("p", { id, class: "error" });
    const fieldset = input.type === "radio" && input.closest("fieldset");
    (fieldset || input.closest(".field") || input.parentElement).append(note);
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", described ? `${described} ${id}` : id);
  }
  setText(note, words);
  if (words) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return !words;
}

function say(form, error) {
  let note = form.querySelector(".error[role='alert']");
  if (!note) form.querySelector("button:not([type])").closest("p").after((note = element("p", { class: "error", role: "alert" })));
  sayError(note, error);
  if (error.message) note.scrollIntoView({ block: "nearest" });
}
