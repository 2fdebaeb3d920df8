// Polls while there is something to wait for.

const INTERVAL = 5_000; // ms
const HIDDEN_INTERVAL = 30_000; // ms, in a hidden tab
const MAX_INTERVAL = 30_000; // ms, while the service is busy

export class Poll {
  #fetchAnswer;
  #show;
  #fail;
  #hidden;
  #timer = null;
  #delay = INTERVAL;
  #turn = 0; // only the response to the latest request is used
  #running = false;

  /**
   * `fetchAnswer` gets the answer, `show` or `fail` takes it or the error, and returns whether to
   * continue. With `hidden` it continues in a hidden tab, less often.
   */
  constructor(fetchAnswer, show, fail, hidden = false) {
    this.#fetchAnswer = fetchAnswer;
    this.#show = show;
    this.#fail = fail;
    this.#hidden = hidden;
    document.addEventListener("visibilitychange", () => {
      if (!this.#running) return;
      if (document.hidden) this.#schedule();
      else this.now();
    });
    window.addEventListener("online", () => this.#running && this.now());
  }

  /** Poll now, and from now on. */
  now() {
    this.#running = true;
    this.#delay = INTERVAL;
    return this.#poll();
  }

  /** Ignore pending answers, which are older than what is shown; poll soon. */
  later() {
    this.#running = true;
    this.#delay = INTERVAL;
    this.#turn += 1;
    this.#schedule();
  }

  stop() {
    this.#running = false;
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  async #poll() {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    try {
      const answer = await this.#fetchAnswer();
      if (turn !== this.#turn) return;
      this.#delay = INTERVAL;
      this.#running = this.#show(answer);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#delay = error.status >= 429 ? Math.min(this.#delay * 2, MAX_INTERVAL) : INTERVAL;
      this.#running = this.#fail(error);
    }
    if (this.#running) this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (document.hidden && !this.#hidden) return;
    this.#timer = setTimeout(() => this.#poll(), document.hidden ? HIDDEN_INTERVAL : this.#delay);
  }
}
