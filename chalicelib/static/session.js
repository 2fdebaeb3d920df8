// The signed-in user: in this tab until it closes, or on this device if the user chooses so. Tokens
// are in the browser's storage only: never in a URL, a cookie or the page's content.
// Emits "change" on `session` after a sign-in or sign-out; its `detail` has the reason if the user
// did not ask for it.

import * as cognito from "./cognito.js";
import { RequestError } from "./network.js";

// Values that the browser keeps for the page, as JSON. If it allows no storage, or has no room, a value
// lasts as long as the page. Nothing here throws.
class Store {
  #open;
  #memory = new Map(); // the values that the browser did not take

  /** `open` returns a Storage, or throws if the browser blocks it. */
  constructor(open) {
    this.#open = open;
  }

  /** Return the value of a key; null if there is none, or it cannot be read. */
  read(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      return JSON.parse(this.#open().getItem(key));
    } catch {
      return null;
    }
  }

  write(key, value) {
    try {
      this.#open().setItem(key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, value);
    }
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      this.#open().removeItem(key);
    } catch {
      // The browser blocks storage, so nothing was stored.
    }
  }
}

/** Lasts until the tab closes. */
export const tabStore = new Store(() => sessionStorage);

/** Lasts until the customer signs out or clears it. */
export const deviceStore = new Store(() => localStorage);

const KEY = "coffee-orders.session";
const EXPIRY_MARGIN = 60_000; // ms; a token this close to its end could expire on its way

/** The customer signed out, or another user signed in, before an answer came. */
export class SignedOut extends Error {}

class Session extends EventTarget {
  // { id, idToken, refreshToken, staleAt, stays }: one object from sign-in to sign-out
  #login = readLogin(tabStore) ?? readLogin(deviceStore);
  #refreshing = null;

  constructor() {
    super();
    window.addEventListener("storage", ({ key }) => key === KEY && this.#follow());
  }

  /** The present login; another object after each sign-in, or null. */
  get login() {
    return this.#login;
  }

  /** The name of the user, or null. */
  get username() {
    return this.#login && claims(this.#login.idToken)["cognito:username"];
  }

  /** The ids of the shops where the user is staff. */
  get vendors() {
    if (!this.#login) return [];
    return (claims(this.#login.idToken)["cognito:groups"] ?? []).flatMap(vendorOf);
  }

  /** Sign in for this tab, or with `stays` for all tabs of this device. */
  async signIn(username, password, stays) {
    const previousLogin = this.#login;
    const { IdToken, RefreshToken, ExpiresIn } = await cognito.signIn(username, password);
    this.requireCurrent(previousLogin);
    this.#refreshing = null;
    const id = String(Math.random()); // distinguishes logins; not secret
    this.#login = { id, idToken: IdToken, refreshToken: RefreshToken, staleAt: staleAt(ExpiresIn), stays };
    this.#keep();
    this.#changed();
  }

  /** Forget the tokens, even if Cognito can't be reached. */
  async signOut() {
    const login = this.#login;
    this.#forget();
    if (login) await cognito.revoke(login.refreshToken).catch(() => {});
  }

  /**
   * Return a valid IdToken of a login, a new one if necessary; many callers share one refresh.
   * Throws SignedOut if this login has ended, also during the refresh.
   */
  async idToken(login = this.#login) {
    if (!login) throw new RequestError(401, "NotSignedIn", "Sign in first.");
    if (Date.now() > login.staleAt) {
      this.#refreshing ??= this.#refresh(login).finally(() => (this.#refreshing = null));
      await this.#refreshing;
    }
    this.requireCurrent(login);
    return login.idToken;
  }

  /** Throw SignedOut unless this is the present login. */
  requireCurrent(login) {
    if (login !== this.#login) throw new SignedOut("You have signed out.");
  }

  /** The service rejected the token: fetch another for the next request. */
  expireToken(login) {
    if (login) login.staleAt = 0;
  }

  async #refresh(login) {
    try {
      const { IdToken, RefreshToken, ExpiresIn } = await cognito.refresh(login.refreshToken);
      this.#follow();
      this.requireCurrent(login);
      Object.assign(login, { idToken: IdToken, staleAt: staleAt(ExpiresIn) });
      if (RefreshToken) login.refreshToken = RefreshToken;
      this.#keep();
    } catch (error) {
      this.requireCurrent(login);
      if (!(error instanceof RequestError) || error.code !== "NotAuthorizedException") throw error;
      const words = "Your sign-in has expired. Sign in again: what you typed is kept.";
      this.#forget(words);
      throw new RequestError(401, "Expired", words);
    }
  }

  /** Read a shared login that another tab may have changed. */
  #follow() {
    const login = this.#login;
    if (login && !login.stays) return;
    const shared = readLogin(deviceStore);
    if (login && shared?.id === login.id) Object.assign(login, shared);
    else if (login || shared) {
      this.#login = shared;
      this.#refreshing = null;
      this.#changed();
    }
  }

  #keep() {
    (this.#login.stays ? deviceStore : tabStore).write(KEY, this.#login);
  }

  #forget(reason = "") {
    (this.#login?.stays ? deviceStore : tabStore).remove(KEY);
    this.#login = null;
    this.#refreshing = null;
    this.#changed(reason);
  }

  #changed(reason = "") {
    this.dispatchEvent(new CustomEvent("change", { detail: reason }));
  }
}

export const session = new Session();

/** Return the login in a store, if there is a valid one. */
function readLogin(store) {
  const stored = store.read(KEY);
  try {
    claims(stored.idToken);
    if (typeof stored.refreshToken !== "string") return null;
    return { ...stored, staleAt: Number(stored.staleAt) || 0, stays: store === deviceStore };
  } catch {
    return null;
  }
}

const staleAt = (expiresIn) => Date.now() + expiresIn * 1000 - EXPIRY_MARGIN;

/** Return the claims of a token. Only the gateway checks them. */
function claims(token) {
  const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
}

/** Return the shop of the group `vendor-<vendorid>`, percent-encoded; none for other groups. */
function vendorOf(group) {
  try {
    return group.startsWith("vendor-") ? [decodeURIComponent(group.slice("vendor-".length))] : [];
  } catch {
    return [];
  }
}
