// The forms to sign up, confirm, sign in and set a new password; one is shown. A reload keeps the
// form and the name, because the mail with the code may be in another app.

import * as cognito from "./cognito.js";
import { byId, clearErrors, onPress, onSubmit, setText, showFault } from "./dom.js";
import { plainDigits } from "./order.js";
import { session, SignedOut, tabStore } from "./session.js";

const STEP = "coffee-orders.account";
const IDS = ["sign-in-form", "sign-up", "confirm", "forgot", "reset"];

// What was typed to sign up, or to sign in before the address was confirmed; gone after a reload.
let credentials = { username: "", password: "", stays: undefined };

// Messages, each with the form field that caused the error.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
const MESSAGES = {
  UsernameExistsException: ["username", "This name is taken: choose another, or sign in."],
  NotAuthorizedException: ["password", "The name or the password is wrong."],
  UserNotFoundException: ["password", "The name or the password is wrong."],
  CodeMismatchException: ["code", "This is not the code from the mail. Look again, or have a new one sent."],
  ExpiredCodeException: ["code", "This code is no longer valid. Have a new one sent."],
  CodeDeliveryFailureException: ["email", "No mail could be sent to this address: check it."],
  TooManyRequestsException: [null, "Too many tries. Wait a while, then try again."],
  TooManyFailedAttemptsException: [null, "Too many tries. Wait a while, then try again."],
  PasswordResetRequiredException: [null, "This account needs a new password: choose “I forgot my password”."],
  LimitExceededException: [null, "Too many tries. Wait a while, then try again."],
};

// The parameters that Cognito names in an InvalidParameterException.
const PARAMETERS = {
  username: ["username", "A name may have letters, digits and signs, but no blanks."],
  useralias: ["username", "A name may have letters, digits and signs, but no blanks."],
  confirmationcode: ["code", "This is not a code: it has six digits."],
  password: ["password", "This password can’t be used: it may not begin or end with a blank."],
  email: ["email", "This e-mail address can’t be used: check it."],
};

const forms = Object.fromEntries(IDS.map((id) => [id, byId(id)]));

export function start() {
  for (const link of byId("sign-in").querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => go(link.dataset.show));
  }
  for (const showButton of byId("sign-in").querySelectorAll("[data-password]")) {
    showButton.addEventListener("click", () => showPassword(showButton, showButton.getAttribute("aria-pressed") === "false"));
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
  tabStore.write(STEP, { id, username, note, stays: credentials.stays });
}

function typedName() {
  return Object.values(forms).find((form) => !form.hidden).elements.username.value.trim();
}

function showPassword(showButton, isShown) {
  byId(showButton.dataset.password).type = isShown ? "text" : "password";
  showButton.setAttribute("aria-pressed", isShown);
}

/** Return { field, words }, without a field if none caused it; other errors unchanged. */
function explain(error) {
  // Cognito locks an account for up to 15 minutes, with the code of a wrong password:
  // https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
  if (error.code === "NotAuthorizedException" && /attempts exceeded/i.test(error.message)) {
    return { words: "Too many wrong passwords: this account is locked for up to 15 minutes. Wait, or choose “I forgot my password”." };
  }
  if (error.code === "InvalidPasswordException") {
    const rule = error.message.replace(/^.*?: /, "").replace(/\.?$/, ".");
    return { field: "password", words: `Choose a stronger password. ${rule}` };
  }
  if (error.code === "InvalidParameterException") return explainParameter(error.message);
  if (!(error.code in MESSAGES)) return error;
  const [field, words] = MESSAGES[error.code];
  return { field, words };
}

/** Explain why no code for a new password is sent. */
function explainForgetting(error) {
  // Cognito's message if no address of the account was ever confirmed.
  if (error.code === "InvalidParameterException" && /verified/i.test(error.message)) {
    return { field: "username", words: "This account’s address was never confirmed: confirm it first." };
  }
  return explain(error);
}

/** Explain why an address is not confirmed. */
function explainConfirming(error) {
  // Here "not authorized" means that there is nothing to confirm.
  if (error.code === "NotAuthorizedException") {
    return { field: "username", words: "This account is confirmed already: sign in." };
  }
  if (error.code === "UserNotFoundException") {
    return { field: "username", words: "There is no account of this name: sign up first." };
  }
  return explain(error);
}

/** Cognito quotes the value and a regular expression; only the parameter's name helps. */
function explainParameter(message) {
  const name = / at '(\w+)'/.exec(message)?.[1] ?? /email|password/i.exec(message)?.[0] ?? "";
  const [field, words] = PARAMETERS[name.toLowerCase()] ?? [null, "The sign-in service can’t use what you typed: check it."];
  return { field, words };
}
