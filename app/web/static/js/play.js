// One session as it is played here: the store, its stream, and what the player wants done.

import * as api from './client.js';
import {keepWish, keptWish, unanswered} from './kept.js';
import {prefs} from './prefs.js';
import {choicesOf, clockOf, idText, modeOf, NEVER, newGame, outdated, pending, reduce} from './store.js';
import {Stream} from './stream.js';

const LATE_MS = 3000;
/** The deadline is the server's; our view of its clock may be a little early. */
const PENALTY_AFTER_MS = 400;
/** A timer that is so late did not run while it should have: the machine slept. */
const OVERSLEPT_MS = 2000;

export class Play {
  /**
   * @param {string} session
   * @param {import('./types').Role} role
   * @param {(game: import('./types').Game, before: import('./types').Game) => void} changed
   */
  constructor(session, role, changed) {
    this.game = newGame(session, role);
    this.changed = changed;
    this.closed = false;
    /** There is no turn yet: the state is all that is to be read. */
    this.fresh = false;
    /** Whether a clock that ran out while nobody was here has been dealt with. */
    this.pardoned = false;
    this.extending = false;
    this.wish = role === 'play' ? keptWish(session) : null;
    /** @type {Promise<boolean> | null} */
    this.reading = null;
    this.readAgain = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.penalty = undefined;
    this.stream = new Stream(session, {
      hear: (event) => this.#apply(event),
      check: () => this.refresh(),
      woke: () => { this.pardoned = false; },
    });
    this.onHidden = () => this.#hidden();
    document.addEventListener('visibilitychange', this.onHidden);
  }

  /** Read the session and follow it from there. @param {boolean} fresh it was made just now */
  async open(fresh) {
    this.fresh = fresh;
    await this.refresh();
    if (this.closed) return;
    this.stream.open(this.game.state ? idText(this.game.state.id) : undefined);
  }

  close() {
    this.closed = true;
    clearTimeout(this.waiting);
    clearTimeout(this.penalty);
    document.removeEventListener('visibilitychange', this.onHidden);
    this.stream.close();
  }

  /**
   * Read what is true now. Asked for while it is being read, it is read once more.
   * @returns {Promise<boolean>} whether the server answered
   */
  refresh() {
    if (this.reading) {
      this.readAgain = true;
      return this.reading;
    }
    this.reading = this.#read().finally(() => {
      this.reading = null;
      if (this.readAgain && !this.closed) {
        this.readAgain = false;
        void this.refresh();
      }
    });
    return this.reading;
  }

  async #read() {
    const {session, state: known} = this.game;
    try {
      const first = !known && !this.fresh;
      const [{state, at}, entry] = await Promise.all([api.readNow(session), first ? this.#last() : null]);
      const turn = [entry, this.#shown(state)].find((one) => one?.turn === state.turn)
        ?? (state.turn < 0 ? null : await this.#last());
      this.#apply({type: 'page.loaded', state, entry: turn?.turn === state.turn ? turn : null, now: Date.now(), at});
      this.stream.expect(state.last_event_id);
      this.#resend();
      return true;
    } catch (error) {
      const problem = api.problemOf(error);
      if ([401, 403, 404, 410, 422].includes(problem.status)) this.#apply({type: 'page.gone', problem});
      else if (!this.stream.live) this.#apply({type: 'page.link', link: lost(), retryAt: this.game.retryAt});
      return problem.status > 0;
    }
  }

  /** The newest turn. */
  async #last() {
    return (await api.readHistory(this.game.session, {limit: 1})).items[0] ?? null;
  }

  /** The turn that is shown, if a state is of the same. @param {import('./types').State} state */
  #shown(state) {
    const turn = this.game.told?.turn;
    const same = turn?.turn === state.turn && turn.dispatch === state.dispatch;
    return same ? turn : null;
  }

  /** @param {import('./types').Event} event */
  #apply(event) {
    if (this.closed) return;
    const before = this.game;
    this.game = reduce(before, event);
    if (this.game === before) return;
    if (this.game.intent !== before.intent) keepWish(this.game.session, this.game.intent);
    this.changed(this.game, before);
    if (event.type === 'hello') this.#greeted(before);
    if (!this.pardoned && REACHED.has(this.game.link)) void this.#pardon();
    const told = this.game.told && this.game.told !== before.told;
    // The turn says what happened; the state says what is in the player's pockets now.
    const behind = (told && event.type !== 'page.loaded') || outdated(this.game);
    if (behind && !this.game.gone) void this.refresh(); // Asking again does not bring it back.
    if (this.game.making?.gap && !before.making?.gap) this.stream.renew();
    this.#watchClock();
  }

  /** A new stream: what was missed while there was none? @param {import('./types').Game} before */
  #greeted(before) {
    const shown = this.game.told?.turn.turn ?? -1;
    const behind = this.game.state && this.game.state.state.turn !== shown;
    if (behind || before.link !== 'live') void this.refresh();
    else this.#resend();
  }

  // -- playing -----------------------------------------------------------------------------

  /** @param {{id: string | null, text: string}} choice */
  act(choice) {
    if (modeOf(this.game) === 'choosing' || modeOf(this.game) === 'held') this.#want('act', choice);
  }

  begin() {
    if (modeOf(this.game) === 'new') this.#want('intro', null);
  }

  /**
   * @param {import('./types').Intent['kind']} kind
   * @param {import('./types').Intent['choice']} choice
   */
  #want(kind, choice) {
    if (this.game.role === 'watch') return;
    const intent = {
      key: newKey(), kind, choice, expected: this.game.told?.turn.turn ?? -1,
      base: this.game.told?.id ?? NEVER, since: NEVER, at: Date.now(), accepted: false, problem: null,
    };
    this.#apply({type: 'page.sent', intent});
    void this.#send(intent);
  }

  /** Send the same intent again: under its key it is played once, however often it is sent. */
  retry() {
    const {intent} = this.game;
    if (!intent) return;
    this.#apply({type: 'page.retried'});
    void this.#send(intent);
  }

  /** Let the built-in narrator take this turn and those after it, and try again. */
  async useOffline() {
    const {intent, session} = this.game;
    if (!intent) return;
    try {
      await api.changeSettings(session, {on_provider_failure: 'offline'});
      this.retry();
    } catch (error) {
      this.#apply({type: 'page.refused', key: intent.key, problem: api.problemOf(error)});
    }
  }

  /** Drop what failed, and choose anew. */
  dismiss() {
    this.#apply({type: 'page.dismissed'});
  }

  /** @param {import('./types').Intent} intent */
  async #send(intent) {
    const {key, kind, choice, expected} = intent;
    const {session} = this.game;
    const body = {
      session_id: session,
      expected_turn: expected,
      ...(kind === 'act' && choice && (choice.id ? {choice_id: choice.id} : {choice: choice.text})),
    };
    const path = {act: 'action', intro: 'intro', hesitate: 'timeout_penalty'}[kind];
    try {
      const {status, data} = await api.ask('POST', `/api/game/${path}`, {body, key, soon: this.stream.live});
      if (status === 202) this.#accepted(key);
      else this.#apply({type: 'page.answered', key, turn: /** @type {import('./types').Turn} */ (data)});
    } catch (error) {
      this.#refused(intent, api.problemOf(error));
    }
  }

  /** The events tell the rest. Should they keep quiet, the stream is not what it seems. @param {string} key */
  #accepted(key) {
    this.#apply({type: 'page.accepted', key});
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      if (!pending(this.game) || this.game.making) return;
      this.stream.renew();
      void this.refresh();
    }, LATE_MS);
  }

  /** @param {import('./types').Intent} intent @param {import('./types').Problem} problem */
  #refused(intent, problem) {
    // Nobody asked for this: that the clock was early, or somebody quicker, is no failure.
    if (intent.kind === 'hesitate' || (intent.kind === 'intro' && problem.status === 409)) {
      this.#apply({type: 'page.dismissed'});
      void this.refresh();
      return;
    }
    this.#apply({type: 'page.refused', key: intent.key, problem});
    if (problem.status === 409 || problem.status === 422) void this.refresh();
  }

  /**
   * A wish that the server has forgotten, because it was started anew, is sent again, and so is
   * one that this page had before it was loaded: the key says whether it was played.
   */
  #resend() {
    const {intent, making, state} = this.game;
    const {wish} = this;
    this.wish = null;
    if (wish && !intent) {
      this.#apply({type: 'page.sent', intent: wish});
      void this.#send(wish);
      return;
    }
    if (!intent || making || !state || state.state.phase === 'resolving') return;
    const lost = intent.accepted || (intent.problem && unanswered(intent));
    if (lost && state.state.turn === intent.expected) this.retry();
  }

  // -- the clock ---------------------------------------------------------------------------

  /** @param {'hold' | 'resume' | 'extend'} action @param {number} [seconds] */
  async setClock(action, seconds) {
    if (this.game.role === 'watch') return;
    try {
      const state = await api.changeDeadline(this.game.session, action, {seconds});
      this.#apply({type: 'page.loaded', state, entry: null, now: Date.now()});
    } catch {
      void this.refresh();
    }
  }

  #hidden() {
    const runs = clockOf(this.game)?.at && modeOf(this.game) === 'choosing';
    if (!document.hidden || !runs || !prefs().holdWhenHidden || this.game.role === 'watch') return;
    if (this.game.watchers > 1) return; // In company, one player's phone does not stop the clock.
    api.changeDeadline(this.game.session, 'hold', {keepalive: true}).catch(() => null);
  }

  /** When time is up, the world plays. Whoever asks first is heard; the others come too late. */
  #watchClock() {
    clearTimeout(this.penalty);
    const clock = clockOf(this.game);
    if (!this.pardoned || this.extending || !clock?.at || clock.heldBy || this.game.role === 'watch') return;
    const left = clock.at - (Date.now() + this.game.skew);
    const due = Date.now() + Math.max(0, left) + PENALTY_AFTER_MS;
    this.penalty = setTimeout(() => {
      if (Date.now() - due > OVERSLEPT_MS) return;
      if (modeOf(this.game) === 'choosing' && REACHED.has(this.game.link)) this.#want('hesitate', null);
    }, due - Date.now());
  }

  /** A clock that ran out while nobody was here is no reason to hurt who comes back. */
  async #pardon() {
    this.pardoned = true;
    const clock = clockOf(this.game);
    const alone = this.game.watchers <= 1;
    if (!clock?.at || clock.heldBy || !alone || clock.at >= Date.now() + this.game.skew) return;
    this.extending = true;
    await this.setClock('extend');
    this.extending = false;
    this.#watchClock();
  }

  // -- going back and branching ------------------------------------------------------------

  /** Go on from the end of an earlier turn; the run so far is kept. @param {number} turn */
  async rewind(turn) {
    if (this.game.role === 'watch' || turn < 0) return;
    await api.rewind(this.game.session, turn);
    await this.refresh();
  }

  /** A copy of the story that ends with `turn`. @param {number} turn */
  async branch(turn) {
    return (await api.fork(this.game.session, turn)).session_id;
  }

  /** What the player may press. */
  get choices() {
    return choicesOf(this.game);
  }
}

/** @type {Set<import('./types').Link>} */
const REACHED = new Set(['live', 'polling']);

const lost = () => (navigator.onLine === false ? 'offline' : 'retrying');

function newKey() {
  // `randomUUID` is missing where the page came over plain HTTP from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
