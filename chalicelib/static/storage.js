// Values that the browser keeps for the page, as JSON. If it allows no storage, or has no room, a
// value lasts as long as the page. Nothing here throws.

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
