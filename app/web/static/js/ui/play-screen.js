// The screen on which one plays: picture, dispatch, choices. It connects the game to its parts.

import {html, nothing} from '../../vendor/lit.js';
import {alarm, say, spoken} from '../announcer.js';
import {problemOf} from '../client.js';
import {onKeys} from '../keys.js';
import {dropErrand, errand, go, historyUrl, playUrl, rememberTape, setErrand} from '../links.js';
import {Play} from '../play.js';
import {onPrefs, prefs} from '../prefs.js';
import {clipOf, clockOf, imageOf, modeOf} from '../store.js';
import {capital, heading} from '../words.js';
import {keepDraft} from './choice-list.js';
import {lostBanner, Part, toast} from './frame.js';
import {goneCard} from './notice-card.js';
import {ReadingPlace} from './reading-place.js';
import {keysLine} from './act-panel.js';
import './dispatch-text.js';
import {shotOf} from './shot.js';
import './scene-stage.js';
import './status-strip.js';

/** A key that was meant for the turn before is not one for this turn. */
const FRESH_MS = 300;
const EXTENSION_S = 30;

class PlayScreen extends Part {
  static properties = {game: {state: true}, unread: {state: true}};

  constructor() {
    super();
    this.session = '';
    /** @type {import('../types').Role} */
    this.seat = 'play';
    /** @type {import('../types').Boot | null} */
    this.boot = null;
    /** @type {import('../types').Game | null} */
    this.game = null;
    /** Where new text stands that the reader, who has scrolled, does not see: ↑, ↓ or nowhere. */
    this.unread = '';
    this.choicesSince = 0;
    this.leaving = new AbortController();
  }

  connectedCallback() {
    super.connectedCallback();
    const {signal} = this.leaving;
    this.play = new Play(this.session, this.seat, (game, before) => this.#changed(game, before));
    this.game = this.play.game;
    onKeys((key) => this.#key(key), signal);
    this.place = new ReadingPlace(this, signal);
    signal.addEventListener('abort', onPrefs(() => this.requestUpdate()));
    void this.play.open(errand(this.session) === 'begin').then(() => this.#errand());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.leaving.abort();
    this.play?.close();
  }

  // -- what happens ------------------------------------------------------------------------

  /** @param {import('../types').Game} game @param {import('../types').Game} before */
  #changed(game, before) {
    this.game = game;
    for (const {text, urgent} of spoken(before, game, prefs().announce)) (urgent ? alarm : say)(text);
    const [was, is] = [modeOf(before), modeOf(game)];
    if (is === 'sending' && was !== 'sending') this.place?.begin();
    const fresh = game.told !== before.told && game.told?.turn.turn !== before.told?.turn.turn;
    if (fresh && before.intent?.choice?.id === null) keepDraft(game.session, '');
    if (fresh || (is === 'choosing' && was !== 'choosing')) this.choicesSince = performance.now();
    const opened = (game.making?.text && !before.making?.text) || (fresh && !before.making?.text);
    void this.place?.keep(Boolean(opened && before.told))();
    this.tell('game', game);
  }

  /** Words that come are drawn once a frame; everything else at once. */
  async scheduleUpdate() {
    if (this.game?.making?.text) await new Promise((drawn) => requestAnimationFrame(drawn));
    super.scheduleUpdate();
  }

  /** What was to be done as soon as this session is open. */
  #errand() {
    const wanted = errand(this.session);
    dropErrand(this.session);
    if (this.seat === 'watch' || !this.game || this.game.gone) return;
    rememberTape(this.session);
    if (wanted === 'begin') this.play?.begin();
    else if (wanted) this.play?.act(wanted);
  }

  /** @param {string} key */
  #key(key) {
    const fresh = performance.now() - this.choicesSince < FRESH_MS;
    if (/^[1-9]$/.test(key) && !fresh) this.querySelector('act-panel')?.list?.press(Number(key));
    else if (key === 'h') this.#hold();
    else if (key === 'u') void this.#rewind();
    else if (key === 't') go(historyUrl(this.session));
    else if (key === 'p') this.#whole();
  }

  #hold() {
    const clock = this.game && clockOf(this.game);
    if (clock?.heldBy || clock?.at) void this.play?.setClock(clock.heldBy ? 'resume' : 'hold');
  }

  async #rewind() {
    const turn = this.game?.told?.turn.turn ?? 0;
    if (turn < 1 || this.seat === 'watch') return;
    if ((this.game?.players ?? 0) > 1 && !confirm('Others play this too. Rewind one turn for all of you?')) return;
    await this.#attempt(async () => {
      await this.play?.rewind(turn - 1);
      toast(`Back at turn ${turn - 1}. What came after is kept in History.`);
    });
  }

  async #branch() {
    const stale = this.game?.stale;
    if (!stale) return;
    await this.#attempt(async () => {
      const branch = await /** @type {Play} */ (this.play).branch(stale.turn);
      setErrand(branch, stale.choice);
      go(playUrl(branch));
    });
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      toast(capital(problemOf(error).message || 'The server cannot be reached just now.'));
    }
  }

  /** @param {CustomEvent<string>} event */
  #way({detail}) {
    const ways = /** @type {Record<string, () => unknown>} */ ({
      retry: () => this.play?.retry(),
      dismiss: () => this.play?.dismiss(),
      offline: () => this.play?.useOffline(),
      branch: () => this.#branch(),
      rewind: () => this.#rewind(),
      begin: () => this.play?.begin(),
    });
    ways[detail]?.();
  }

  #whole() {
    const image = this.game && imageOf(this.game);
    if (image?.url && image.status === 'ready') this.tell('open-dialog', {picture: image});
  }

  // -- what is shown -----------------------------------------------------------------------

  render() {
    const game = this.game;
    if (!game) return nothing;
    if (modeOf(game) === 'gone') return html`<div class="wrap">${goneCard(game.gone, () => this.play?.refresh())}</div>`;
    return html`<div class="play">
      <section class="picture" aria-label="Picture">${this.#stage(game)}
        <status-strip .condition=${game.state?.state ?? null}></status-strip></section>
      <section class="console" aria-label="Story" @choose=${(/** @type {CustomEvent} */ event) => this.play?.act(event.detail)}
        @way=${this.#way} @refused=${(/** @type {CustomEvent<string>} */ event) => say(event.detail)}
        @clock=${(/** @type {CustomEvent} */ event) => this.play?.setClock(event.detail, event.detail === 'extend' ? EXTENSION_S : undefined)}>
        <dispatch-text .game=${game} .language=${this.#world(game)?.language ?? 'en'}></dispatch-text>
        ${this.unread ? html`<button class="btn pri newtext" type="button" @click=${() => this.place?.go()}>New text ${this.unread}</button>` : nothing}
        <act-panel .game=${game}></act-panel>
        ${prefs().keys ? keysLine(game) : nothing}
      </section></div>
      ${lostBanner(game, () => this.play?.stream.retry())}`;
  }

  /** @param {import('../types').Game} game */
  #stage(game) {
    const mode = modeOf(game);
    const world = this.#world(game);
    const turn = game.told?.turn;
    return html`<scene-stage .image=${imageOf(game)} .clip=${clipOf(game)} .cut=${turn?.hard_transition ?? false}
      .ratio=${[world?.width ?? 4, world?.height ?? 3]} .working=${mode === 'sending' || mode === 'elsewhere'}
      .shot=${shotOf(game, world)} @whole-picture=${() => this.#whole()}></scene-stage>`;
  }

  /** @param {import('../types').Game} game */
  #world(game) {
    return this.boot?.worlds.find(({id}) => id === game.state?.state.world);
  }

  /** What the window is called. */
  get heading() {
    const turn = this.game?.told?.turn;
    const world = this.game && this.#world(this.game);
    const parts = turn ? [`Turn ${turn.turn}`, heading(turn.situation).title] : [];
    return [...parts, world?.title].filter(Boolean).join(' – ');
  }
}

customElements.define('play-screen', PlayScreen);
export {PlayScreen};
