// What the player wants and has no answer to, kept in this tab: a reload does not lose it.

/** @typedef {import('./types').Intent} Intent */

const keyOf = (/** @type {string} */ session) => `elsewhere.wish.${session}`;

/** Whether the server may not have heard of it yet. @param {Intent | null} intent */
export const unanswered = (intent) =>
  intent?.kind === 'act' && (!intent.problem || intent.problem.code === 'unreachable');

/** @param {string} session @param {Intent | null} intent */
export function keepWish(session, intent) {
  try {
    if (unanswered(intent)) sessionStorage.setItem(keyOf(session), JSON.stringify(intent));
    else sessionStorage.removeItem(keyOf(session));
  } catch {
    // Without storage it lives as long as the page.
  }
}

/** What was wanted before the page was loaded. @param {string} session @returns {Intent | null} */
export function keptWish(session) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(session)) ?? 'null');
    return kept?.key ? {...kept, accepted: false, problem: null} : null;
  } catch {
    return null;
  }
}
