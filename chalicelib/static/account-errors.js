// Messages for Cognito's errors, each with the form field that caused it.
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
