// Signing up, confirming, signing in, a new password: forms of which one is shown.

import * as cognito from "./cognito.js";
import { busy, byId } from "./dom.js";
import { onSubmit, show } from "./forms.js";
import { session } from "./session.js";

const forms = Object.fromEntries(["sign-in", "sign-up", "confirm", "forgot", "reset"].map((id) => [id, byId(id)]));

// What a person understands, and the field that is to blame, for what Cognito calls its errors.
const WORDS = {
  UsernameExistsException: ["username", "This name is taken: choose another, or sign in."],
  NotAuthorizedException: ["password", "The name or the password is wrong."],
  UserNotFoundException: ["password", "The name or the password is wrong."],
  CodeMismatchException: ["code", "This is not the code from the mail. Look again, or have a new one sent."],
  ExpiredCodeException: ["code", "This code is no longer good. Have a new one sent."],
  CodeDeliveryFailureException: ["email", "No mail could be sent there: look at the address again."],
  TooManyRequestsException: [null, "Too many tries. Wait a minute, then try again."],
  TooManyFailedAttemptsException: [null, "Too many wrong tries. Wait a while, then try again."],
  PasswordResetRequiredException: [null, "This account needs a new password: choose “I forgot my password”."],
  LimitExceededException: [null, "Too many tries. Wait a while, then try again."],
};

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
  const sentTo = await cognito.signUp(username, password, email);
  if (sentTo === null) return signIn({ username, password });
  open("confirm", username, `We sent a code to ${sentTo}.`);
}

async function confirm({ username, code }) {
  await cognito.confirm(username, code);
  signInWith(username, byId("sign-up-password").value, "Your address is confirmed.");
}

async function forgot({ username }) {
  const sentTo = await cognito.forgot(username);
  open("reset", username, `If there is an account of this name, we sent a code to ${sentTo}.`);
}

async function reset({ username, code, password }) {
  await cognito.reset(username, code, password);
  signInWith(username, password, "Your password is changed.");
}

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

function explain(error) {
  if (error.code === "InvalidPasswordException") {
    const rule = error.message.replace(/^.*?: /, "").replace(/\.?$/, ".");
    return { field: "password", words: `Choose a stronger password. ${rule}` };
  }
  const [field, words] = WORDS[error.code] ?? [null, error.message];
  return { field, words };
}

/** Here Cognito calls an account without a confirmed address an invalid parameter. */
function explainForgetting(error) {
  if (error.code === "InvalidParameterException") {
    return { field: "username", words: "This account’s address was never confirmed: confirm it first." };
  }
  return explain(error);
}

/** Here Cognito's "not authorized" means that there is nothing to confirm. */
function explainConfirming(error) {
  if (error.code === "NotAuthorizedException") {
    return { field: "username", words: "This account is confirmed already: sign in." };
  }
  if (error.code === "UserNotFoundException") {
    return { field: "username", words: "There is no account of this name: sign up first." };
  }
  return explain(error);
}
