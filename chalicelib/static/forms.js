// A form that is sent by script: an error is shown at its field, and the input stays until the
// task is done.

import { busy, element, sayError, setText } from "./dom.js";
import { SignedOut } from "./session.js";

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
        if (!(error instanceof SignedOut)) show(form, await explain(error));
      }
    });
  });
}

/** Show an error at a field of the form, as { field, words, action }, or below it; `action` is a button. */
export function show(form, fault) {
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
  if (input.validity.typeMismatch) return "This does not look like an e-mail address.";
  return "";
}

const errorOf = (input) => document.getElementById(`${input.id}-error`);

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
