// The picture: never jumps, never blank. A new frame is shown once it is decoded; until then the
// one before stays, under static.

import {html, nothing} from '../../vendor/lit.js';
import {mayMove, mayPlay, prefs} from '../prefs.js';
import {overlay} from '../words.js';
import {Part} from './frame.js';
import {fates} from './shot.js';

/**
 * @param {import('../types').Picture | null} a
 * @param {import('../types').Picture | null} [b]
 */
const differs = (a, b) => a?.id !== b?.id || a?.status !== b?.status || a?.url !== b?.url;

/** @typedef {import('./shot.js').Shot} Shot */

class SceneStage extends Part {
  static properties = {
    image: {attribute: false, hasChanged: differs}, clip: {attribute: false}, working: {attribute: false},
    shot: {attribute: false}, ratio: {attribute: false}, cut: {attribute: false},
    shown: {state: true}, broken: {state: true}, wanted: {state: true}, playing: {state: true},
  };

  constructor() {
    super();
    /** @type {import('../types').Picture | null} */
    this.image = null;
    /** @type {import('../types').Clip | null} */
    this.clip = null;
    /** @type {string | null} the clip that played by itself: once is enough */
    this.moved = null;
    /** A turn is being made: the tape runs over the frame that is shown. */
    this.working = false;
    /** The next frame is of another place. */
    this.cut = false;
    /** @type {Shot | null} */
    this.shot = null;
    /** @type {[number, number]} */
    this.ratio = [4, 3];
    /** @type {{src: string, alt: string, width: number, height: number} | null} */
    this.shown = null;
    /** @type {string | null} the picture that could not be loaded */
    this.broken = null;
    /** @type {string | null} the picture that was asked for by a tap */
    this.wanted = null;
    this.playing = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('image')) {
      this.playing = false;
      void this.#develop();
    }
  }

  updated() {
    const frame = /** @type {HTMLElement | null} */ (this.querySelector('.tv'));
    frame?.style.setProperty('--ratio', `${this.ratio[0]} / ${this.ratio[1]}`);
    const clip = this.#state === 'ready' && this.#moving;
    if (!clip || this.moved === clip.id || !mayPlay()) return;
    this.moved = clip.id;
    this.playing = true;
  }

  /** Load and decode; only then is it shown, so that the frame never flickers. */
  async #develop() {
    const image = this.image;
    const show = prefs().pictures;
    if (!image?.url || image.status !== 'ready' || show === 'off') return;
    if (show === 'tap' && this.wanted !== image.id) return;
    if (this.shown?.src === image.url) return;
    const picture = new Image();
    picture.src = image.url;
    try {
      await picture.decode();
    } catch {
      if (this.image?.id === image.id) this.broken = image.id;
      return;
    }
    if (this.image?.id !== image.id) return;
    const first = this.shown === null;
    this.broken = null;
    this.shown = {src: image.url, alt: image.alt, width: image.width, height: image.height};
    await this.updateComplete;
    if (this.cut && !first && mayMove()) this.querySelector('.frame')?.animate(CUT, CUT_TIME);
  }

  #again() {
    const url = this.image?.url;
    this.broken = null;
    if (!url) return;
    // The address keeps for ever: only past the cache can it be another answer.
    void fetch(url, {cache: 'reload'}).catch(() => null).then(() => this.#develop());
  }

  get #state() {
    const image = this.image;
    const show = prefs().pictures;
    if (show === 'off') return 'off';
    if (!image || image.status === 'off') return 'none';
    if (image.status === 'failed' || this.broken === image.id) return 'failed';
    if (show === 'tap' && this.wanted !== image.id) return 'tap';
    if (image.status === 'pending') return 'pending';
    return this.shown?.src === image.url ? 'ready' : 'loading';
  }

  render() {
    const state = this.#state;
    const {shown} = this;
    const other = state !== 'ready' && state !== 'loading';
    return html`<figure>
      <div class="tv" data-state=${state}>
        ${shown && state !== 'off'
          ? html`<img class="frame" src=${shown.src} width=${shown.width} height=${shown.height} alt=${other ? '' : shown.alt}>`
          : html`<div class="blank"></div>`}
        ${this.#overlay(state)} ${this.working ? html`<div class="track" aria-hidden="true"></div>` : nothing}
        ${state === 'pending' || state === 'failed' ? html`<div class="snow" aria-hidden="true"></div>` : nothing}
        ${this.#message(state)}
        ${state === 'ready' ? this.#clip() : nothing}
        ${state === 'ready' ? html`<button class="whole" type="button" @click=${() => this.tell('whole-picture')}><span class="vh">Show the whole picture</span></button>` : nothing}
      </div>
      <figcaption class="caption">${this.image?.alt && state !== 'none'
        ? html`<details><summary>Describe this picture</summary><p>${this.image.alt}</p></details>`
        : html`<p>${state === 'none' && this.shot && this.shot.mode !== 'new' ? 'No picture was made of this turn.' : '\u00a0'}</p>`}</figcaption>
    </figure>`;
  }

  /** @param {string} state */
  #overlay(state) {
    if (!this.shot) return nothing;
    const {lot} = this.shot;
    const {sign, state: word, right, when, turn} = overlay(this.shot);
    return html`<div class="osds" aria-hidden="true">
      <span class="ov tl">${sign ? html`<span class="sign">${sign}</span> ` : nothing}${word}</span>
      <span class="ov tr">${right}</span>${lot === undefined ? nothing : fates(lot)}
      <span class="ov bl">${when[0]}<br>${when[1]}</span>
      <span class="ov br">${state === 'off' ? '' : turn}</span>
    </div>`;
  }

  /** @param {string} state */
  #message(state) {
    switch (state) {
      case 'pending':
        return html`<div class="ov mid osd"><span aria-hidden="true">❚❚ </span>Developing picture</div>`;
      case 'failed':
        return html`<div class="ov mid"><span class="osd">No signal</span><p>The picture was lost. The story goes on.</p>
          ${this.image?.status === 'ready' ? html`<button class="btn" type="button" @click=${() => this.#again()}>Try the picture again</button>` : nothing}</div>`;
      case 'tap':
        return html`<div class="ov mid"><button class="btn" type="button" @click=${() => this.#want()}>Show the picture</button></div>`;
      case 'off':
        return html`<div class="ov mid"><span class="osd">Pictures are off</span><p>${this.image?.alt ?? ''}</p></div>`;
      default:
        return nothing;
    }
  }

  #want() {
    this.wanted = this.image?.id ?? null;
    void this.#develop();
  }

  /** The clip that can be played. */
  get #moving() {
    return this.clip?.url && this.clip.status === 'ready' && prefs().clips ? this.clip : null;
  }

  #clip() {
    const clip = this.#moving;
    if (!clip) return nothing;
    if (!this.playing) return html`<button class="btn clip" type="button" @click=${() => this.#play(true)}><span aria-hidden="true">►</span> Moves<span class="vh">: play the clip of this turn</span></button>`;
    return html`<video class="frame" src=${clip.url} poster=${clip.poster ?? nothing} width=${clip.width} height=${clip.height} .muted=${true}
      controls autoplay playsinline aria-label=${clip.alt} @ended=${() => this.#play(false)} @error=${() => this.#play(false)}></video>`;
  }

  /** Where the focus was on the one, it goes on to the other. @param {boolean} playing */
  async #play(playing) {
    const here = document.activeElement?.matches('.tv .clip, .tv video');
    this.playing = playing;
    await this.updateComplete;
    if (here) /** @type {HTMLElement | null} */ (this.querySelector('.tv video, .tv .clip'))?.focus({preventScroll: true});
  }
}

const CUT = [{transform: 'translateY(-5%) skewX(1.5deg)', filter: 'brightness(1.3)'}, {transform: 'none', filter: 'none'}];
const CUT_TIME = {duration: 160, easing: 'steps(3)'};

customElements.define('scene-stage', SceneStage);
