// The tapes of this browser, as the start screen tells of them.

import {problemOf, readHistory, readState} from '../client.js';
import {forgetTape} from '../links.js';
import {capital, pips} from '../words.js';

/**
 * @typedef {object} Save
 * @property {string} id
 * @property {import('../types').Entry | null} entry
 * @property {string} world
 */

/** @param {import('../types').Entry} entry */
export function fares({turn, alive, phase, health, state}) {
  if (phase === 'over') return alive ? `It ended on turn ${turn}` : `Died on turn ${turn}`;
  const hurt = state.player.injuries.length ? ` ${capital(state.player.injuries[0] ?? '')}.` : '';
  return `Turn ${turn}, alive, body ${pips(health)} of 5.${hurt}`;
}

/** A session as a card; null if it is there no more. @param {string} id @returns {Promise<Save | null>} */
export async function readSave(id) {
  try {
    const [entry = null] = (await readHistory(id, {limit: 1})).items;
    return {id, entry, world: entry ? entry.state.world : (await readState(id)).world};
  } catch (error) {
    const {status} = problemOf(error);
    if (status === 404 || status === 410) {
      forgetTape(id);
      return null;
    }
    throw error;
  }
}
