// What stands in the place of the choices when something is in the way. Every card says what
// became of the player's choice, and has a way on.

import {html, nothing} from '../../vendor/lit.js';
import {actorWords, ago, cause} from '../words.js';
import {Part} from './frame.js';

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
  const {at} = /** @type {{at?: string}} */ (told?.turn ?? {});
  const deed = told?.turn.action && now > stale.turn ? html` ${who} chose ${quoted(told.turn.action)}${at ? `, ${ago(at, Date.now())}` : ''}.` : html` ${who} was quicker.`;
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
  const kept = dropped ? html` Your choice ${quoted(dropped.choice.text)} was not used.` : nothing;
  const what = making?.choice ? html`: ${quoted(making.choice.text)}` : nothing;
  const {who, from} = actorWords(making?.actor ?? null);
  return notice({
    sign: '▒',
    title: 'A turn is being made',
    body: html`${who} started it ${from}, ${making ? ago(making.at, now) : ''}${what}. Choices open again when it is done.${kept}`,
  });
}

/** @param {import('../types').Problem | null} problem @param {() => void} [retry] */
export function goneCard(problem, retry) {
  const refused = problem?.status === 401 || problem?.status === 403;
  return lostCard(
    refused ? 'Not for you to see' : 'This tape is not here',
    problem?.message || 'The address is not quite right, the code is good no more, or the tape was deleted.',
    html`<a class="btn pri" href="/">Start screen</a>${retry ? html`<button class="btn" type="button" @click=${retry}>Look again</button>` : nothing}`,
  );
}

/** @param {string} title @param {string} body @param {unknown} ways */
function lostCard(title, body, ways) {
  return html`<section class="lost"><div class="tv" aria-hidden="true"><div class="blank"></div><div class="snow"></div>
      <span class="ov tl"><span class="sign">■</span> STOP</span><span class="ov br">NO TAPE</span></div>
    <h1 class="osd" id="title" tabindex="-1">${title}</h1><p>${body}</p><div class="row">${ways}</div></section>`;
}

/** A page with nothing on it: no such tape, or a client that the server has no parts of any more. */
class LostPage extends Part {
  static properties = {outdated: {}};

  constructor() {
    super();
    this.outdated = false;
  }

  render() {
    return html`<div class="wrap">${this.outdated
      ? lostCard('This page could not be loaded', 'The server cannot be reached, or it has a newer version. Your tapes are kept.',
        html`<button class="btn pri" type="button" @click=${() => location.reload()}>Reload</button>`)
      : goneCard(null)}</div>`;
  }
}

customElements.define('lost-page', LostPage);
