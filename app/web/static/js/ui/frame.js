// What every screen stands in: the base of our elements, icons, the bar at the top.

import {LitElement, html, nothing} from '../../vendor/lit.js';
import {say} from '../announcer.js';
import {historyUrl} from '../links.js';

/** An element in the light: one style sheet, one document, nothing hidden from labels or tests. */
export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }

  /** @param {string} name @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true}));
  }
}

const BRANCH = 'M5 3v16M5 8c8 0 8 0 12 5v4M6.6 4a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0M18.6 18a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0';
const SHARE = 'M8.6 11a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0M18.6 5a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0M18.6 17a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0M8.4 9.800l5.2-3.400M8.4 12.200l5.2 3.4';
const SLIDERS = 'M3 6h9M16 6h3M3 16h3M10 16h9M16.2 6a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0M10.2 16a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0';
const HELP = 'M19.2 11a8.2 8.2 0 1 1-16.4 0 8.2 8.2 0 0 1 16.4 0M8.6 8.700c.200-3 4.9-3 4.8 0 0 1.9-2.4 2-2.4 4M11 15v.800';

/** @param {string} path */
const icon = (path) => html`<svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" aria-hidden="true"><path d=${path}></path></svg>`;

/** @type {Record<import('../types').Link, [string, string]>} */
const LINKS = {
  connecting: ['Connecting', ''],
  live: ['Live', 'live'],
  polling: ['Checking', 'live'],
  retrying: ['Retrying', 'lost'],
  offline: ['Offline', 'lost'],
};

/** The right half of the bar: how we are connected, and where one can go. */
class PageNav extends Part {
  static properties = {session: {}, link: {}, saved: {}, offline: {}};

  constructor() {
    super();
    /** @type {string | null} the session whose links are shown */
    this.session = null;
    /** @type {import('../types').Link | null} null where nothing is followed */
    this.link = null;
    /** The server has confirmed the turn that is shown. */
    this.saved = false;
    /** The built-in narrator is at work: no key is needed. */
    this.offline = false;
  }

  render() {
    return html`<nav aria-label="Page">${this.#connection()}
      ${this.session
        ? html`<a class="btn ghost" href=${historyUrl(this.session)}>${icon(BRANCH)}<span class="t">History</span></a>
          <button class="btn ghost" type="button" @click=${() => this.tell('open-dialog', 'share')}>${icon(SHARE)}<span class="t">Share</span></button>`
        : nothing}
      <button class="btn ghost" type="button" @click=${() => this.tell('open-dialog', 'settings')}>${icon(SLIDERS)}<span class="t">Settings</span></button>
      <button class="btn ghost" type="button" @click=${() => this.tell('open-dialog', 'help')}>${icon(HELP)}<span class="t">Help</span></button>
    </nav>`;
  }

  #connection() {
    if (this.link === null) {
      return this.offline ? html`<span class="conn live osd"><span class="dot"></span> No key needed</span>` : nothing;
    }
    const [word, tone] = LINKS[this.link];
    const shown = this.link === 'live' && this.saved ? 'Saved' : word;
    return html`<span class="conn ${tone} osd"><span class="dot"></span> ${shown}</span>`;
  }
}

customElements.define('page-nav', PageNav);

/**
 * A bar over the page while the server cannot be reached. It pushes nothing away.
 * @param {import('../types').Game} game
 * @param {() => void} retry
 */
export function lostBanner({link, retryAt, state}, retry) {
  if (link !== 'retrying' && link !== 'offline') return nothing;
  const clock = state?.state.settings.deadline_seconds ? ' The clock is the server’s.' : '';
  return html`<div class="rib"><p>${link === 'offline' ? 'You are offline.' : 'Connection lost.'}${retryAt ? ' Trying again.' : ''}${clock}</p>
    <button class="btn" type="button" @click=${retry}>Try now</button></div>`;
}

const TOAST_MS = 6000;

/** Something to know in passing: seen and heard, and gone by itself. @param {string} text */
export function toast(text) {
  document.querySelector('.toast')?.remove();
  const note = Object.assign(document.createElement('p'), {className: 'toast', textContent: text});
  (document.querySelector('header') ?? document.body).append(note);
  say(text);
  setTimeout(() => note.remove(), TOAST_MS);
}
