// What can be done: the offered choices, and the player's own words.

import {html, nothing, repeat} from '../../vendor/lit.js';
import {riskWord} from '../words.js';
import {Part} from './frame.js';

/** @typedef {import('../types').Choice} Choice */

export class ChoiceList extends Part {
  static properties = {
    choices: {attribute: false}, turn: {attribute: false}, enabled: {attribute: false},
    sent: {attribute: false}, session: {attribute: false}, watching: {attribute: false},
    open: {state: true}, note: {state: true},
  };

  constructor() {
    super();
    /** @type {readonly Choice[]} */
    this.choices = [];
    this.turn = 0;
    this.enabled = false;
    /** @type {{id: string | null, text: string} | null} what was sent and is not answered yet */
    this.sent = null;
    this.session = '';
    this.watching = false;
    /** The field for one's own words is open. */
    this.open = false;
    /** Why a press did nothing, said once. */
    this.note = '';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('turn')) {
      this.note = '';
      this.open = Boolean(draft(this.session));
    }
    if (this.sent?.id === null) this.open = true;
  }

  /** Press the n-th choice, as a key does: the focus goes there, so that it is seen. @param {number} n */
  press(n) {
    if (n === this.choices.length + 1) {
      if (this.enabled) this.#toggle(true);
      return;
    }
    const button = /** @type {HTMLButtonElement | undefined} */ (this.querySelectorAll('.ch[data-choice]')[n - 1]);
    button?.focus({preventScroll: true});
    button?.click();
  }

  /** @param {Choice} choice @param {MouseEvent} event */
  #choose(choice, event) {
    // The second half of a double click was not meant for the turn that came in between.
    if (event.detail > 1) return;
    if (this.enabled) this.tell('choose', {id: choice.id, text: choice.text});
    else if (this.watching && !this.note) {
      this.note = 'Nothing was chosen: you are watching.';
      this.tell('refused', this.note);
    }
  }

  /** @param {boolean} open */
  async #toggle(open) {
    this.open = open;
    await this.updateComplete;
    const target = open ? 'textarea' : '.ch.free';
    /** @type {HTMLElement | null} */ (this.querySelector(target))?.focus();
  }

  render() {
    const count = this.choices.length;
    return html`<ol class="choices" aria-labelledby="act-title">
      ${repeat(this.choices, ({id}) => `${this.turn} ${id}`, (choice, n) => this.#choice(choice, n))}
      ${this.watching ? nothing : this.open
        ? html`<li><free-action .session=${this.session} .enabled=${this.enabled} .sent=${this.sent?.id === null}
            @say=${(/** @type {CustomEvent<string>} */ event) => this.tell('choose', {id: null, text: event.detail})}
            @close-free=${() => this.#toggle(false)}></free-action></li>`
        : html`<li class="own-item"><button class="ch free" type="button" aria-disabled=${this.enabled ? nothing : 'true'} aria-keyshortcuts=${count + 1}
            @click=${() => this.enabled && this.#toggle(true)}>
            <kbd aria-hidden="true">${count + 1}</kbd><span>Something else…</span><span class="tagx"></span></button></li>`}
    </ol>${this.note ? html`<p class="note-line">${this.note}</p>` : nothing}`;
  }

  /** @param {Choice} choice @param {number} n */
  #choice(choice, n) {
    const sent = this.sent?.id === choice.id;
    return html`<li><button class="ch ${sent ? 'sel' : ''}" type="button" data-choice=${choice.id}
      aria-disabled=${this.enabled ? nothing : 'true'} aria-keyshortcuts=${n + 1} @click=${(/** @type {MouseEvent} */ event) => this.#choose(choice, event)}>
      <kbd aria-hidden="true">${n + 1}</kbd><span>${choice.text}</span>
      ${sent ? html`<span class="tagx osd">Sent</span>` : html`<span class="tagx osd ${choice.risk}">${riskWord(choice.risk)}</span>`}</button></li>`;
  }
}

customElements.define('choice-list', ChoiceList);

const MOST = 200;
const draftKey = (/** @type {string} */ session) => `elsewhere.draft.${session}`;

/** What was typed and not yet played survives errors and reloads. @param {string} session */
function draft(session) {
  try {
    return sessionStorage.getItem(draftKey(session)) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} session @param {string} text */
export function keepDraft(session, text) {
  try {
    if (text) sessionStorage.setItem(draftKey(session), text);
    else sessionStorage.removeItem(draftKey(session));
  } catch {
    // Without storage it lives in the field alone.
  }
}

class FreeAction extends Part {
  static properties = {session: {attribute: false}, enabled: {attribute: false}, sent: {attribute: false}, length: {state: true}};

  constructor() {
    super();
    this.session = '';
    this.enabled = false;
    this.sent = false;
    this.length = 0;
  }

  firstUpdated() {
    const field = this.#field;
    if (!field) return;
    field.value = draft(this.session);
    this.length = field.value.length;
  }

  get #field() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  #typed() {
    const field = this.#field;
    if (!field) return;
    this.length = field.value.length;
    keepDraft(this.session, field.value);
  }

  /** @param {Event} event */
  #send(event) {
    event.preventDefault();
    const field = this.#field;
    const text = field?.value.trim();
    if (!field || !text || !this.enabled) return;
    field.blur(); // A phone's keyboard goes, and does not come back by itself.
    this.tell('say', text);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!event.repeat) this.#send(event);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.tell('close-free');
    }
  }

  render() {
    return html`<form class="own ${this.sent ? 'sel' : ''}" @submit=${this.#send}>
      <label for="own-words">In your own words</label>
      <span class="count osd" aria-hidden="true">${this.sent ? 'Sent' : `${this.length}/${MOST}`}</span>
      <textarea id="own-words" rows="2" maxlength=${MOST} enterkeyhint="send" autocapitalize="sentences"
        placeholder="e.g. hum the note back" ?readonly=${!this.enabled} @input=${this.#typed} @keydown=${this.#key}></textarea>
      <div class="row"><button class="btn pri" aria-disabled=${this.enabled && this.length ? nothing : 'true'}>Do it</button>
        <button class="btn ghost" type="button" @click=${() => this.tell('close-free')}>Never mind</button></div>
    </form>`;
  }
}

customElements.define('free-action', FreeAction);
