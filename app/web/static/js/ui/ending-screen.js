// The tape of a run: how it ended, or how it stands, and what can be done about it.

import {html, nothing} from '../../vendor/lit.js';
import {createSession, exportUrl, problemOf, rewind, transcriptUrl} from '../client.js';
import {keptRun, readRun} from '../chronicle.js';
import {go, historyUrl, playUrl, rememberTape, setErrand} from '../links.js';
import {prefs} from '../prefs.js';
import {heading} from '../words.js';
import {deed, fateMark, prose} from './dispatch-text.js';
import {Part, toast} from './frame.js';
import {goneCard} from './notice-card.js';
import {readTapes} from './tape-film.js';

class EndingScreen extends Part {
  static properties = {turns: {state: true}, problem: {state: true}, at: {state: true}, busy: {state: true}};

  constructor() {
    super();
    this.session = '';
    this.seat = /** @type {import('../types').Role} */ ('play');
    /** @type {number | null} the turn that the address names */
    this.turn = null;
    /** @type {import('../types').Boot | null} */
    this.boot = null;
    /** @type {import('../chronicle.js').Told[] | null} */
    this.turns = null;
    /** @type {import('../types').Tape[]} */
    this.tapes = [];
    /** @type {import('../types').Problem | null} */
    this.problem = null;
    this.at = 0;
    this.busy = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    this.problem = null;
    try {
      // Together: a film that came after its pictures would take their place.
      [this.turns, this.tapes] = await Promise.all([readRun(this.session), readTapes(this.session).catch(() => [])]);
    } catch (error) {
      this.turns = keptRun(this.session);
      if (!this.turns) this.problem = problemOf(error);
    }
    const last = Math.max(0, (this.turns?.length ?? 1) - 1);
    this.at = Math.min(this.turn ?? last, last);
    this.tell('renamed');
  }

  get #last() {
    return this.turns?.at(-1);
  }

  get #world() {
    return this.boot?.worlds.find(({id}) => id === this.#last?.world);
  }

  get heading() {
    return `${this.#last?.phase === 'over' ? 'Tape ends' : 'Tape'} – ${this.#world?.title ?? ''}`;
  }

  render() {
    if (this.problem) return html`<div class="wrap">${goneCard(this.problem, () => this.#load())}</div>`;
    const last = this.#last;
    if (!this.turns || !last) {
      return html`<div class="wrap"><h1 class="osd" id="title" tabindex="-1">${this.turns ? 'A blank tape' : 'Rewinding'}</h1></div>`;
    }
    return html`<div class="wrap ending"><div class="grid">
      <section aria-label="Tape replay"><tape-film .session=${this.session} .seat=${this.seat} .from=${this.turn} .turns=${this.turns} .known=${this.tapes} .world=${this.#world} .at=${this.at}
        @frame=${(/** @type {CustomEvent<number>} */ event) => this.#framed(event.detail)}></tape-film></section>
      <section class="stack" aria-labelledby="title">${this.#verdict(last)}${this.#first(last)}${this.#words()}${this.#stats(last)}${this.#ways(last)}</section>
    </div></div>`;
  }

  /** What was told at the frame that is shown. */
  #words() {
    const told = this.turns?.[this.at];
    if (!told) return nothing;
    return html`<div class="words" lang=${this.#world?.language ?? 'en'}><p class="meta"><span class="osd place">${told.turn}. ${heading(told.situation).title}</span>${fateMark(told.fate)}</p>
      ${deed(told)}<div class="prose">${prose(told.dispatch)}</div></div>`;
  }

  /** @param {number} at */
  #framed(at) {
    this.at = at;
    const turn = this.turns?.[at]?.turn;
    if (location.pathname.startsWith('/t/')) history.replaceState(null, '', `#turn-${turn}`);
  }

  /** @param {import('../chronicle.js').Told} last */
  #verdict(last) {
    const over = last.phase === 'over';
    const [sign, word, tone] = !over ? ['●', `Turn ${last.turn}, alive`, 'even'] : last.alive ? ['■', `It ends, turn ${last.turn}`, 'even'] : ['✖', `Died, turn ${last.turn}`, 'unlucky'];
    return html`<h1 class="osd" id="title" tabindex="-1">${over ? 'Tape ends' : 'So far'}</h1>
      <p class="meta"><span class="fate ${tone} osd"><span aria-hidden="true">${sign}</span> ${word}</span><span>${this.#world?.title ?? ''}</span></p>`;
  }

  /** @param {import('../chronicle.js').Told} last */
  #stats(last) {
    const turns = this.turns ?? /** @type {import('../chronicle.js').Told[]} */ ([]);
    const fates = (/** @type {string} */ which) => turns.filter(({fate}) => fate === which).length;
    const places = new Set(turns.map(({place}) => place)).size;
    return html`<dl class="stats"><div><dt>Turns</dt><dd>${last.turn}</dd></div>
      <div><dt>Lucky, unlucky</dt><dd>${fates('LUCKY')}, ${fates('UNLUCKY')}</dd></div>
      <div><dt>Places</dt><dd>${places}</dd></div></dl>`;
  }

  /** What most will want to do now. @param {import('../chronicle.js').Told} last */
  #first(last) {
    const mine = this.seat === 'play';
    if (last.phase !== 'over') {
      return html`<a class="btn pri big" href=${mine ? playUrl(this.session) : location.pathname.replace(/\/\d+$/, '')}>${mine ? 'Go on playing' : 'Watch it live'}</a>`;
    }
    if (!mine || last.turn === 0) return nothing;
    return html`<button class="btn red big" type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => this.#rewind(last.turn - 1)}>Rewind to turn ${last.turn - 1} and choose again</button>`;
  }

  /** @param {import('../chronicle.js').Told} last */
  #ways(last) {
    const mine = this.seat === 'play';
    return html`<div class="stack">
        ${mine ? html`<button class="btn" type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => this.#again()}>New tape in this world</button>` : html`<a class="btn" href="/#worlds">Play a tape of your own</a>`}
        <div class="row"><a class="btn" href=${exportUrl(this.session)} download>Download</a>
          <a class="btn" href=${transcriptUrl(this.session)} target="_blank" rel="noopener">Read transcript</a>
          <button class="btn" type="button" @click=${() => this.tell('open-dialog', 'share')}>Share</button>
          <a class="btn" href=${historyUrl(this.session)}>Every turn</a></div></div>
      ${mine && last.phase === 'over' ? html`<p class="meta">Rewinding goes on from there. This ending stays in your history.</p>` : nothing}`;
  }

  /** @param {number} turn */
  async #rewind(turn) {
    await this.#attempt(async () => {
      await rewind(this.session, turn);
      go(playUrl(this.session));
    });
  }

  async #again() {
    await this.#attempt(async () => {
      const {id = '', title = ''} = this.#world ?? {};
      const meta = await createSession({world: id, name: title, settings: {deadline_seconds: prefs().clock}});
      rememberTape(meta.session_id);
      setErrand(meta.session_id, 'begin');
      go(playUrl(meta.session_id));
    });
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } catch (error) {
      toast(problemOf(error).message || 'The server cannot be reached just now.');
    }
    this.busy = false;
  }
}

customElements.define('ending-screen', EndingScreen);
export {EndingScreen};
