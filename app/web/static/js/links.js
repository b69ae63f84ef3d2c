// Where we are and how to get elsewhere, without loading the page again.

/**
 * @typedef {{screen: 'start'}
 *   | {screen: 'play', session: string}
 *   | {screen: 'history', session: string, turn: number | null}
 *   | {screen: 'tape', session: string, turn: number | null}
 *   | {screen: 'missing'}} Route
 */

/** @param {string} session */
export const playUrl = (session) => `/p/${session}`;
/** @param {string} session @param {number} [turn] */
export const historyUrl = (session, turn) => `/p/${session}/history${at(turn)}`;
/** @param {string} session @param {number} [turn] */
export const tapeUrl = (session, turn) => `/t/${session}${at(turn)}`;

/** @param {string} code */
export const shareUrl = (code, turn = -1) => `/s/${code}${turn >= 0 ? `/${turn}` : ''}`;

/** @param {number | undefined} turn */
const at = (turn) => (turn === undefined ? '' : `#turn-${turn}`);

/**
 * @param {{pathname: string, hash: string}} place
 * @param {import('./types').Boot} boot
 * @returns {Route}
 */
export function routeOf({pathname, hash}, boot) {
  const turn = /^#turn-(\d{1,9})$/.exec(hash)?.[1];
  const named = turn === undefined ? null : Number(turn);
  const [, kind, id = '', more = ''] = pathname.split('/');
  if (kind === '' && !id) return {screen: 'start'};
  if (kind === 's' && boot.session && !boot.missing) {
    return boot.turn === null || boot.turn === undefined
      ? {screen: 'play', session: boot.session}
      : {screen: 'tape', session: boot.session, turn: boot.turn};
  }
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) return {screen: 'missing'};
  if (kind === 'p' && more === 'history') return {screen: 'history', session: id, turn: named};
  if (kind === 'p' && !more) return {screen: 'play', session: id};
  if (kind === 't' && !more) return {screen: 'tape', session: id, turn: named};
  return {screen: 'missing'};
}

/** Go to another screen of this page. @param {string} path @param {{replace?: boolean}} [how] */
export function go(path, {replace = false} = {}) {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  dispatchEvent(new Event('elsewhere:moved'));
}

/** Links of ours are followed in the page. @param {(path: string) => void} follow */
export function followLinks(follow) {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (link.pathname === location.pathname && link.hash) return;
    if (!/^\/($|p\/|t\/)/.test(link.pathname)) return;
    event.preventDefault();
    follow(link.pathname + link.hash);
  });
}

// -- the tapes that were played in this browser ------------------------------------------------

const TAPES = 'elsewhere.tapes';
const MOST = 50;

/** @returns {{id: string, at: number}[]} newest first */
export function myTapes() {
  try {
    const kept = JSON.parse(localStorage.getItem(TAPES) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === 'string') : [];
  } catch {
    return [];
  }
}

/** @param {string} id */
export function rememberTape(id) {
  keep([{id, at: Date.now()}, ...myTapes().filter((one) => one.id !== id)].slice(0, MOST));
}

/** @param {string} id */
export function forgetTape(id) {
  keep(myTapes().filter((one) => one.id !== id));
}

/** @param {{id: string, at: number}[]} tapes */
function keep(tapes) {
  try {
    localStorage.setItem(TAPES, JSON.stringify(tapes));
  } catch {
    // A private window without storage: the address of the tape still works.
  }
}

// -- errands: what is to be done in a session as soon as it is open ------------------------------

/** @typedef {'begin' | {id: string | null, text: string}} Errand */

const errandKey = (/** @type {string} */ id) => `elsewhere.errand.${id}`;

/** @param {string} id @param {Errand} what */
export function setErrand(id, what) {
  sessionStorage.setItem(errandKey(id), JSON.stringify(what));
}

/** What is to be done here, if anything is. @param {string} id @returns {Errand | null} */
export function errand(id) {
  try {
    return JSON.parse(sessionStorage.getItem(errandKey(id)) ?? 'null');
  } catch {
    return null;
  }
}

/** It is being done. @param {string} id */
export function dropErrand(id) {
  sessionStorage.removeItem(errandKey(id));
}
