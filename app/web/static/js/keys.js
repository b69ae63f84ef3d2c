// Single keys. They act only when nobody types, no dialog is open and nothing is held down.

import {prefs} from './prefs.js';

/**
 * Call `press` with a key that is meant as a command.
 * @param {(key: string, event: KeyboardEvent) => void} press
 * @param {AbortSignal} signal
 */
export function onKeys(press, signal) {
  document.addEventListener('keydown', (event) => {
    if (!prefs().keys || event.repeat || event.defaultPrevented) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('input, textarea, select, video, [contenteditable]')) return;
    if (document.querySelector('dialog[open]')) return;
    press(event.key.length === 1 ? event.key.toLowerCase() : event.key, event);
  }, {signal});
}

/** What there is, for the help. */
export const KEYS = /** @type {const} */ ([
  [['1', '–', '9'], 'choose'],
  [['H'], 'hold the clock, or let it run'],
  [['U'], 'rewind one turn'],
  [['P'], 'the whole picture'],
  [['T'], 'history and branches'],
  [['Esc'], 'close what is open'],
  [['?'], 'this list'],
]);
