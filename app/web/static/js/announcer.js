// The one voice of the page: a live region that was there from the start.

import {choicesOf, imageOf, modeOf} from './store.js';
import {actorWords} from './words.js';

/** @param {string} id @param {string} text */
function put(id, text) {
  const region = document.getElementById(id);
  if (!region) return;
  region.textContent = '';
  // The same words twice are two announcements: the region must be seen empty in between.
  requestAnimationFrame(() => { region.textContent = text; });
}

/** @type {string[]} */
let waiting = [];

/**
 * Speak when the reader's device has time. What is said in one go is said as one.
 * @param {string} text
 */
export function say(text) {
  waiting.push(text);
  if (waiting.length > 1) return;
  queueMicrotask(() => {
    const all = waiting.join(' ');
    waiting = [];
    put('announcer', all);
    document.dispatchEvent(new CustomEvent('elsewhere:said', {detail: all}));
  });
}

/** Speak at once: something went wrong. @param {string} text */
export function alarm(text) {
  put('alarm', text);
  document.dispatchEvent(new CustomEvent('elsewhere:said', {detail: text}));
}

const NUMBERS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'];

/** @param {readonly unknown[]} choices */
const counted = ({length}) => `${NUMBERS[length] ?? length} choice${length === 1 ? '' : 's'}.`;

/**
 * What a change of the game is worth saying, at its boundaries only. Pure.
 * @param {import('./types').Game} before
 * @param {import('./types').Game} after
 * @param {'whole' | 'short' | 'off'} length
 * @returns {{text: string, urgent?: boolean}[]}
 */
export function spoken(before, after, length) {
  if (length === 'off') return [];
  const [was, is] = [modeOf(before), modeOf(after)];
  return [...newScene(before, after, length), ...newMode(was, is, after), ...newPicture(before, after), ...newLink(before, after)];
}

/**
 * @param {import('./types').Game} before
 * @param {import('./types').Game} after
 * @param {'whole' | 'short'} length
 */
function newScene({told: old}, after, length) {
  const now = after.told;
  const same = !now || (old && old.turn.turn === now.turn.turn && old.turn.dispatch === now.turn.dispatch);
  if (same || (!old && !after.intent && now.turn.turn > 0)) return [];
  const end = now.turn.phase === 'over' ? 'The tape ends here.' : counted(choicesOf(after));
  return [{text: length === 'whole' ? `New scene. ${now.turn.dispatch} ${end}` : `New scene. ${end}`}];
}

/**
 * @param {import('./types').Mode} was
 * @param {import('./types').Mode} is
 * @param {import('./types').Game} game
 */
function newMode(was, is, game) {
  if (was === is) return [];
  switch (is) {
    case 'sending': return [{text: game.intent?.kind === 'act' ? 'Choice sent.' : 'The tape starts.'}];
    case 'error': return [{text: 'The turn could not be made. Your choice is kept and nothing has changed.', urgent: true}];
    case 'stale': return [{text: 'The story moved on without you. Your choice was not used.', urgent: true}];
    case 'elsewhere': return [{text: started(game)}];
    case 'held': return [{text: 'The clock is held.'}];
    case 'gone': return [{text: 'This story is not here.', urgent: true}];
    default: return was === 'held' && is === 'choosing' ? [{text: 'The clock runs.'}] : [];
  }
}

/** @param {import('./types').Game} game */
function started({making}) {
  const {who, from} = actorWords(making?.actor ?? null);
  return `${who} started a turn ${from}.`;
}

/**
 * @param {import('./types').Game} before
 * @param {import('./types').Game} after
 */
function newPicture(before, after) {
  const [old, now] = [imageOf(before), imageOf(after)];
  if (!old || !now || old.id !== now.id || old.status !== 'pending' || now.status === 'pending') return [];
  return [{text: now.status === 'ready' ? 'Picture ready.' : 'The picture was lost. The story goes on.'}];
}

const LOST = new Set(['retrying', 'offline']);

/**
 * @param {import('./types').Game} before
 * @param {import('./types').Game} after
 */
function newLink(before, after) {
  const [was, is] = [LOST.has(before.link), LOST.has(after.link)];
  if (was === is) return [];
  return [{text: is ? 'The connection is lost. It is being tried again.' : 'Connected again.'}];
}
