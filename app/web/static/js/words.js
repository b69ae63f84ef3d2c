// What things are called on the screen. Pure, and the only place that words facts.

/** @typedef {import('./types').Turn} Turn */
/** @typedef {import('./types').World} World */

const FATES = {
  LUCKY: {word: 'lucky', sign: '✚', tone: 'lucky'},
  NORMAL: {word: 'even', sign: '●', tone: 'even'},
  UNLUCKY: {word: 'unlucky', sign: '✖', tone: 'unlucky'},
};

/** @param {import('./types').Fate | null} fate */
export const fateWords = (fate) => (fate ? FATES[fate] : null);

const RISKS = {low: 'Sure', medium: 'Risky', high: 'Grave'};

/** @param {'low' | 'medium' | 'high'} risk */
export const riskWord = (risk) => RISKS[risk];

const CLIENTS = new Map([
  ['web', 'a browser'],
  ['discord', 'Discord'],
  ['timeout', 'the clock'],
  ['auto', 'auto-play'],
]);

/** Who, and from where. @param {{name?: string | null, client: string} | null} actor */
export function actorWords(actor) {
  const where = CLIENTS.get(actor?.client ?? '') ?? 'another client';
  return {who: actor?.name || 'Somebody', from: `from ${where}`};
}

/**
 * "The dry wash, at dusk, in fog. Somebody is close." as a title, the hour, and what threatens.
 * @param {string} situation
 */
export function heading(situation) {
  const [first = '', ...rest] = situation.split(/(?<=[.!?])\s+/);
  const clause = first.replace(/[.!?]$/, '');
  const comma = clause.indexOf(', ');
  const title = comma > 0 ? clause.slice(0, comma) : clause;
  return {
    title: title || 'Elsewhere',
    when: comma > 0 ? clause.slice(comma + 2) : '',
    threats: rest.map((one) => one.replace(/[.!?]$/, '')).filter((one) => !one.startsWith('You ')),
  };
}

/** @param {string} text */
export const paragraphs = (text) => text.split(/\n{2,}/).filter((part) => part.trim());

/** @param {number} health 0-100, as one to five; nothing only for the dead */
export const pips = (health) => (health <= 0 ? 0 : Math.max(1, Math.round(health / 20)));

/** @param {string} name */
export const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** @param {number} turn */
export const counter = (turn) => {
  const seconds = 23 + turn * 151;
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

/** @param {number} ms what is left, as 1:05 */
export function clockWords(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * @param {number | string} at
 * @param {number} now
 */
export function ago(at, now) {
  const seconds = Math.max(0, (now - new Date(at).getTime()) / 1000);
  const [count, unit] =
    seconds < 90 ? [0, ''] :
    seconds < 5400 ? [seconds / 60, 'minute'] :
    seconds < 129_600 ? [seconds / 3600, 'hour'] :
    [seconds / 86_400, 'day'];
  if (!unit) return 'just now';
  const whole = Math.round(count);
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`;
}

/**
 * Why a turn could not be made, in one sentence for a player.
 * @param {{code: string, message: string}} problem
 */
export function cause(problem) {
  const known = CAUSES.get(problem.code);
  return known ?? (problem.message ? capital(problem.message) : 'Something went wrong on the server.');
}

const CAUSES = new Map([
  ['provider_timeout', 'It took too long.'],
  ['provider_failed', 'Its model answered with an error.'],
  ['budget_exhausted', 'The budget of this story is spent.'],
  ['unreachable', 'The server cannot be reached just now.'],
  ['rate_limited', 'Too much was asked of the server at once.'],
  ['storage_full', 'The disk of the server is full.'],
  ['storage_failed', 'The server cannot write at the moment.'],
]);

/**
 * What the camera writes into its picture. Before camcorders, it is a plate that was scanned.
 * @param {{year: number, turn: number, hour: string, mode: string, over: boolean}} shot
 */
export function overlay({year, turn, hour, mode, over}) {
  const number = String(Math.max(0, turn)).padStart(2, '0');
  const when = [hour.toUpperCase(), String(year)];
  if (year < 1970) {
    return {sign: over ? '■' : '', state: over ? 'LAST PLATE' : `PLATE ${number}`, right: '', when, turn: `Nº ${number}`};
  }
  const state = over ? ['■', 'STOP'] : mode === 'held' ? ['❚❚', 'PAUSE'] : mode === 'new' ? ['❚❚', 'STANDBY'] : ['●', 'REC'];
  return {sign: state[0], state: state[1], right: `SP ${counter(turn)}`, when, turn: `TURN ${number}`};
}
