// The start: go on, begin, join.

import {html, nothing} from '../../vendor/lit.js';
import {createSession, listSessions, problemOf} from '../client.js';
import {go, myTapes, playUrl, rememberTape, setErrand, tapeUrl} from '../links.js';
import {prefs} from '../prefs.js';
import {ago, capital, counter} from '../words.js';
import {Part, toast} from './frame.js';
import {fares, readSave} from './saves.js';

/** @typedef {import('./saves.js').Save} Save */

const SHOWN = 6;

class StartScreen extends Part {
  static properties = {saves: {state: true}, others: {state: true}, busy: {state: true}, failed: {state: true}};

  constructor() {
    super();
    /** @type {import('../types').Boot | null} */
    this.boot = null;
    /** @type {Save[] | null} null while they are read */
    this.saves = null;
    /** @type {Save[] | null | undefined} the server's other tapes, once they were asked for */
    this.others = undefined;
    /** The world whose tape is being put in. */
    this.busy = '';
    this.failed = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    this.failed = false;
    this.saves = null;
    try {
      const found = await Promise.all(myTapes().slice(0, SHOWN).map(({id}) => readSave(id)));
      this.saves = found.flatMap((save) => save ?? []);
    } catch {
      this.failed = true;
    }
    await this.updateComplete;
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }

  async #loadOthers() {
    if (this.others !== undefined) return;
    this.others = null;
    try {
      const mine = new Set(myTapes().map(({id}) => id));
      const {items} = await listSessions(20);
      const found = await Promise.all(items.filter((meta) => !mine.has(meta.session_id)).map((meta) => readSave(meta.session_id)));
      this.others = found.flatMap((save) => (save?.entry ? save : []));
    } catch (error) {
      this.others = undefined;
      toast(problemOf(error).message || 'The server cannot be reached just now.');
    }
  }

  /** @param {import('../types').World} world */
  async #begin(world) {
    if (this.busy) return;
    this.busy = world.id;
    const {clock} = prefs();
    try {
      const meta = await createSession({world: world.id, name: world.title, settings: {deadline_seconds: clock}});
      rememberTape(meta.session_id);
      setErrand(meta.session_id, 'begin');
      go(playUrl(meta.session_id));
    } catch (error) {
      this.busy = '';
      toast(problemOf(error).message || 'The server cannot be reached just now. Nothing was started.');
    }
  }

  /** @param {SubmitEvent} event */
  #join(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const code = String(new FormData(form).get('code') ?? '').replace(/[\s-]/g, '').toLowerCase();
    if (code.length !== 8) {
      toast('A code has eight letters and digits.');
      form.querySelector('input')?.focus();
      return;
    }
    const watch = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value === 'watch';
    location.assign(`/s/${encodeURIComponent(code)}${watch ? '?watch' : ''}`);
  }

  render() {
    const live = this.saves?.find(({entry}) => entry && entry.phase !== 'over') ?? null;
    return html`<div class="wrap start">
      ${this.#hero(live)}
      ${this.#continue()}
      <div class="sec"><h2 class="osd" id="worlds">New tape</h2></div>
      <ul class="boxes" aria-labelledby="worlds">${this.boot?.worlds.map((world) => this.#box(world))}</ul>
      <div class="sec"><h2 class="osd" id="join">Join someone</h2></div>
      <form class="join" @submit=${this.#join}>
        <div><label for="code">Eight-letter code</label><input class="in osd" id="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="12" placeholder="k7pm-2xqd"></div>
        <button class="btn" value="play">Play along</button><button class="btn ghost" value="watch">Only watch</button>
      </form>
      <details class="others" @toggle=${this.#loadOthers}><summary>Other tapes on this server</summary>
        ${this.others ? (this.others.length ? html`<ul class="saves">${this.others.map((save) => this.#save(save))}</ul>` : html`<p>There are none.</p>`) : html`<p>Looking…</p>`}
      </details>
    </div>`;
  }

  /** @param {Save | null} live */
  #hero(live) {
    const world = this.#world(live?.world) ?? this.boot?.worlds[0];
    const picture = live?.entry?.image?.status === 'ready' ? live.entry.image.url : world && `/covers/${world.id}.webp`;
    const turn = live?.entry?.turn ?? 0;
    return html`<section class="hero"><div>
        <h1 class="osd" id="title" tabindex="-1">Nobody was meant to see this tape.</h1>
        <p>You are holding the camera. Look, read, choose. Every choice makes the next picture, and some pictures are the last.</p>
        <div class="row">${live
          ? html`<a class="btn pri" href=${playUrl(live.id)}>Continue turn ${turn}</a><a class="btn" href="#worlds">Start a new tape</a>`
          : html`<a class="btn pri" href="#worlds">Start a tape</a><a class="btn" href="#join">Join someone</a>`}</div>
      </div>
      <div class="tv" aria-hidden="true"><div class="blank"></div>${picture ? html`<img class="frame" src=${picture} width="1024" height="768" alt="" loading="lazy">` : nothing}
        <div class="osds"><span class="ov tl">PLAY ►</span><span class="ov bl">${world?.year ?? ''}</span><span class="ov br">${counter(turn)}</span></div></div>
    </section>`;
  }

  #continue() {
    if (this.saves?.length === 0) return nothing;
    const list = this.failed
      ? html`<div class="note"><span class="ic" aria-hidden="true">!!</span><div><h3 class="osd">Your tapes could not be read</h3>
          <p>${navigator.onLine ? 'The server did not answer.' : 'You are offline. What you have read can be read again in History.'} They are kept on the server.</p></div>
          <div class="row"><button class="btn pri" type="button" @click=${() => this.#load()}>Try again</button></div></div>`
      : html`<ul class="saves" aria-labelledby="cont" aria-busy=${this.saves === null}>${
          this.saves?.map((save) => this.#save(save)) ?? myTapes().slice(0, 3).map(() => html`<li class="save empty" aria-hidden="true"></li>`)}</ul>`;
    return myTapes().length ? html`<div class="sec"><h2 class="osd" id="cont">Continue</h2></div>${list}` : nothing;
  }

  /** @param {Save} save */
  #save({id, entry, world}) {
    const title = this.#world(world)?.title ?? capital(world);
    const over = entry?.phase === 'over';
    const image = entry?.image?.status === 'ready' ? `/small/${id}/${entry.image.id}.webp` : null;
    return html`<li class="save ${over && !entry.alive ? 'dead' : ''}">
      ${image ? html`<img src=${image} width="256" height="192" alt="" loading="lazy">` : html`<span class="blank"></span>`}
      <div class="b"><h3 class="osd"><a href=${over ? tapeUrl(id) : playUrl(id)}>${title}</a></h3>
        ${entry ? html`<p>${fares(entry)}</p>
          ${entry.action && entry.turn ? html`<p class="last">Last: ${entry.action}</p>` : nothing}
          <p>${over ? 'Tape ready to watch' : `Saved ${ago(entry.at, Date.now())}`}${id === 'default' ? html` <span class="badge osd">Discord</span>` : nothing}</p>`
          : html`<p>Not begun yet</p>`}</div></li>`;
  }

  /** @param {import('../types').World} world */
  #box(world) {
    const busy = this.busy === world.id;
    const [name, year] = world.title.split(/, (?=\d{4}$)/);
    return html`<li class="box"><div class="spine" aria-hidden="true"><span>${name}</span><span>${year ?? 'E-180'}</span></div>
      <article class="face"><div class="pic"><img src="/covers/${world.id}.webp" width=${world.width} height=${world.height} alt="" loading="lazy"></div>
        <div class="stripes" aria-hidden="true"></div>
        <div class="b"><h3 class="osd">${world.title}</h3><p>${world.tagline}</p>
          <div class="row">${prefs().labels ? html`<span class="rating">${world.rating}</span>` : nothing}
            <button class="btn pri" type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => this.#begin(world)}>${busy ? 'Winding…' : 'Insert tape'} <span class="vh">${world.title}</span></button></div></div></article></li>`;
  }

  /** @param {string | undefined} id */
  #world(id) {
    return this.boot?.worlds.find((world) => world.id === id);
  }

  get heading() {
    return '';
  }
}

customElements.define('start-screen', StartScreen);
export {StartScreen};
