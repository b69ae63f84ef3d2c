// Where the reader is: focus that would be lost, text that would be missed. Nobody is scrolled
// away from what they look at.

const NEAR = 0.7;

/** @typedef {HTMLElement & {updateComplete: Promise<unknown>, unread: string}} Screen */

export class ReadingPlace {
  /** @param {Screen} screen @param {AbortSignal} signal */
  constructor(screen, signal) {
    this.screen = screen;
    this.scrolled = false;
    addEventListener('scroll', () => { this.scrolled = true; }, {signal, passive: true});
  }

  /** A choice was made: from now on it counts whether the reader scrolls. */
  begin() {
    this.scrolled = false;
  }

  /**
   * Before a change is drawn. What is returned is to be called once it is.
   * @param {boolean} opened new text begins
   */
  keep(opened) {
    const inside = this.screen.querySelector('.act')?.contains(document.activeElement) ?? false;
    return async () => {
      await this.screen.updateComplete;
      await this.screen.querySelector('act-panel')?.updateComplete;
      if (inside && document.activeElement === document.body) this.#focus();
      if (opened) this.#show();
    };
  }

  /** Focus was on something that is no more. */
  #focus() {
    const next = this.screen.querySelector('.note .btn') ?? this.screen.querySelector('#title');
    /** @type {HTMLElement | null} */ (next)?.focus({preventScroll: true});
  }

  /** The top of new text is shown, unless the reader went elsewhere meanwhile. */
  #show() {
    const text = this.screen.querySelector('.dis');
    if (!text) return;
    text.scrollTop = 0;
    const {top} = text.getBoundingClientRect();
    if (top >= 0 && top < innerHeight * NEAR) return;
    if (this.scrolled) this.screen.unread = top < 0 ? '↑' : '↓';
    else this.go();
  }

  go() {
    this.screen.unread = '';
    this.screen.querySelector('.dis')?.scrollIntoView({block: 'start', behavior: 'instant'});
  }
}
