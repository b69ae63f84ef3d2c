// Every turn of a story and the branches that left it.

import {html, nothing, repeat} from '../../vendor/lit.js';
import {fork, problemOf, restore} from '../client.js';
import {keptRun, readBranches, readRun, reel} from '../chronicle.js';
import {go, historyUrl, playUrl, rememberTape, tapeUrl} from '../links.js';
import {fateWords, heading, overlay} from '../words.js';
import {deed, fateMark, prose} from './dispatch-text.js';
import {Part, toast} from './frame.js';
import {goneCard} from './notice-card.js';

/** @typedef {import('../chronicle.js').Row} Row */
const LANE = 26;

class HistoryScreen extends Part {
  static properties = {
    trunk: {state: true}, branches: {state: true}, shown: {state: true}, spread: {state: true},
    problem: {state: true}, old: {state: true},
  };

  constructor() {
    super();
    this.session = '';
    this.seat = /** @type {import('../types').Role} */ ('play');
    /** @type {number | null} the turn that the address names */
    this.turn = null;
    /** @type {import('../types').Boot | null} */
    this.boot = null;
    /** @type {import('../chronicle.js').Told[] | null} */
    this.trunk = null;
    /** @type {import('../chronicle.js').Branch[]} */
    this.branches = [];
    /** @type {{session_id: string, turn: number} | null} */
    this.parent = null;
    /** @type {string} the row that is looked at: label and turn */
    this.shown = '';
    this.spread = true;
    /** @type {import('../types').Problem | null} */
    this.problem = null;
    /** What is shown was read before, and the server could not be asked. */
    this.old = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    this.problem = null;
    try {
      this.trunk = await readRun(this.session);
      this.old = false;
    } catch (error) {
      const problem = problemOf(error);
      this.trunk = problem.code === 'unreachable' ? keptRun(this.session) : null;
      this.old = this.trunk !== null;
      if (!this.trunk) this.problem = problem;
    }
    this.tell('renamed');
    const last = this.trunk?.at(-1)?.turn ?? 0;
    this.shown ||= key(null, Math.min(this.turn ?? last, last));
    if (!this.old && this.trunk) await this.#loadBranches(this.trunk);
  }

  /** @param {import('../chronicle.js').Told[]} trunk */
  async #loadBranches(trunk) {
    try {
      const {branches, parent} = await readBranches(this.session, trunk);
      this.parent = parent;
      this.branches = branches;
    } catch {
      toast('The branches could not be read. This story is complete.');
    }
  }

  get heading() {
    const title = this.#title;
    return title ? `History – ${title}` : 'History';
  }

  get #title() {
    return this.boot?.worlds.find(({id}) => id === this.trunk?.[0]?.world)?.title ?? '';
  }

  render() {
    if (this.problem) return html`<div class="wrap">${goneCard(this.problem, () => this.#load())}</div>`;
    if (!this.trunk) return html`<div class="wrap"><div class="sec"><h1 class="osd" id="title" tabindex="-1">Every turn</h1></div><p>Reading the tape…</p></div>`;
    const rows = reel(this.trunk, this.spread ? this.branches : []);
    const row = rows.find((one) => keyOf(one) === this.shown) ?? rows.find(({last, lane}) => last && lane === 0);
    return html`<div class="wrap">
      <div class="sec"><h1 class="osd" id="title" tabindex="-1">${this.#title}: every turn</h1><span class="sp"></span>
        ${this.branches.length ? html`<label class="chip check"><input type="checkbox" .checked=${this.spread} @change=${() => { this.spread = !this.spread; }}> Show branches</label>` : nothing}
        <a class="btn" href=${playUrl(this.session)}>Back to the story</a></div>
      ${this.old ? html`<p class="note-line">You are offline: this is what you read last.</p>` : nothing}
      ${this.parent ? html`<p class="note-line">This story is a branch of <a href=${historyUrl(this.parent.session_id, this.parent.turn)}>another one, at turn ${this.parent.turn}</a>.</p>` : nothing}
      ${rows.length ? html`<div class="tline">
        <ol class="reel-list" aria-label="Turns, oldest first">${repeat(rows, keyOf, (one) => this.#row(one, one === row))}</ol>
        ${row ? this.#detail(row) : nothing}</div>` : html`<p>Nothing has happened here yet.</p>`}
    </div>`;
  }

  /** @param {Row} row @param {boolean} current */
  #row(row, current) {
    const {told, branch, last} = row;
    const died = last && !told.alive;
    const lanes = this.spread ? this.branches.length + 1 : 1;
    return html`<li class="lanes${Math.min(lanes, 5)}"><div class="lane" aria-hidden="true">${lines(row, Math.min(lanes, 5))}</div>
      <button class="fr ${branch ? 'cut' : ''}" type="button" aria-current=${current ? 'true' : nothing} @click=${() => this.#look(row)}>
        ${told.image ? html`<img src=${told.image.small} width="256" height="192" alt="" loading="lazy">` : html`<span class="blank"></span>`}
        <span><b>${told.turn}. ${heading(told.situation).title}</b>${branch ? html`<span class="lb osd ${died ? 'd' : ''}"><span class="vh">, branch </span>${branch.label}${died ? ' died' : ''}</span>` : nothing}<br>
          <span class="x">${summary(told)}${died && !branch ? ', died' : ''}</span></span>
      </button></li>`;
  }

  /** @param {Row} row */
  async #look(row) {
    this.shown = keyOf(row);
    if (!row.branch) history.replaceState(null, '', historyUrl(this.session, row.told.turn));
    await this.updateComplete;
    const detail = this.querySelector('.det');
    if (detail && matchMedia('(max-width: 920px)').matches) detail.scrollIntoView({block: 'start'});
  }

  /** @param {Row} row */
  #detail({told, branch}) {
    const session = branch ? branch.session : this.session;
    const world = this.boot?.worlds.find(({id}) => id === told.world);
    const osd = overlay({year: world?.year ?? 1993, turn: told.turn, hour: told.hour, mode: '', over: told.phase === 'over'});
    return html`<section class="det" aria-labelledby="turn-title">
      ${told.image ? html`<div class="tv"><img class="frame" src=${told.image.url} width=${told.image.width} height=${told.image.height} alt=${told.image.alt}>
        <div class="osds" aria-hidden="true"><span class="ov tl">${osd.turn}</span><span class="ov br">${osd.right.replace('SP ', '')}</span></div></div>` : nothing}
      <div class="b"><h2 class="osd" id="turn-title">${told.turn}. ${heading(told.situation).title}${branch ? html` <span class="lb">Branch ${branch.label}</span>` : nothing}</h2>
        <div class="meta">${fateMark(told.fate)}</div>${deed(told)}
        <div class="prose" lang=${world?.language ?? 'en'}>${prose(told.dispatch)}</div>
        ${branch ? nothing : this.#others(told)}
        <div class="row">
          ${session && this.seat === 'play' && !this.old ? html`<button class="btn pri" type="button" @click=${() => this.#open(() => fork(session, told.turn), `A copy of the story, from turn ${told.turn}. The other one stays as it is.`)}>Branch from here</button>` : nothing}
          ${session ? html`<a class="btn" href=${tapeUrl(session, told.turn)}>Watch from here</a>` : nothing}
          ${branch?.session ? html`<a class="btn" href=${playUrl(branch.session)}>Open this branch</a>` : nothing}
          ${branch?.archive && this.seat === 'play' ? html`<button class="btn pri" type="button" @click=${() => this.#open(() => restore(branch.archive ?? ''), 'The run stands where it ended. Rewind it to go on.')}>Bring this run back</button>` : nothing}
          <button class="btn ghost" type="button" @click=${() => this.tell('open-dialog', {share: told.turn, session: session ?? this.session})}>Link to turn ${told.turn}</button></div>
        <p class="meta">${branch && !branch.session ? 'This run was left behind when the story was rewound. It is kept.' : `Branching keeps this story as it is and starts a copy at turn ${told.turn}.`}</p>
      </div></section>`;
  }

  /** What could have been done at that point, and what came of it. @param {import('../chronicle.js').Told} told */
  #others(told) {
    const next = this.trunk?.find(({turn}) => turn === told.turn + 1);
    const offered = next?.offered ?? told.choices;
    if (!offered.length) return nothing;
    const own = next?.action && !offered.includes(next.action) && !next.is_timeout ? [next.action] : [];
    return html`<div><h3 class="group">${next ? 'What you could have done' : 'What you can do now'}</h3>
      <ul class="opt">${[...offered, ...own].map((text) => html`<li class=${text === next?.action ? 'on' : ''}>${text}${this.#fateOf(text, told.turn, next)}</li>`)}</ul></div>`;
  }

  /** @param {string} text @param {number} turn @param {import('../chronicle.js').Told | undefined} next */
  #fateOf(text, turn, next) {
    if (!next) return nothing;
    if (text === next.action) return html` → turn ${next.turn}, this story`;
    const branch = this.branches.find(({from, turns}) => from === turn && turns[0]?.action === text);
    if (!branch) return ' – never tried';
    const end = /** @type {import('../chronicle.js').Told} */ (branch.turns.at(-1));
    return html` → branch ${branch.label}${end.alive ? `, to turn ${end.turn}` : `, died on turn ${end.turn}`}`;
  }

  /** @param {() => Promise<import('../types').Meta>} make @param {string} said */
  async #open(make, said) {
    try {
      const {session_id} = await make();
      rememberTape(session_id);
      go(playUrl(session_id));
      toast(said);
    } catch (error) {
      toast(problemOf(error).message || 'The server cannot be reached just now.');
    }
  }
}

/** @param {import('../chronicle.js').Branch | null} branch @param {number} turn */
const key = (branch, turn) => `${branch?.label ?? ''} ${turn}`;
const keyOf = (/** @type {Row} */ {branch, told}) => key(branch, told.turn);

/** @param {import('../chronicle.js').Told} told */
function summary({turn, action, fate, is_timeout}) {
  if (turn === 0) return 'Tape starts';
  return `${is_timeout ? 'You hesitated' : action ?? ''}${fateWords(fate) ? ` · ${fateWords(fate)?.word}` : ''}`;
}
const x = (/** @type {number} */ lane) => lane * LANE + LANE / 2;

/** @param {Row} row @param {number} lanes */
function lines({lines: all, lane, told, last}, lanes) {
  const kinds = {through: ['0', '100%'], up: ['0', '50%'], down: ['50%', '100%'], fork: ['50%', '100%']};
  return html`<svg width=${lanes * LANE} height="100%">
    ${all.filter((one) => one.lane < lanes).map(({lane: to, from, kind}) => html`<svg overflow="visible"><line class=${to ? 'side' : 'main'} x1=${kind === 'fork' ? x(from) : x(to)} x2=${x(to)} y1=${kinds[kind][0]} y2=${kinds[kind][1]}></line></svg>`)}
    <svg overflow="visible"><circle class=${last && !told.alive ? 'dead' : last ? 'end' : ''} cx=${x(Math.min(lane, lanes - 1))} cy="50%" r="6"></circle></svg></svg>`;
}

customElements.define('history-screen', HistoryScreen);
export {HistoryScreen};
