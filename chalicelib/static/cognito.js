// Cognito's public endpoint: sign up, confirm, sign in, refresh, sign out. No AWS credentials. At the
// end: what its errors mean to the customer.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html

import { NotTheService, RequestError, send } from "./network.js";

const setting = (name) => document.querySelector(`meta[name="${name}"]`).content;
const ENDPOINT = setting("cognito");
const CLIENT_ID = setting("client-id");

/** Create an account; return where its code was sent, or null if none is needed. */
export async function signUp(username, password, email) {
  const answer = await request("SignUp", {
    Username: username,
    Password: password,
    UserAttributes: [{ Name: "email", Value: email }],
  });
  if (!answer.UserSub) throw new NotTheService();
  return answer.UserConfirmed ? null : (answer.CodeDeliveryDetails?.Destination ?? email);
}

export const confirm = (username, code) =>
  request("ConfirmSignUp", { Username: username, ConfirmationCode: code });

/** Mail a new code; return where it was sent. */
export async function resend(username) {
  const answer = await request("ResendConfirmationCode", { Username: username });
  return answer.CodeDeliveryDetails?.Destination ?? "your address";
}

/** Mail a code that allows a new password; return where it was sent if there is such an account. */
export async function forgot(username) {
  const answer = await request("ForgotPassword", { Username: username });
  return answer.CodeDeliveryDetails?.Destination ?? "your address";
}

export const reset = (username, code, password) =>
  request("ConfirmForgotPassword", { Username: username, ConfirmationCode: code, Password: password });

/** Return { IdToken, RefreshToken, ExpiresIn (seconds) }. */
export const signIn = (username, password) =>
  authenticate("USER_PASSWORD_AUTH", { USERNAME: username, PASSWORD: password });

/** Return { IdToken, ExpiresIn (seconds) }. */
export const refresh = (refreshToken) =>
  authenticate("REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: refreshToken });

/** End a login by revoking its refresh token. */
export const revoke = (refreshToken) => request("RevokeToken", { Token: refreshToken });

async function authenticate(flow, parameters) {
  const answer = await request("InitiateAuth", { AuthFlow: flow, AuthParameters: parameters });
  if (!answer.AuthenticationResult) {
    if (!answer.ChallengeName) throw new NotTheService();
    throw new RequestError(400, answer.ChallengeName, `The sign-in service asks for ${answer.ChallengeName}, which this page can’t do.`);
  }
  return answer.AuthenticationResult;
}

async function request(action, content) {
  const { status, content: answer } = await send(ENDPOINT, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify({ ClientId: CLIENT_ID, ...content }),
  });
  if (status === 200) return answer;
  const code = String(answer?.__type ?? "").split("#").pop();
  throw new RequestError(status, code, answer?.message ?? "The sign-in service has a problem. Try again.");
}

// Messages, each with the form field that caused the error.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
const MESSAGES = {
  UsernameExistsException: ["username", "This name is taken: choose another, or sign in."],
  NotAuthorizedException: ["password", "The name or the password is wrong."],
  UserNotFoundException: ["password", "The name or the password is wrong."],
  CodeMismatchException: ["code", "This is not the code from the mail. Look again, or have a new one sent."],
  ExpiredCodeException: ["code", "This code is no longer valid. Have a new one sent."],
  CodeDeliveryFailureException: ["email", "No mail could be sent to this address: check it."],
  TooManyRequestsException: [null, "Too many tries. Wait a minute, then try again."],
  TooManyFailedAttemptsException: [null, "Too many wrong tries. Wait a while, then try again."],
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

/** Return { field, words }, without a field if none caused it; other errors unchanged. */
export function explain(error) {
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
export function explainForgetting(error) {
  // Cognito's message if no address of the account was ever confirmed.
  if (error.code === "InvalidParameterException" && /verified/i.test(error.message)) {
    return { field: "username", words: "This account’s address was never confirmed: confirm it first." };
  }
  return explain(error);
}

/** Explain why an address is not confirmed. */
export function explainConfirming(error) {
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
