// What the camera writes over the picture, and fate while it is drawn.

import {html} from '../../vendor/lit.js';
import {prefs} from '../prefs.js';
import {choicesOf, modeOf} from '../store.js';
import {fateWords} from '../words.js';

/**
 * @typedef {object} Shot what the camera writes over its picture
 * @property {number} year
 * @property {number} turn
 * @property {string} hour
 * @property {string} mode
 * @property {boolean} over
 * @property {import('../types').Fate | null} [lot] of the turn that is made; null while it is not told
 */

/**
 * @param {import('../types').Game} game
 * @param {import('../types').World | undefined} world
 * @returns {Shot | null}
 */
export function shotOf(game, world) {
  const state = game.state?.state;
  if (!state) return null;
  const mode = modeOf(game);
  const turn = (game.making?.text && game.making.turn) || (game.told?.turn.turn ?? 0);
  return {year: world?.year ?? 1993, turn, hour: state.time_of_day, mode, over: mode === 'over', lot: lotOf(game, mode)};
}

/** @param {import('../types').Game} game @param {string} mode */
function lotOf(game, mode) {
  if ((mode !== 'sending' && mode !== 'elsewhere') || !prefs().fate) return undefined;
  if (game.making?.fate) return game.making.fate;
  const wanted = game.intent?.choice;
  const sure = choicesOf(game).some(({id, risk}) => id === wanted?.id && risk === 'low');
  return wanted && !sure && !game.making ? null : undefined;
}

/** Each in nodes of its own: text that grows to the left would be a layout shift. @param {import('../types').Fate | null} lot */
export const fates = (lot) => lot
  ? html`<span class="ov fates">FATE ${fateWords(lot)?.word.toUpperCase()}</span>`
  : html`<span class="ov fates">FATE <span class="lot"></span></span>`;
