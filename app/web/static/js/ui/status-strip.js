// How the player fares, in chips. To add one, add a function to CHIPS.

import {html, nothing, repeat} from '../../vendor/lit.js';
import {heading, pips} from '../words.js';
import {Part} from './frame.js';

/** @typedef {Pick<import('../types').State, 'player' | 'mood' | 'situation' | 'last_event_id'>} Condition */

const CHIPS = [
  /** What hurts. @param {Condition} c */
  ({player}) => player.injuries.length
    ? html`<span class="chip bad"><b>Hurt</b> ${player.injuries.join(', ')}</span>`
    : nothing,

  /** @param {Condition} c */
  ({player}) => {
    const full = player.alive ? pips(player.health) : 0;
    const marks = [1, 2, 3, 4, 5].map((n) => html`<i class=${n <= full ? '' : 'o'}></i>`);
    return html`<span class="chip ${full <= 1 ? 'bad' : ''}">Body <span class="pips" aria-hidden="true">${marks}</span><b>${full} of 5</b></span>`;
  },

  /** Who or what is near. @param {Condition} c */
  ({situation}) => heading(situation).threats.slice(0, 2)
    .map((threat) => html`<span class="chip bad"><b>${threat}</b></span>`),

  /** @param {Condition} c */
  ({mood}) => (mood ? html`<span class="chip">Mood <b>${mood}</b></span>` : nothing),

  /** @param {Condition} c */
  ({player}) => (player.inventory.length
    ? html`<span class="chip">Carrying <b>${player.inventory.map(({name}) => name.replace(/^the /, '')).join(', ')}</b></span>`
    : nothing),
];

class StatusStrip extends Part {
  static properties = {condition: {attribute: false}};

  constructor() {
    super();
    /** @type {Condition | null} */
    this.condition = null;
  }

  render() {
    const condition = this.condition;
    return html`<div class="hud" role="group" aria-label="Condition" tabindex="0">${condition ? repeat([condition], ({last_event_id}) => last_event_id, (now) => CHIPS.map((chip) => chip(now))) : html`<span class="chip sk">\u00a0</span><span class="chip sk"></span>`}</div>`;
  }
}

customElements.define('status-strip', StatusStrip);
