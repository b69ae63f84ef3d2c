// The clock of a turn. The server owns it; this draws it.

import {html, nothing} from '../../vendor/lit.js';
import {say} from '../announcer.js';
import {clockWords} from '../words.js';
import {Part} from './frame.js';

const WARNING_MS = 10_000;

class TurnClock extends Part {
  static properties = {
    clock: {attribute: false}, skew: {attribute: false}, total: {attribute: false},
    mine: {attribute: false}, now: {state: true},
  };

  constructor() {
    super();
    /** @type {import('../types').Clock | null} */
    this.clock = null;
    this.skew = 0;
    /** What a turn has, in milliseconds. */
    this.total = 0;
    /** Whether this reader may hold it. */
    this.mine = false;
    this.now = Date.now();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.ticking = undefined;
    this.warned = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.#tick();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.ticking);
  }

  /** Once a second, when the number changes. */
  #tick() {
    this.now = Date.now();
    const left = this.#left;
    clearTimeout(this.ticking);
    this.ticking = setTimeout(() => this.#tick(), left === null ? 1000 : (left % 1000 || 1000) + 5);
    const turn = String(this.clock?.at);
    if (left !== null && left > 0 && left <= WARNING_MS && this.total > WARNING_MS && this.warned !== turn) {
      this.warned = turn;
      say('10 seconds left.');
    }
  }

  get #left() {
    if (!this.clock?.at || this.clock.heldBy) return null;
    return Math.max(0, this.clock.at - (this.now + this.skew));
  }

  updated() {
    const bar = /** @type {HTMLElement | null} */ (this.querySelector('.tape i'));
    const left = this.#left;
    const share = left === null ? 1 : Math.min(1, left / Math.max(1, this.total));
    if (bar) bar.style.transform = `scaleX(${share.toFixed(3)})`;
  }

  render() {
    if (!this.total) return nothing;
    const left = this.#left;
    const held = Boolean(this.clock?.heldBy);
    return html`<span class="clock osd" role="timer" aria-live="off" aria-label="Time left, by the server's clock">${left === null ? '––:––' : clockWords(left)}</span>
      ${this.mine
        ? html`<button class="btn" type="button" @click=${() => this.tell('clock', held ? 'resume' : 'hold')}><span aria-hidden="true">${held ? '►' : '❚❚'}</span> <span class="t">${held ? 'Resume' : 'Hold'}</span></button>
          <button class="btn ghost" type="button" @click=${() => this.tell('clock', 'extend')}>+30 s</button>`
        : nothing}
      <div class="tape" aria-hidden="true"><i></i></div>`;
  }
}

customElements.define('turn-clock', TurnClock);
