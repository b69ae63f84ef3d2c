// The dispatch: heading, fate, what was done, what came of it.

import {html, nothing, repeat} from '../../vendor/lit.js';
import {fateWords, heading, paragraphs} from '../words.js';
import {prefs} from '../prefs.js';
import {modeOf} from '../store.js';
import {Part} from './frame.js';

/** @param {import('../types').Fate | null} fate */
export function fateMark(fate) {
  const words = prefs().fate ? fateWords(fate) : null;
  if (!words) return nothing;
  // Another fate is another element: one that grew to the left would be a layout shift.
  return repeat([words], ({tone}) => tone, ({tone, sign, word}) => html`<span class="fate ${tone} osd"><span aria-hidden="true">${sign}</span> <span><span class="of">Fate: </span>${word}</span></span>`);
}

/** @param {{action: string | null, is_timeout?: boolean, turn: number}} turn */
export function deed({action, is_timeout, turn}) {
  if (is_timeout) return html`<p class="chose"><b>You hesitated.</b> The world went first.</p>`;
  if (!action || turn === 0) return nothing;
  return html`<p class="chose">You: <b>${action}</b></p>`;
}

/** @param {string} text */
export const prose = (text) => paragraphs(text).map((part) => html`<p>${part}</p>`);

class DispatchText extends Part {
  static properties = {game: {attribute: false}, language: {}};

  constructor() {
    super();
    /** @type {import('../types').Game | null} */
    this.game = null;
    this.language = 'en';
  }

  render() {
    const game = this.game;
    if (!game) return nothing;
    if (modeOf(game) === 'loading') return this.#frame({title: 'One moment', body: skeleton()});
    const making = game.making;
    if (making?.text) return this.#streaming(making);
    if (!game.told) return this.#untold(game);
    return this.#told(game.told.turn);
  }

  /**
   * @param {{title: string, fate?: import('../types').Fate | null, meta?: unknown, body: unknown, busy?: boolean}} parts
   */
  #frame({title, fate = null, meta = '\u00a0', body, busy = false}) {
    return html`<article class="dis" aria-busy=${busy} tabindex="0" aria-labelledby="title">
      <div class="top"><h1 class="osd" id="title" tabindex="-1">${title}</h1>${fateMark(fate)}</div>
      <p class="meta">${meta}</p>
      ${body}
    </article>`;
  }

  /** @param {import('../types').Game} game */
  #untold(game) {
    const sent = modeOf(game) !== 'new';
    return this.#frame({
      title: sent ? 'The tape starts' : 'A blank tape',
      body: sent
        ? skeleton()
        : html`<div class="prose"><p>Nothing has happened here yet.</p></div>`,
    });
  }

  /** @param {import('../types').Turn} turn */
  #told(turn) {
    const {title, when} = heading(turn.situation);
    return this.#frame({
      title,
      fate: turn.fate,
      meta: html`<span>Turn ${turn.turn}</span>${when ? html`<span>${when}</span>` : nothing}${source(turn)}`,
      // Another turn is told in other elements: those of the one before would move.
      body: repeat([turn], (one) => one.turn, (one) => html`${deed(one)}
        <div class="prose" lang=${this.language}>${prose(one.dispatch)}</div>
        ${(one.locked ?? []).map(({text, needs}) => html`<p class="locked"><span class="osd">Not yet</span> ${text}. <span>Needs ${needs}.</span></p>`)}`),
    });
  }

  /** @param {import('../types').Making} making */
  #streaming(making) {
    const text = paragraphs(making.text);
    return this.#frame({
      title: `Turn ${making.turn}`,
      fate: making.fate,
      meta: html`<span>The tape runs</span>`,
      busy: true,
      body: html`${deed({action: making.choice?.text ?? null, is_timeout: making.actor.client === 'timeout', turn: making.turn})}
        <div class="prose" lang=${this.language}>${text.map((part, n) => html`<p>${part}${n === text.length - 1 ? repeat([part], (one) => one, () => html`<span class="cursor" aria-hidden="true"></span>`) : nothing}</p>`)}</div>`,
    });
  }
}

/** @param {import('../types').Turn} turn */
const source = (turn) => (turn.is_custom_action ? html`<span>in your own words</span>` : nothing);

const skeleton = () => html`<div class="prose" aria-hidden="true">${[92, 97, 88, 94, 40].map((width) => html`<span class="sk w${width}"></span>`)}</div>`;

customElements.define('dispatch-text', DispatchText);
