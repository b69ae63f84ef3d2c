// Settings: those of this browser, and those of the story that is open.

import {html, nothing} from '../../vendor/lit.js';
import {changeSettings, problemOf, readState} from '../client.js';
import {DEFAULTS, prefs, setPrefs} from '../prefs.js';
import {Part, toast} from './frame.js';

const CLOCKS = /** @type {[number, string][]} */ ([[0, 'Off'], [30, '30 s'], [60, '1 min'], [120, '2 min'], [300, '5 min']]);

/** @typedef {keyof import('../prefs.js').Prefs} Name */

class SettingsPage extends Part {
  static properties = {story: {state: true}, now: {state: true}};

  constructor() {
    super();
    /** @type {string | null} */
    this.session = null;
    this.seat = /** @type {import('../types').Role} */ ('play');
    /** @type {import('../types').Settings | null} */
    this.story = null;
    this.now = prefs();
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.session && this.seat === 'play') {
      readState(this.session).then((state) => { this.story = state.settings; }).catch(() => undefined);
    }
  }

  /** @param {Partial<import('../prefs.js').Prefs>} change */
  #set(change) {
    setPrefs(change);
    this.now = prefs();
  }

  /** @param {object} change */
  async #setStory(change) {
    try {
      this.story = (await changeSettings(this.session ?? '', change)).settings;
    } catch (error) {
      toast(problemOf(error).message || 'The server cannot be reached just now. Nothing was changed.');
      this.requestUpdate();
    }
  }

  render() {
    return html`<div class="inside">
      ${this.#story()}
      <h3 class="osd group">Reading</h3>
      ${this.#range('textSize', 'Text size', 90, 200, 10, '%')}
      ${this.#choice('font', 'Typeface of the story', [['hyperlegible', 'Hyperlegible'], ['system', 'The system’s'], ['serif', 'Serif']])}
      ${this.#choice('spacing', 'Spacing of the story', [['normal', 'Normal'], ['wide', 'Wide']])}
      <h3 class="osd group">Pictures</h3>
      ${this.#choice('pictures', 'Pictures', [['on', 'On'], ['tap', 'Tap to load'], ['off', 'Off']])}
      ${this.#range('scanlines', 'Scanlines', 0, 100, 10, '%')}
      ${this.#choice('motion', 'Motion', [['system', 'As the system says'], ['off', 'None']])}
      ${this.#check('clips', 'Offer clips', 'Short films of a turn, where there are any.')}
      ${this.#check('clipsPlay', 'Clips play by themselves', 'Once, without sound; never where motion or data is to be saved.')}
      ${this.#check('labels', 'Content labels', 'What a world may confront you with, before it begins.')}
      <h3 class="osd group">Playing</h3>
      <div class="field"><label for="set-name">Your name</label><input class="in" id="set-name" maxlength="40" autocomplete="nickname" .value=${this.now.name} @change=${(/** @type {Event} */ event) => this.#set({name: /** @type {HTMLInputElement} */ (event.target).value.trim()})}>
        <span class="hint">Shown to others who play or watch the same story. It may be empty.</span></div>
      ${this.#choice('clock', 'Clock of new tapes', CLOCKS)}
      ${this.#check('holdWhenHidden', 'Hold the clock when I look away', 'When this tab is hidden and nobody else is there.')}
      ${this.#check('keys', 'Single keys', '1 to 9 choose, H holds, U rewinds, T shows the history.')}
      ${this.#check('fate', 'Show fate', 'Whether a turn was lucky or not.')}
      ${this.#choice('announce', 'Announcements for screen readers', [['whole', 'The whole scene'], ['short', 'Only that there is one'], ['off', 'None']])}
      <div class="row"><button class="btn" type="button" @click=${() => this.#set({...DEFAULTS})}>As it was at first</button></div>
    </div>`;
  }

  /** What everybody who plays this story shares. */
  #story() {
    const story = this.story;
    if (!story) return nothing;
    const change = (/** @type {Event} */ event) => /** @type {HTMLSelectElement} */ (event.target);
    return html`<h3 class="osd group">This story, for all who play it</h3>
      <div class="field"><label for="set-story-clock">Clock</label>
        <select id="set-story-clock" @change=${(/** @type {Event} */ event) => this.#setStory({deadline_seconds: Number(change(event).value)})}>
          ${[...CLOCKS, ...unusual(story.deadline_seconds ?? 0)].map(([value, label]) => html`<option value=${value} ?selected=${value === story.deadline_seconds}>${label}</option>`)}</select>
        <span class="hint">When it runs out, the world goes first. It can be held and extended while it runs.</span></div>
      <div class="field"><label for="set-story-offline">If a model fails, the built-in narrator takes the turn</label>
        <input type="checkbox" id="set-story-offline" .checked=${story.on_provider_failure === 'offline'} @change=${(/** @type {Event} */ event) => this.#setStory({on_provider_failure: /** @type {HTMLInputElement} */ (event.target).checked ? 'offline' : 'error'})}></div>
      <div class="field"><label for="set-story-images">Paint pictures</label>
        <input type="checkbox" id="set-story-images" .checked=${story.images ?? true} @change=${(/** @type {Event} */ event) => this.#setStory({images: /** @type {HTMLInputElement} */ (event.target).checked})}></div>
      <div class="field"><label for="set-story-videos">Moving pictures</label>
        <input type="checkbox" id="set-story-videos" .checked=${story.videos ?? false} @change=${(/** @type {Event} */ event) => this.#setStory({videos: /** @type {HTMLInputElement} */ (event.target).checked})}>
        <span class="hint">A clip of each turn, a little after its picture.</span></div>`;
  }

  /** @param {Name} name @param {string} label @param {readonly (readonly [string | number, string])[]} options */
  #choice(name, label, options) {
    const value = this.now[name];
    return html`<div class="field"><label for="set-${name}">${label}</label><select id="set-${name}" @change=${(/** @type {Event} */ event) => this.#set({[name]: typeof value === 'number' ? Number(/** @type {HTMLSelectElement} */ (event.target).value) : /** @type {HTMLSelectElement} */ (event.target).value})}>
      ${options.map(([option, text]) => html`<option value=${option} ?selected=${option === value}>${text}</option>`)}</select></div>`;
  }

  /** @param {Name} name @param {string} label @param {number} min @param {number} max @param {number} step @param {string} unit */
  #range(name, label, min, max, step, unit) {
    return html`<div class="field"><label for="set-${name}">${label} <span class="muted">${this.now[name]}${unit}</span></label>
      <input type="range" id="set-${name}" min=${min} max=${max} step=${step} .value=${String(this.now[name])} aria-valuetext="${this.now[name]}${unit}" @input=${(/** @type {Event} */ event) => this.#set({[name]: Number(/** @type {HTMLInputElement} */ (event.target).value)})}></div>`;
  }

  /** @param {Name} name @param {string} label @param {string} hint */
  #check(name, label, hint) {
    return html`<div class="field"><label for="set-${name}">${label}</label><input type="checkbox" id="set-${name}" .checked=${Boolean(this.now[name])} @change=${(/** @type {Event} */ event) => this.#set({[name]: /** @type {HTMLInputElement} */ (event.target).checked})}>
      <span class="hint">${hint}</span></div>`;
  }
}

/** A clock that was set elsewhere. @param {number} seconds @returns {[number, string][]} */
const unusual = (seconds) => (CLOCKS.some(([value]) => value === seconds) ? [] : [[seconds, `${seconds} s`]]);

customElements.define('settings-page', SettingsPage);
export {SettingsPage};
