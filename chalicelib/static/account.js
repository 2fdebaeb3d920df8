// The forms to sign up, confirm, sign in and set a new password; one is shown. A reload keeps the
// form and the name, because the mail with the code may be in another app.

import { explain, explainConfirming, explainForgetting } from "./account-errors.js";
import * as cognito from "./cognito.js";
import { byId, onPress, setText } from "./dom.js";
import { clearErrors, onSubmit, show as showFault } from "./forms.js";
import { plainDigits } from "./numbers.js";
import { SignedOut, session } from "./session.js";
import { tabStore } from "./storage.js";

const STEP = "coffee-orders.account";
const IDS = ["sign-in-form", "sign-up", "confirm", "forgot", "reset"];

const forms = Object.fromEntries(IDS.map((id) => [id, byId(id)]));

export function start() {
  for (const link of byId("sign-in").querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => go(link.dataset.show));
  }
  for (const peek of byId("sign-in").querySelectorAll("[data-peek]")) {
    peek.addEventListener("click", () => showPassword(peek, peek.getAttribute("aria-pressed") === "false"));
  }
  onSubmit(forms["sign-in-form"], signIn, explain);
  onSubmit(forms["sign-up"], signUp, explain);
  onSubmit(forms.confirm, confirm, explainConfirming);
  onSubmit(forms.forgot, forgot, explainForgetting);
  onSubmit(forms.reset, reset, explain);
  onPress("resend", resend);
}

/** Show the form of before the reload, or the one to sign in. */
export function open() {
  const { id, username, note } = Object(tabStore.read(STEP));
  const said = byId("account-note").textContent; // why the customer has to sign in again
  if (Object.hasOwn(forms, id)) go(id, username, said || note);
  else go("sign-in-form", "", said);
}

export const close = () => say("");

/** Show a message above the forms. */
export function say(words) {
  setText(byId("account-note"), words);
}

async function signIn({ username, password, stays }) {
  try {
    await session.signIn(username, password, stays === "on");
  } catch (error) {
    if (error.code !== "UserNotConfirmedException") throw error;
    byId("sign-up-password").value = password; // signs in once the address is confirmed
    go("confirm", username, "This account waits for its code: it is in the mail that you got.");
    return;
  }
  tabStore.remove(STEP);
  for (const form of Object.values(forms)) form.reset();
  for (const peek of byId("sign-in").querySelectorAll("[data-peek]")) showPassword(peek, false);
}

async function signUp({ username, password, email }) {
  const sentTo = await stillAt("sign-up", cognito.signUp(username, password, email));
  if (sentTo === null) return signIn({ username, password });
  go("confirm", username, `We sent a code to ${sentTo}.`);
}

async function confirm({ username, code }) {
  await stillAt("confirm", cognito.confirm(username, digits(code)));
  signInWith(username, byId("sign-up-password").value, "Your address is confirmed.");
}

async function forgot({ username }) {
  const sentTo = await stillAt("forgot", cognito.forgot(username));
  go("reset", username, `If there is an account of this name, we sent a code to ${sentTo}.`);
}

async function reset({ username, code, password }) {
  await stillAt("reset", cognito.reset(username, digits(code), password));
  signInWith(username, password, "Your password is changed.");
}

/** Wait for an answer; throw SignedOut if the customer has left the form meanwhile. */
async function stillAt(id, answer) {
  const login = session.login;
  const content = await answer;
  session.mustBe(login);
  if (forms[id].hidden) throw new SignedOut();
  return content;
}

/** Read a pasted code: it may have blanks, a hyphen or words around it. */
const digits = (code) => plainDigits(code).replace(/\D/g, "");

/** Sign in if the password is known; otherwise ask for it. */
function signInWith(username, password, note) {
  go("sign-in-form", username, note);
  if (!password) return;
  byId("sign-in-password").value = password;
  forms["sign-in-form"].requestSubmit();
}

async function resend() {
  const username = byId("confirm-username").value.trim();
  if (!username) return showFault(forms.confirm, { field: "username", words: "Please fill this in." });
  try {
    say(`We sent a new code to ${await cognito.resend(username)}.`);
  } catch (error) {
    showFault(forms.confirm, explainConfirming(error));
  }
}

/** Show one of the forms, with the name that was typed into another. */
function go(id, username = typedName(), note = "") {
  for (const [name, form] of Object.entries(forms)) form.hidden = name !== id;
  clearErrors(forms[id]);
  say(note);
  if (username) forms[id].elements.username.value = username;
  const inputs = [...forms[id].elements].filter((input) => input.required);
  (inputs.find((input) => !input.value) ?? inputs[0]).focus();
  tabStore.write(STEP, { id, username, note });
}

function typedName() {
  return Object.values(forms).find((form) => !form.hidden).elements.username.value.trim();
}

function showPassword(peek, isShown) {
  byId(peek.dataset.peek).type = isShown ? "text" : "password";
  peek.setAttribute("aria-pressed", isShown);
}
