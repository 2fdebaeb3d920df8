// The forms to sign up, confirm, sign in and set a new password; one is shown. A reload keeps the
// form and the name, because the mail with the code may be in another app.

import * as cognito from "./cognito.js";
import { byId, clearErrors, onPress, onSubmit, setText, showFault } from "./dom.js";
import { plainDigits } from "./order.js";
import { SignedOut, session } from "./session.js";
import { tabStore } from "./storage.js";

const STEP = "coffee-orders.account";
const IDS = ["sign-in-form", "sign-up", "confirm", "forgot", "reset"];

// What was typed to sign up, or to sign in before the address was confirmed; gone after a reload.
let credentials = { username: "", password: "", stays: undefined };

const forms = Object.fromEntries(IDS.map((id) => [id, byId(id)]));

export function start() {
  for (const link of byId("sign-in").querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => go(link.dataset.show));
  }
  for (const showButton of byId("sign-in").querySelectorAll("[data-password]")) {
    showButton.addEventListener("click", () => showPassword(showButton, showButton.getAttribute("aria-pressed") === "false"));
  }
  onSubmit(forms["sign-in-form"], signIn, cognito.explain);
  onSubmit(forms["sign-up"], signUp, cognito.explain);
  onSubmit(forms.confirm, confirm, cognito.explainConfirming);
  onSubmit(forms.forgot, forgot, cognito.explainForgetting);
  onSubmit(forms.reset, reset, cognito.explain);
  onPress("resend", resend);
}

/** Show the form of before the reload, or the one to sign in. */
export function open() {
  const { id, username, note, stays } = Object(tabStore.read(STEP));
  credentials.stays ??= stays;
  const currentNote = byId("account-note").textContent; // why the customer has to sign in again
  if (Object.hasOwn(forms, id)) go(id, username, currentNote || note);
  else go("sign-in-form", "", currentNote);
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
    credentials = { username, password, stays }; // signs in once the address is confirmed
    go("confirm", username, "This account is not confirmed yet. Enter the code from the mail.");
    return;
  }
  tabStore.remove(STEP);
  credentials = {};
  for (const form of Object.values(forms)) form.reset();
  for (const showButton of byId("sign-in").querySelectorAll("[data-password]")) showPassword(showButton, false);
}

async function signUp({ username, password, email, stays }) {
  const sentTo = await awaitUnlessLeft("sign-up", cognito.signUp(username, password, email));
  credentials = { username, password, stays };
  if (sentTo === null) return signIn(credentials);
  go("confirm", username, `We sent a code to ${sentTo}.`);
}

async function confirm({ username, code }) {
  await awaitUnlessLeft("confirm", cognito.confirm(username, codeDigits(code)));
  const isSame = username === credentials.username; // another account has another password
  const note = isSame ? "Your address is confirmed." : "Your address is confirmed. Now your password, and you are signed in.";
  signInWith(username, isSame ? credentials.password : "", note);
}

async function forgot({ username }) {
  const sentTo = await awaitUnlessLeft("forgot", cognito.forgot(username));
  go("reset", username, `If there is an account of this name, we sent a code to ${sentTo}.`);
}

async function reset({ username, code, password }) {
  await awaitUnlessLeft("reset", cognito.reset(username, codeDigits(code), password));
  signInWith(username, password, "Your password is changed.");
}

/** Wait for an answer; throw SignedOut if the customer has left the form meanwhile. */
async function awaitUnlessLeft(id, answer) {
  const login = session.login;
  const content = await answer;
  session.requireCurrent(login);
  if (forms[id].hidden) throw new SignedOut();
  return content;
}

/** Read a pasted code: it may have blanks, a hyphen or words around it. */
const codeDigits = (code) => plainDigits(code).replace(/\D/g, "");

/** Sign in if the password is known; otherwise ask for it. */
function signInWith(username, password, note) {
  go("sign-in-form", username, note);
  byId("stays").checked = credentials.stays === "on";
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
    showFault(forms.confirm, cognito.explainConfirming(error));
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
  tabStore.write(STEP, { id, username, note, stays: credentials.stays });
}

function typedName() {
  return Object.values(forms).find((form) => !form.hidden).elements.username.value.trim();
}

function showPassword(showButton, isShown) {
  byId(showButton.dataset.password).type = isShown ? "text" : "password";
  showButton.setAttribute("aria-pressed", isShown);
}
