// Signing up, confirming, signing in, a new password: forms of which one is shown.

import { explain, explainConfirming, explainForgetting } from "./account-errors.js";
import * as cognito from "./cognito.js";
import { busy, byId } from "./dom.js";
import { clearErrors, onSubmit, show } from "./forms.js";
import { plainDigits } from "./numbers.js";
import { SignedOut, session } from "./session.js";

const forms = Object.fromEntries(["sign-in", "sign-up", "confirm", "forgot", "reset"].map((id) => [id, byId(id)]));

export function start() {
  for (const link of byId("account").querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => open(link.dataset.show));
  }
  onSubmit(forms["sign-in"], signIn, explain);
  onSubmit(forms["sign-up"], signUp, explain);
  onSubmit(forms.confirm, confirm, explainConfirming);
  onSubmit(forms.forgot, forgot, explainForgetting);
  onSubmit(forms.reset, reset, explain);
  byId("resend").addEventListener("click", (event) => busy(event.target, resend));
}

async function signIn({ username, password }) {
  try {
    await session.signIn(username, password);
  } catch (error) {
    if (error.code !== "UserNotConfirmedException") throw error;
    byId("sign-up-password").value = password; // signs in once the address is confirmed
    open("confirm", username, "This account waits for its code: it is in the mail that you got.");
    return;
  }
  done();
}

async function signUp({ username, password, email }) {
  const sentTo = await stillAt("sign-up", cognito.signUp(username, password, email));
  if (sentTo === null) return signIn({ username, password });
  open("confirm", username, `We sent a code to ${sentTo}.`);
}

async function confirm({ username, code }) {
  await stillAt("confirm", cognito.confirm(username, digits(code)));
  signInWith(username, byId("sign-up-password").value, "Your address is confirmed.");
}

async function forgot({ username }) {
  const sentTo = await stillAt("forgot", cognito.forgot(username));
  open("reset", username, `If there is an account of this name, we sent a code to ${sentTo}.`);
}

async function reset({ username, code, password }) {
  await stillAt("reset", cognito.reset(username, digits(code), password));
  signInWith(username, password, "Your password is changed.");
}

/** Wait for an answer; throw SignedOut if the customer has gone on to something else meanwhile. */
async function stillAt(id, answer) {
  const login = session.login;
  const content = await answer;
  session.mustBe(login);
  if (forms[id].hidden) throw new SignedOut();
  return content;
}

/** Read a code as it is pasted: with blanks, with a hyphen, with words around it. */
const digits = (code) => plainDigits(code).replace(/\D/g, "");

/** Sign in with what is known by now; where the password is not, its field waits for it. */
function signInWith(username, password, note) {
  open("sign-in", username, note);
  if (!password) return;
  byId("sign-in-password").value = password;
  forms["sign-in"].requestSubmit();
}

async function resend() {
  const username = byId("confirm-username").value.trim();
  if (!username) return show(forms.confirm, { field: "username", words: "Please fill this in." });
  try {
    say(`We sent a new code to ${await cognito.resend(username)}.`);
  } catch (error) {
    show(forms.confirm, explainConfirming(error));
  }
}

/** Show one of the forms, with the name that was typed into another. */
function open(id, username = typedName(), note = "") {
  for (const [name, form] of Object.entries(forms)) form.hidden = name !== id;
  clearErrors(forms[id]);
  say(note);
  const inputs = [...forms[id].querySelectorAll("input")];
  if (username) inputs[0].value = username;
  (inputs.find((input) => !input.value) ?? inputs[0]).focus();
}

function done() {
  say("");
  for (const form of Object.values(forms)) form.reset();
  open("sign-in", "");
}

function typedName() {
  const shown = Object.values(forms).find((form) => !form.hidden);
  return shown.elements.username.value.trim();
}

/** Say something above the forms. */
export function say(words) {
  byId("account-note").textContent = words;
}
