// Links to give away: for playing along, for watching, for one turn.

import {html, nothing} from '../../vendor/lit.js';
import {problemOf, readCodes, replaceCodes} from '../client.js';
import {shareUrl} from '../links.js';
import {Part, toast} from './frame.js';

class SharePage extends Part {
  static properties = {codes: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {string | null} */
    this.session = null;
    this.turn = -1;
    /** @type {{play?: string, watch: string} | null} */
    this.codes = null;
    this.problem = '';
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    this.problem = '';
    try {
      this.codes = await readCodes(this.session ?? '');
    } catch (error) {
      this.problem = problemOf(error).message || 'The server cannot be reached just now.';
    }
  }

  render() {
    if (this.problem) {
      return html`<div class="inside"><p>${this.problem}</p><button class="btn" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    }
    const {play, watch = ''} = this.codes ?? {};
    return html`<div class="inside share" aria-busy=${this.codes === null}>
      ${play || !this.codes ? this.#link('Play along', 'Whoever has this link chooses too.', shareUrl(play ?? ''), play) : nothing}
      ${this.#link('Only watch', 'Sees every turn as it happens, and cannot choose.', shareUrl(watch), watch)}
      ${this.turn >= 0 ? this.#link(`Turn ${this.turn}`, 'The tape, opened at this picture.', shareUrl(watch, this.turn)) : nothing}
      <p>Links hold for as long as the story does, or until you take them back.</p>
      ${play ? html`<button class="btn" type="button" @click=${() => this.#replace()}>Take back every link, and make new ones</button>` : nothing}
    </div>`;
  }

  async #replace() {
    try {
      this.codes = await replaceCodes(this.session ?? '');
      toast('The old links lead nowhere now.');
    } catch (error) {
      toast(problemOf(error).message || 'The server cannot be reached just now.');
    }
  }

  /** @param {string} title @param {string} about @param {string} path @param {string} [code] */
  #link(title, about, path, code) {
    const ready = this.codes !== null;
    const url = location.origin + path;
    return html`<div class="linkrow"><div><b>${title}</b><span class="hint">${about}</span>
        ${code ? html`<span class="code osd">${spaced(code)}</span>` : nothing}
        <input class="in url" readonly aria-label="Link: ${title}" .value=${ready ? url : ''} @focus=${(/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}></div>
      <button class="btn" type="button" ?disabled=${!ready} @click=${(/** @type {Event} */ event) => this.#copy(event, url)}>Copy <span class="vh">the link: ${title}</span></button>
      ${'share' in navigator ? html`<button class="btn" type="button" ?disabled=${!ready} @click=${() => this.#send(title, url)}>Send <span class="vh">the link: ${title}</span></button>` : nothing}</div>`;
  }

  /** @param {Event} event @param {string} url */
  async #copy(event, url) {
    const field = /** @type {HTMLElement} */ (event.target).closest('.linkrow')?.querySelector('input');
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      field?.select(); // Not over plain HTTP from another machine: the old way works there.
      document.execCommand('copy');
    }
    toast('Copied.');
  }

  /** @param {string} title @param {string} url */
  async #send(title, url) {
    await navigator.share({title: `Elsewhere: ${title}`, url}).catch(() => undefined);
  }
}

/** @param {string} code */
const spaced = (code) => `${code.slice(0, 4)}-${code.slice(4)}`;

customElements.define('share-page', SharePage);
export {SharePage};
