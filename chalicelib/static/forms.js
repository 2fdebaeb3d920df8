// A form that is sent by script: what is wrong with a field stands at the field, and what was
// typed stays until the task is done.

import { busy, element } from "./dom.js";
import { SignedOut } from "./session.js";

/**
 * Run `task(values)` when the form is sent and complete. When it throws, `place(error)` names
 * the field that is to blame as { field, words }; without a field the words go below the form.
 */
export function onSubmit(form, task, place = (error) => ({ words: error.message })) {
  const submit = form.querySelector("button:not([type])");
  form.addEventListener("input", (event) => blame(event.target, ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(submit, async () => {
      say(form, "");
      if (!complete(form)) return;
      try {
        await task(values(form));
      } catch (error) {
        if (!(error instanceof SignedOut)) show(form, place(error));
      }
    });
  });
}

/** Show an error at a field of the form, or below it. */
export function show(form, { field, words }) {
  const input = field && form.elements[field];
  if (!input) return say(form, words);
  blame(input, words);
  input.focus();
}

/** Take away what a form says about an earlier try. */
export function clearErrors(form) {
  for (const input of form.elements) blame(input, "");
  say(form, "");
}

function values(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, name === "password" ? value : value.trim()]));
}

/** Point at every field that is empty or no address; the service has all the other rules. */
function complete(form) {
  const faults = [...form.elements].filter((input) => input.willValidate && !blame(input, fault(input)));
  faults[0]?.focus();
  return faults.length === 0;
}

function fault(input) {
  if (input.required && !input.value.trim()) return "Please fill this in.";
  if (input.validity.typeMismatch) return "This does not look like an e-mail address.";
  return "";
}

/** Put words at an input, or take them away; return whether the input is fine. */
function blame(input, words) {
  const id = `${input.id}-error`;
  let note = document.getElementById(id);
  if (!note && !words) return true;
  if (!note) {
    note = element("p", { id, class: "error" });
    input.after(note);
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", described ? `${described} ${id}` : id);
  }
  note.textContent = words;
  if (words) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return !words;
}

function say(form, words) {
  let note = form.querySelector(":scope > .error");
  if (!note) form.append((note = element("p", { class: "error", role: "alert" })));
  note.textContent = words;
}
