// Cognito's public endpoint: sign up, confirm, sign in, refresh, sign out. No AWS credentials.
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
