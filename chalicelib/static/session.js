// Who is signed in, in this tab and until it closes. Tokens stay in session storage: never in a
// URL, never in a cookie, never in what is shown.
// Emits "change" on `session` when somebody signs in or out; its `detail` says why, if they did not.

import * as cognito from "./cognito.js";
import { Refused } from "./network.js";

const KEY = "coffee-orders.session";
const SPARE = 60_000; // ms; a token this close to its end could expire on its way

class Session extends EventTarget {
  #tokens = JSON.parse(sessionStorage.getItem(KEY));
  #refreshing = null;

  /** The name of who is signed in, or null. */
  get username() {
    return this.#tokens && claims(this.#tokens.idToken)["cognito:username"];
  }

  /** The ids of the shops whose staff they are. */
  get vendors() {
    if (!this.#tokens) return [];
    return (claims(this.#tokens.idToken)["cognito:groups"] ?? []).flatMap(vendorOf);
  }

  async signIn(username, password) {
    this.#keep(await cognito.signIn(username, password));
    this.#changed();
  }

  /** Forget the tokens, also where Cognito can't be told. */
  async signOut() {
    const tokens = this.#tokens;
    this.#forget();
    if (tokens) await cognito.revoke(tokens.refreshToken).catch(() => {});
  }

  /** Return a good IdToken, a new one if need be; of many who ask, one fetches it for all. */
  async idToken() {
    if (!this.#tokens) throw new Refused(401, "NotSignedIn", "Sign in first.");
    if (Date.now() > this.#tokens.staleAt) {
      this.#refreshing ??= this.#refresh(this.#tokens.refreshToken).finally(() => (this.#refreshing = null));
      await this.#refreshing;
    }
    return this.#tokens.idToken;
  }

  /** The service did not take the token: the next request fetches another. */
  distrust() {
    if (this.#tokens) this.#tokens.staleAt = 0;
  }

  async #refresh(refreshToken) {
    try {
      this.#keep({ RefreshToken: refreshToken, ...(await cognito.refresh(refreshToken)) });
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "NotAuthorizedException") throw error;
      const words = "Your sign-in has lapsed. Sign in again: what you typed is kept.";
      this.#forget(words);
      throw new Refused(401, "Lapsed", words);
    }
  }

  #keep({ IdToken, RefreshToken, ExpiresIn }) {
    const staleAt = Date.now() + ExpiresIn * 1000 - SPARE;
    this.#tokens = { idToken: IdToken, refreshToken: RefreshToken, staleAt };
    sessionStorage.setItem(KEY, JSON.stringify(this.#tokens));
  }

  #forget(why = "") {
    this.#tokens = null;
    sessionStorage.removeItem(KEY);
    this.#changed(why);
  }

  #changed(why = "") {
    this.dispatchEvent(new CustomEvent("change", { detail: why }));
  }
}

export const session = new Session();

/** Read what a token says; whether it is true, only the gateway decides. */
function claims(token) {
  const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
}

/** `vendor-<vendorid>`, percent-encoded, is the group of a shop's staff; other groups are none. */
function vendorOf(group) {
  try {
    return group.startsWith("vendor-") ? [decodeURIComponent(group.slice("vendor-".length))] : [];
  } catch {
    return [];
  }
}
