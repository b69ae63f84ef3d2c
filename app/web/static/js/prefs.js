// What a reader prefers, kept in this browser. The server never needs it.

const KEY = 'elsewhere.prefs';
const VERSION = 1;

export const DEFAULTS = Object.freeze({
  textSize: 100,
  font: /** @type {'hyperlegible' | 'system' | 'serif'} */ ('hyperlegible'),
  spacing: /** @type {'normal' | 'wide'} */ ('normal'),
  motion: /** @type {'system' | 'off'} */ ('system'),
  scanlines: 40,
  pictures: /** @type {'on' | 'tap' | 'off'} */ ('on'),
  clips: !savesData(),
  /** Clips play by themselves. */
  clipsPlay: false,
  /** How others of the same story are told of us. */
  name: /** @type {string} */ (''),
  clock: 0,
  holdWhenHidden: true,
  keys: true,
  announce: /** @type {'whole' | 'short' | 'off'} */ ('whole'),
  labels: true,
  fate: true,
});

/** @typedef {{-readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends boolean ? boolean : (typeof DEFAULTS)[K] extends number ? number : string extends (typeof DEFAULTS)[K] ? string : (typeof DEFAULTS)[K]}} Prefs */

function savesData() {
  return Boolean(globalThis.navigator?.connection?.saveData);
}

/** @type {Prefs} */
let current = load();
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Prefs} */
function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return kept.version === VERSION ? valid(kept) : {...DEFAULTS};
  } catch {
    return {...DEFAULTS};
  }
}

/**
 * What is kept, where it is of the kind that we keep.
 * @param {Record<string, unknown>} kept
 */
function valid(kept) {
  const found = {...DEFAULTS};
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (typeof kept[name] === typeof value) Object.assign(found, {[name]: kept[name]});
  }
  return found;
}

export const prefs = () => current;

/** @param {Partial<Prefs>} change */
export function setPrefs(change) {
  current = {...current, ...change};
  try {
    localStorage.setItem(KEY, JSON.stringify({version: VERSION, ...current}));
  } catch {
    // A private window without storage: it holds until the page is closed.
  }
  applyPrefs();
  for (const listener of listeners) listener();
}

/** @param {() => void} listener */
export function onPrefs(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** From these sizes on, in percent, the page is laid out for its letters. */
const LARGE = 130;
const HUGE = 150;

/** Put them onto the document, where the style sheets look. */
export function applyPrefs() {
  const {dataset, style} = document.documentElement;
  dataset.font = current.font;
  dataset.spacing = current.spacing;
  dataset.motion = current.motion;
  if (current.textSize < LARGE) delete dataset.text;
  else dataset.text = current.textSize < HUGE ? 'large' : 'huge';
  style.setProperty('--text-scale', String(current.textSize / 100));
  style.setProperty('--scanlines', String(current.scanlines / 100));
}

/** Whether clips may play by themselves. */
export const mayPlay = () => current.clipsPlay && mayMove() && !savesData();

/** Whether anything may move. */
export const mayMove = () =>
  current.motion !== 'off' && matchMedia('(prefers-reduced-motion: no-preference)').matches;
