// A run as a tape: its pictures in order, each with its words.

import {html, nothing} from '../../vendor/lit.js';
import {overlay} from '../words.js';
import {Part} from './frame.js';

/** @typedef {import('../chronicle.js').Told} Told */

const FRAME_MS = 2600;
const PER_LETTER_MS = 34;
const SPEEDS = [0.5, 1, 2, 4];

class TapePlayer extends Part {
  static properties = {
    turns: {attribute: false}, world: {attribute: false}, at: {attribute: false},
    playing: {state: true}, speed: {state: true},
  };

  constructor() {
    super();
    /** @type {Told[]} */
    this.turns = [];
    /** @type {import('../types').World | undefined} */
    this.world = undefined;
    /** The frame that is shown, counted from 0. */
    this.at = 0;
    this.playing = false;
    this.speed = 1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  /** @param {number} at */
  #go(at) {
    this.at = Math.max(0, Math.min(this.turns.length - 1, at));
    this.tell('frame', this.at);
    if (this.playing) this.#schedule();
  }

  #toggle() {
    this.playing = !this.playing;
    clearTimeout(this.timer);
    if (!this.playing) return;
    if (this.at === this.turns.length - 1) this.#go(0);
    else this.#schedule();
  }

  /** Each frame stays for as long as it takes to read it. */
  #schedule() {
    clearTimeout(this.timer);
    const words = this.turns[this.at]?.dispatch.length ?? 0;
    const next = this.turns[this.at + 1]?.image;
    if (next) new Image().src = next.url;
    this.timer = setTimeout(() => {
      if (this.at >= this.turns.length - 1) this.playing = false;
      else this.#go(this.at + 1);
    }, (FRAME_MS + words * PER_LETTER_MS) / this.speed);
  }

  updated() {
    const strip = this.querySelector('.strip');
    const current = /** @type {HTMLElement | null} */ (strip?.querySelector('[aria-current]'));
    if (strip && current) strip.scrollLeft = current.offsetLeft - strip.clientWidth / 2 + current.clientWidth / 2;
  }

  render() {
    const told = this.turns[this.at];
    if (!told) return nothing;
    return html`${this.#screen(told)}${this.#controls(told)}
      <div class="strip" role="group" aria-label="Frames" tabindex="0">${this.turns.map((one, n) => html`<button type="button"
        class=${one.alive ? '' : 'fatal'} aria-current=${n === this.at ? 'true' : nothing} aria-label="Turn ${one.turn}" @click=${() => this.#go(n)}>
        ${one.image ? html`<img src=${one.image.small} width="256" height="192" alt="" loading="lazy">` : html`<span class="osd">${one.turn}</span>`}</button>`)}</div>`;
  }

  /** @param {Told} told */
  #screen(told) {
    const over = told.phase === 'over';
    const osd = overlay({year: this.world?.year ?? 1993, turn: told.turn, hour: told.hour, mode: '', over});
    const {image} = told;
    return html`<div class="tv ${told.alive ? '' : 'fatal'}">
      ${image ? html`<img class="frame" src=${image.url} width=${image.width} height=${image.height} alt=${image.alt}>` : html`<div class="blank"></div>`}
      ${told.alive ? nothing : html`<span class="wash"></span>`}
      <div class="osds" aria-hidden="true"><span class="ov tl">${this.playing ? '► PLAY' : over ? '■ STOP' : '❚❚ STILL'}</span><span class="ov tr">${osd.right}</span>
        <span class="ov bl">${osd.when[0]}<br>${osd.when[1]}</span><span class="ov br">${osd.turn}</span></div></div>`;
  }

  /** @param {Told} told */
  #controls(told) {
    const last = this.turns.length - 1;
    return html`<div class="vcr" role="group" aria-label="Replay controls">
      <button class="btn pri" type="button" @click=${this.#toggle}><span aria-hidden="true">${this.playing ? '❚❚' : '►'}</span> ${this.playing ? 'Pause' : 'Play tape'}</button>
      <button class="btn" type="button" aria-label="Previous frame" @click=${() => this.#go(this.at - 1)}><span aria-hidden="true">◄◄</span></button>
      <button class="btn" type="button" aria-label="Next frame" @click=${() => this.#go(this.at + 1)}><span aria-hidden="true">►►</span></button>
      <input type="range" min="0" max=${last} .value=${String(this.at)} aria-label="Turn" aria-valuetext="Turn ${told.turn} of ${this.turns[last]?.turn}"
        @input=${(/** @type {InputEvent} */ event) => this.#go(Number(/** @type {HTMLInputElement} */ (event.target).value))}>
      <span class="osd count">${told.turn}/${this.turns[last]?.turn}</span>
      <label class="speed"><span class="vh">Speed</span><select @change=${(/** @type {Event} */ event) => { this.speed = Number(/** @type {HTMLSelectElement} */ (event.target).value); if (this.playing) this.#schedule(); }}>
        ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === this.speed}>${speed}×</option>`)}</select></label></div>`;
  }
}

customElements.define('tape-player', TapePlayer);
export {TapePlayer};
