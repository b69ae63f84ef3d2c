// Dialogs: one at a time, above the page; Esc closes, and the focus goes back where it was.

import {html} from '../../vendor/lit.js';
import {KEYS} from '../keys.js';
import {Part} from './frame.js';

/**
 * @typedef {object} Context
 * @property {import('../types').Boot} boot
 * @property {string | null} session
 * @property {import('../types').Role} seat
 * @property {number} turn the turn that is shown, or -1
 */

/** @param {import('../types').Wish} what @param {Context} context */
export async function showDialog(what, context) {
  if (document.querySelector('dialog[open]')) return;
  if (what === 'help') open('Help', document.createElement('help-page'));
  else if (typeof what === 'object' && 'picture' in what) open('Picture', pictureOf(what.picture), 'picture');
  else if (what === 'settings') {
    await import('./settings-dialog.js');
    open('Settings', Object.assign(document.createElement('settings-page'), context));
  } else {
    await import('./share-dialog.js');
    const wanted = what === 'share' ? {} : what;
    const shown = {session: wanted.session ?? context.session, turn: wanted.share ?? context.turn};
    open('Share', Object.assign(document.createElement('share-page'), context, shown));
  }
}

/** @param {string} title @param {Element} content @param {string} [kind] */
function open(title, content, kind = '') {
  const dialog = document.createElement('dialog');
  dialog.className = kind;
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  const head = document.createElement('header');
  const name = Object.assign(document.createElement('h2'), {id: 'dialog-title', className: 'osd', textContent: title});
  const close = Object.assign(document.createElement('button'), {type: 'button', className: 'btn ghost', textContent: 'Close'});
  close.addEventListener('click', () => dialog.close());
  head.append(name, close);
  dialog.append(head, content);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {import('../types').Picture} picture */
function pictureOf({url, alt, width, height}) {
  const figure = document.createElement('figure');
  const words = Object.assign(document.createElement('figcaption'), {textContent: alt, ariaHidden: 'true'});
  figure.append(Object.assign(new Image(), {src: url ?? '', alt, width, height}), words);
  return figure;
}

class HelpPage extends Part {
  render() {
    return html`<div class="inside">
      <p>Look at the picture, read what happens, and choose. Or say in your own words what you do. The world remembers all of it. Death is final, but tape can be rewound.</p>
      <h3 class="osd group">Fate</h3>
      <p>A choice that is <b>sure</b> needs no luck. For a <b>risky</b> or <b>grave</b> one the server draws fate: one time in four it is lucky, two in four even, one in four unlucky. It is drawn before the turn is told, stays the same if the turn is sent again, and is written into the history.</p>
      <h3 class="osd group">Keys</h3>
      <dl class="keylist">${KEYS.map(([keys, does]) => html`<dt>${keys.map((one) => (one === '–' ? ' – ' : html`<kbd>${one}</kbd>`))}</dt><dd>${does}</dd>`)}</dl>
      <p>Single keys can be switched off in Settings. With a screen reader: every turn is announced once it is complete, with its text and the number of choices; the text stands below the heading of level 1, the choices are a list after it.</p>
      <p>For programs: <a href="/docs" target="_blank" rel="noopener">the API</a>.</p>
    </div>`;
  }
}

customElements.define('help-page', HelpPage);
