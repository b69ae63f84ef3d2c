// What stands in the place of the choices when something is in the way. Every card says what
// became of the player's choice, and has a way on.

import {html, nothing} from '../../vendor/lit.js';
import {actorWords, ago, cause} from '../words.js';

/**
 * @typedef {object} Way
 * @property {string} label
 * @property {() => void} go
 * @property {boolean} [first]
 */

/**
 * @param {{sign: string, title: string, body: unknown, tone?: string, ways?: Way[]}} card
 */
export function notice({sign, title, body, tone = '', ways = []}) {
  return html`<div class="note ${tone}">
    <span class="ic" aria-hidden="true">${sign}</span>
    <div><h2 class="osd">${title}</h2><p>${body}</p></div>
    ${ways.length
      ? html`<div class="row">${ways.map(({label, go, first}) => html`<button class="btn ${first ? 'pri' : ''}" type="button" @click=${go}>${label}</button>`)}</div>`
      : nothing}
  </div>`;
}

/** @param {string} text */
const quoted = (text) => html`“${text}”`;

const NARRATORS = new Set(['provider_failed', 'provider_timeout', 'budget_exhausted']);

/**
 * @param {import('../types').Game} game
 * @param {{retry: () => void, other: () => void, offline: () => void}} ways
 */
export function failedCard({intent}, ways) {
  const problem = intent?.problem;
  if (!intent || !problem) return nothing;
  const narrators = NARRATORS.has(problem.code);
  const kept = intent.choice
    ? html`Your choice ${quoted(intent.choice.text)} is kept and the turn is unchanged.`
    : html`Nothing has changed.`;
  return notice({
    sign: '!!',
    tone: 'err',
    title: narrators ? 'The narrator did not answer' : problem.code === 'unreachable' ? 'The server did not answer' : 'The turn could not be made',
    body: html`${cause(problem)} ${kept}`,
    ways: [
      {label: intent.choice ? 'Retry this choice' : 'Try again', go: ways.retry, first: true},
      ...(intent.choice ? [{label: 'Choose something else', go: ways.other}] : []),
      ...(narrators ? [{label: 'Use the offline narrator', go: ways.offline}] : []),
    ],
  });
}

/**
 * @param {import('../types').Game} game
 * @param {{latest: () => void, branch: () => void}} ways
 */
export function staleCard({stale, told, actor}, ways) {
  if (!stale) return nothing;
  const now = told?.turn.turn ?? stale.turn;
  const who = actor && actor.turn === now ? actorWords(actor.actor).who : 'Somebody else';
  const deed = told?.turn.action && now > stale.turn ? html` ${who} chose ${quoted(told.turn.action)}.` : html` ${who} was quicker.`;
  return notice({
    sign: '»',
    title: 'The story moved on without you',
    body: html`${deed} Your choice ${quoted(stale.choice.text)} was not used.`,
    ways: [
      {label: `Go to turn ${now}`, go: ways.latest, first: true},
      {label: `Branch from turn ${stale.turn} with my choice`, go: ways.branch},
    ],
  });
}

/** @param {import('../types').Game} game @param {number} now */
export function elsewhereCard({making, dropped}, now) {
  const kept = dropped ? html` Your choice ${quoted(dropped)} was not used.` : nothing;
  const what = making?.choice ? html`: ${quoted(making.choice.text)}` : nothing;
  const {who, from} = actorWords(making?.actor ?? null);
  return notice({
    sign: '▒',
    title: 'A turn is being made',
    body: html`${who} started it ${from}, ${making ? ago(making.at, now) : ''}${what}. Choices open again when it is done.${kept}`,
  });
}

/** @param {import('../types').Problem | null} problem @param {() => void} retry */
export function goneCard(problem, retry) {
  const refused = problem?.status === 401 || problem?.status === 403;
  return html`<section class="lost"><h1 class="osd" id="title" tabindex="-1">${refused ? 'Not for you to see' : 'This tape is not here'}</h1>
    <p>${problem?.message || 'It was deleted, or the address is not quite right.'}</p>
    <div class="row"><a class="btn pri" href="/">Start screen</a><button class="btn" type="button" @click=${retry}>Look again</button></div></section>`;
}
