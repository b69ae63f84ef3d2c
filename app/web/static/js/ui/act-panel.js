// The lower right of the screen, or the bottom of a phone: what can be done now.

import {html, nothing} from '../../vendor/lit.js';
import {tapeUrl} from '../links.js';
import {choicesOf, clockOf, modeOf, pending} from '../store.js';
import {Part} from './frame.js';
import {elsewhereCard, failedCard, staleCard} from './notice-card.js';
import './choice-list.js';
import './turn-clock.js';

/** @type {Partial<Record<import('../types').Mode, string>>} */
const TITLES = {
  loading: 'Rewinding',
  new: 'Ready',
  choosing: 'What do you do?',
  held: 'On hold',
  sending: 'Sent',
  streaming: 'Choices follow',
  elsewhere: 'Turn in progress',
  error: 'Nothing was lost',
  stale: 'The story moved on',
  spectator: 'They decide',
  over: 'The tape ends',
};

/** @type {Set<import('../types').Mode>} */
const WAITING = new Set(['sending', 'elsewhere']);
/** @type {Set<import('../types').Mode>} */
const OPEN = new Set(['choosing', 'held']);
const SLOW_S = 4;

const SLOTS = [64, 52, 58, 46];

class ActPanel extends Part {
  static properties = {game: {attribute: false}, now: {state: true}};

  constructor() {
    super();
    /** @type {import('../types').Game | null} */
    this.game = null;
    this.now = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.ticking = undefined;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  /** While we wait, the seconds are counted in words. @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('game') || !this.game) return;
    const waiting = WAITING.has(modeOf(this.game));
    if (waiting === (this.ticking !== undefined)) return;
    clearInterval(this.ticking);
    this.ticking = waiting ? setInterval(() => { this.now = Date.now(); }, 1000) : undefined;
  }

  /** @returns {import('./choice-list.js').ChoiceList | null} */
  get list() {
    return this.querySelector('choice-list');
  }

  render() {
    const game = this.game;
    if (!game) return nothing;
    const mode = modeOf(game);
    return html`<section class="act" aria-labelledby="act-title" data-mode=${mode} data-clock=${(game.state?.state.settings.deadline_seconds ?? 0) > 0}>
      <header><h2 class="osd" id="act-title">${TITLES[mode]}</h2>${this.#aside(game, mode)}</header>
      ${this.#body(game, mode)}
    </section>`;
  }

  /** @param {import('../types').Game} game @param {import('../types').Mode} mode */
  #aside(game, mode) {
    const seconds = game.state?.state.settings.deadline_seconds ?? 0;
    const runs = mode === 'choosing' || mode === 'held' || mode === 'spectator';
    return html`${this.#waiting(game)}${game.role === 'watch' ? html`<span class="chip">Watching${game.watchers > 1 ? ` · ${game.watchers}` : ''}</span>` : nothing}
      ${runs && seconds
        ? html`<turn-clock .clock=${clockOf(game)} .skew=${game.skew} .total=${seconds * 1000} .mine=${game.role === 'play'}></turn-clock>`
        : nothing}`;
  }

  /** @param {import('../types').Game} game */
  #waiting(game) {
    if (this.ticking === undefined) return nothing;
    const since = game.intent?.at ?? game.making?.at ?? this.now;
    const seconds = Math.round((Math.max(this.now, since) - since) / 1000);
    return html`<span class="waiting" aria-hidden="true"><span class="reel"></span>${seconds < SLOW_S ? 'The tape runs' : `Still writing, ${seconds} s`}</span>`;
  }

  /** @param {import('../types').Game} game @param {import('../types').Mode} mode */
  #body(game, mode) {
    switch (mode) {
      case 'loading':
      case 'streaming':
        return slots();
      case 'sending':
        return game.told?.turn.choices.length ? this.#choices(game, false) : slots();
      case 'choosing':
      case 'held':
        return this.#choices(game, true);
      case 'spectator':
        return html`${this.#choices(game, false)}<p class="note-line watchers"><span>Only players choose.</span> <a class="btn" href="/#join">Join with a code</a></p>`;
      case 'error':
        return failedCard(game, {
          retry: () => this.tell('way', 'retry'),
          other: () => this.tell('way', 'dismiss'),
          offline: () => this.tell('way', 'offline'),
        });
      case 'stale':
        return staleCard(game, {
          latest: () => this.tell('way', 'dismiss'),
          branch: () => this.tell('way', 'branch'),
        });
      case 'elsewhere':
        return elsewhereCard(game, Date.now());
      case 'over':
        return over(game, () => this.tell('way', 'rewind'));
      case 'new':
        return game.role === 'watch'
          ? html`<p class="note-line">The players have not begun yet.</p>`
          : html`<div class="stack"><button class="btn pri" type="button" @click=${() => this.tell('way', 'begin')}>Start the tape</button></div>`;
      default:
        return nothing;
    }
  }

  /** @param {import('../types').Game} game @param {boolean} enabled */
  #choices(game, enabled) {
    return html`<choice-list .choices=${choicesOf(game)} .turn=${game.told?.turn.turn ?? 0} .session=${game.session}
      .enabled=${enabled} .watching=${game.role === 'watch'} .sent=${pending(game) ? game.intent?.choice : null}></choice-list>
      ${game.dropped ? html`<p class="note-line">Your choice “${game.dropped.choice.text}” was not used: somebody was quicker.</p>` : nothing}`;
  }
}

/** The keys that do something now. @param {import('../types').Game} game */
export function keysLine(game) {
  const open = OPEN.has(modeOf(game));
  const clock = clockOf(game);
  const turn = game.told?.turn.turn ?? 0;
  const back = turn > 0 && game.role === 'play';
  return html`<p class="keys"><span><kbd>?</kbd> all keys</span><span class=${back ? '' : 'off'}><kbd>U</kbd> rewind a turn</span>
    <span class=${open ? '' : 'off'}><kbd>1</kbd>–<kbd>${choicesOf(game).length + 1}</kbd> choose</span>
    ${open && (clock?.at || clock?.heldBy) ? html`<span><kbd>H</kbd> ${clock.heldBy ? 'let the clock run' : 'hold the clock'}</span>` : nothing}</p>`;
}

/** The room that choices take, before they are there. */
const slots = () => html`<div class="choices" aria-hidden="true">
  ${SLOTS.map((width) => html`<div class="slot"><span class="sk w${width}"></span></div>`)}<div class="slot free"></div></div>`;

/** @param {import('../types').Game} game @param {() => void} rewind */
function over({told, session, role}, rewind) {
  const last = told?.turn.turn ?? 0;
  return html`<div class="stack">
    <p class="note-line">${told?.turn.alive ? 'This is where it ends.' : 'You died. Death is final, but tape can be rewound.'}</p>
    <a class="btn pri" href=${tapeUrl(session)}>Watch the tape</a>
    ${role === 'play' && last > 0
      ? html`<button class="btn red" type="button" @click=${rewind}>Rewind to turn ${last - 1} and choose again</button>`
      : nothing}
    <a class="btn" href="/#worlds">New tape</a>
  </div>`;
}

customElements.define('act-panel', ActPanel);
export {ActPanel};
