// The reel of a story: one line of words for each turn, and the lanes that its branches run in.

import {html} from '../../vendor/lit.js';
import {fateWords} from '../words.js';

/** @typedef {import('../chronicle.js').Row} Row */

const LANE = 26;

/** @param {import('../chronicle.js').Told} told */
export function summary({turn, action, fate, is_timeout}) {
  if (turn === 0) return 'Tape starts';
  const luck = fateWords(fate)?.word;
  return `${is_timeout ? 'You hesitated' : action ?? ''}${luck ? ` · ${luck}` : ''}`;
}

/** @param {number} lane */
const x = (lane) => lane * LANE + LANE / 2;

/** @param {Row} row @param {number} lanes */
export function lines({lines: all, lane, told, last}, lanes) {
  const kinds = {through: ['0', '100%'], up: ['0', '50%'], down: ['50%', '100%'], fork: ['50%', '100%']};
  return html`<svg width=${lanes * LANE} height="100%">
    ${all.filter((one) => one.lane < lanes).map(({lane: to, from, kind}) => html`<svg overflow="visible"><line class=${to ? 'side' : 'main'} x1=${kind === 'fork' ? x(from) : x(to)} x2=${x(to)} y1=${kinds[kind][0]} y2=${kinds[kind][1]}></line></svg>`)}
    <svg overflow="visible"><circle class=${last && !told.alive ? 'dead' : last ? 'end' : ''} cx=${x(Math.min(lane, lanes - 1))} cy="50%" r="6"></circle></svg></svg>`;
}
