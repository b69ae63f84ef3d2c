// The film of a run in the place of its pictures: asked for, awaited while it is made, played.

import {html, nothing} from '../../vendor/lit.js';
import {ask, problemOf} from '../client.js';
import {Stream} from '../stream.js';
import {Part, toast} from './frame.js';
import './tape-player.js';

/** @typedef {import('../types').Tape} Tape */

const ASK_MS = 2000;
const MB = 1e6;

/** @param {string} session */
const at = (session) => `/api/sessions/${encodeURIComponent(session)}/tapes`;

/** The tapes of a run, the newest first. @param {string} session */
export const readTapes = async (session) =>
  /** @type {{items: Tape[]}} */ ((await ask('GET', at(session))).data).items;

class TapeFilm extends Part {
  static properties = {
    turns: {attribute: false}, world: {attribute: false}, at: {attribute: false}, tapes: {state: true},
    frames: {state: true}, busy: {state: true},
  };

  constructor() {
    super();
    this.session = '';
    /** @type {import('../types').Role} */
    this.seat = 'play';
    /** @type {import('../chronicle.js').Told[]} */
    this.turns = [];
    /** @type {import('../types').World | undefined} */
    this.world = undefined;
    this.at = 0;
    /** @type {number | null} the turn from which the film is to be seen */
    this.from = null;
    /** @type {Tape[]} what there was when the page was opened */
    this.known = [];
    /** @type {Tape[]} */
    this.tapes = [];
    /** Its pictures were asked for instead. */
    this.frames = false;
    this.busy = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Stream | null} */
    this.stream = null;
  }

  willUpdate() {
    if (!this.hasUpdated) this.tapes = this.known;
  }

  firstUpdated() {
    this.addEventListener('frame', () => { this.frames ||= !this.#film; });
    this.#follow();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.stream?.close();
  }

  // -- knowing of it -------------------------------------------------------------------------

  get #last() {
    return this.turns.at(-1)?.turn ?? 0;
  }

  get #film() {
    return this.tapes.find(({status}) => status === 'ready');
  }

  /** That of the whole run, in whatever state. */
  get #whole() {
    return this.tapes.find(({turn}) => turn === this.#last);
  }

  /** Until there is one of the whole run, the server's events tell of it, and where they do not come through we ask. */
  #follow() {
    clearTimeout(this.timer);
    const whole = this.#whole;
    if (whole?.status === 'ready') return this.stream?.close();
    if (whole?.status === 'making') this.timer = setTimeout(() => void this.#ask(), ASK_MS);
    if (this.stream) return undefined;
    this.stream = new Stream(this.session, {
      hear: (event) => {
        if (event.type === 'hello') void this.#ask();
        else if (event.type === 'tape.ready') this.#know([event.tape, ...this.tapes.filter(({name}) => name !== event.tape.name)]);
      },
      check: () => this.#ask(),
      woke: () => undefined,
    });
    return this.stream.open();
  }

  async #ask() {
    try {
      this.#know(await readTapes(this.session));
    } catch (error) {
      this.#follow();
      return problemOf(error).status > 0;
    }
    return true;
  }

  /** @param {Tape[]} tapes */
  #know(tapes) {
    if (!this.isConnected) return;
    // Where the film takes the place of the pictures by itself, nothing below it moves.
    if (!this.#film && tapes.some(({status}) => status === 'ready')) this.style.minHeight = `${this.offsetHeight}px`;
    this.tapes = tapes.sort((a, b) => b.turn - a.turn);
    this.#follow();
  }

  async #make() {
    if (this.busy) return;
    this.busy = true;
    try {
      await ask('POST', at(this.session), {body: {}});
      await this.#ask();
    } catch (error) {
      toast(problemOf(error).message || 'The server cannot be reached just now.');
    }
    this.busy = false;
  }

  // -- what is shown -------------------------------------------------------------------------

  updated() {
    const track = this.querySelector('track')?.track;
    // Its words are read for the page; on the picture they stand already.
    if (track?.mode === 'disabled') track.mode = 'hidden';
  }

  render() {
    const film = this.frames ? undefined : this.#film;
    return html`${film ? this.#video(film) : html`<tape-player .turns=${this.turns} .world=${this.world} .at=${this.at}></tape-player>`}
      <div class="row film-line">${this.#ways(film)}${this.#making()}</div>`;
  }

  /** @param {Tape} film */
  #video(film) {
    const poster = this.turns.findLast(({image}) => image)?.image?.url;
    return html`<div><div class="tv film"><video class="frame" src=${film.url ?? ''} poster=${poster ?? nothing} controls preload="metadata" playsinline
      aria-label="The film, ${film.turns} scenes" @timeupdate=${this.#moved} @error=${this.#lost}>
      <track kind="captions" src=${film.captions_url} srclang=${this.world?.language ?? 'en'} label="What is told" @load=${this.#seek}></video></div></div>`;
  }

  /** @param {Tape | undefined} shown */
  #ways(shown) {
    const film = this.#film;
    if (!film) return nothing;
    const part = film.turn < this.#last ? `, up to turn ${film.turn}` : '';
    return html`<button class="btn" type="button" @click=${() => { this.frames = Boolean(shown); }}>${shown ? 'Picture by picture' : 'The film'}</button>
      <a class="btn" href=${film.url ?? ''} download="${this.session}-${film.turn}.mp4">Download the film</a>
      <span class="meta">${time(film.duration_s)}${film.bytes ? `, ${Math.max(0.1, film.bytes / MB).toFixed(1)} MB` : ''}${part}</span>`;
  }

  #making() {
    const status = this.#whole?.status;
    if (status === 'ready') return nothing;
    if (status === 'making') {
      const share = this.#whole?.progress ?? 0;
      return html`<label class="meta">The film is being made <progress max="1" .value=${share}></progress> ${Math.round(share * 100)} %</label>`;
    }
    return html`${status === 'failed' ? html`<span class="meta">The film could not be made.</span>` : nothing}
      ${this.seat === 'play' ? html`<button class="btn" type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${this.#make}>Make the film</button>` : nothing}`;
  }

  /** Where the film is, the page is. @param {Event} event */
  #moved({target}) {
    const cue = /** @type {HTMLVideoElement} */ (target).textTracks[0]?.activeCues?.[0];
    const now = this.turns.findIndex(({turn}) => cue?.id.startsWith(`${turn}.`));
    if (now >= 0 && now !== this.at) this.tell('frame', now);
  }

  /** @param {Event} event */
  #seek({target}) {
    const track = /** @type {HTMLTrackElement} */ (target);
    const cue = this.from === null ? null : track.track.cues?.getCueById(`${this.from}.1`);
    if (cue) /** @type {HTMLVideoElement} */ (track.parentElement).currentTime = cue.startTime;
  }

  #lost() {
    this.frames = true;
    toast('The film cannot be played here. These are its pictures.');
  }
}

/** @param {number} seconds */
const time = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;

customElements.define('tape-film', TapeFilm);
export {TapeFilm};
