// Asks again and again, ever more seldom while nothing changes, and never for nobody: not in a
// hidden tab, and not once there is nothing left to wait for.

const FIRST = 2_000; // ms
const LAST = 30_000; // ms
const GROWTH = 1.5;

export class Poll {
  #fetch;
  #show;
  #fail;
  #timer = null;
  #delay = FIRST;
  #turn = 0; // of two requests under way, only the later one's answer counts
  #running = false;

  /**
   * `fetch` asks. `show` takes the answer and returns { changed, goOn }; `fail` takes the error
   * and returns whether to go on.
   */
  constructor(fetch, show, fail) {
    this.#fetch = fetch;
    this.#show = show;
    this.#fail = fail;
    document.addEventListener("visibilitychange", () => {
      if (this.#running) document.hidden ? clearTimeout(this.#timer) : this.now();
    });
    window.addEventListener("online", () => this.#running && this.now());
  }

  /** Ask at once, and from now on. */
  now() {
    this.#running = true;
    this.#delay = FIRST;
    return this.#ask();
  }

  /** Something is shown that is newer than any answer under way: ask in a moment. */
  later() {
    this.#running = true;
    this.#delay = FIRST;
    this.#turn += 1;
    this.#schedule();
  }

  stop() {
    this.#running = false;
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  async #ask() {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    let changed = false;
    try {
      const answer = await this.#fetch();
      if (turn !== this.#turn) return;
      ({ changed, goOn: this.#running } = this.#show(answer));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#running = this.#fail(error);
    }
    this.#delay = changed ? FIRST : Math.min(this.#delay * GROWTH, LAST);
    if (this.#running) this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), this.#delay);
  }
}
