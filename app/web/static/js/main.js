// The page: which screen is shown, what it is called, and the dialogs above it.

import {followLinks, go, playUrl, routeOf} from './links.js';
import {onKeys} from './keys.js';
import {applyPrefs} from './prefs.js';
import './ui/frame.js';
import './ui/play-screen.js';
import './ui/start-screen.js';

/** @typedef {import('./types').Screen} Screen */

/** @type {import('./types').Boot} */
const boot = JSON.parse(document.getElementById('boot')?.textContent || '{}');
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const nav = /** @type {HTMLElementTagNameMap['page-nav']} */ (document.querySelector('page-nav'));

/** Screens that are not on everybody's way. */
const LOAD = {
  start: async () => undefined,
  play: async () => undefined,
  history: () => import('./ui/history-screen.js'),
  tape: () => import('./ui/ending-screen.js'),
};

let shown = '';
/** The turn on the screen, or -1. */
let turn = -1;
/** No turn is on its way. */
let idle = true;

/** Show what the address says. @param {boolean} moved by the reader, not by loading the page */
async function show(moved) {
  const route = routeOf(location, boot);
  const name = JSON.stringify(route);
  if (name === shown) return;
  shown = name;
  if (route.screen === 'missing') return lost(false);
  try {
    await LOAD[route.screen]();
  } catch {
    return lost(true);
  }
  const screen = /** @type {import('./types').Screen} */ (document.createElement(TAGS[route.screen]));
  screen.boot = boot;
  if (route.screen !== 'start') {
    screen.session = route.session;
    screen.seat = seatOf(route.session);
  }
  if ('turn' in route) screen.turn = route.turn;
  enter(screen, route, moved);
}

const TAGS = {start: 'start-screen', play: 'play-screen', history: 'history-screen', tape: 'ending-screen'};

/** @param {string} session */
function seatOf(session) {
  const watching = session === boot.session && boot.role === 'watch';
  return watching || (session === boot.session && location.search === '?watch') ? 'watch' : 'play';
}

/** @param {Screen} screen @param {import('./links.js').Route} route @param {boolean} moved */
async function enter(screen, route, moved) {
  turn = -1;
  betweenTurns(true);
  main.replaceChildren(screen);
  nav.session = 'session' in route ? route.session : null;
  nav.link = route.screen === 'play' ? 'connecting' : null;
  nav.offline = boot.narrator === 'offline' && route.screen === 'start';
  entitle(screen);
  if (!moved) return;
  scrollTo(0, 0);
  await screen.updateComplete;
  if (document.activeElement === document.body || document.activeElement === null) {
    /** @type {HTMLElement | null} */ (screen.querySelector('#title') ?? main)?.focus({preventScroll: true});
  }
}

/** @param {Screen} screen */
function entitle(screen) {
  const name = screen.heading;
  document.title = name ? `${name} – Elsewhere` : 'Elsewhere: recovered tapes';
}

/** @param {boolean} outdated a part of this page is on the server no more: there is a newer version */
function lost(outdated) {
  main.replaceChildren(Object.assign(document.createElement('lost-page'), {outdated}));
  if (outdated) shown = '';
}

/** @param {string} tag @param {string} classes @param {string} text */
function element(tag, classes, text) {
  return Object.assign(document.createElement(tag), {className: classes, textContent: text});
}

/** @param {import('./types').Wish} what */
async function openDialog(what) {
  const dialogs = await import('./ui/dialogs.js').catch(() => null);
  if (!dialogs) return lost(true);
  await dialogs.showDialog(what, {boot, session: nav.session, seat: nav.session ? seatOf(nav.session) : 'play', turn});
}

applyPrefs();
if (boot.role === 'play' && boot.session && location.pathname.startsWith('/s/') && location.search !== '?watch' && (boot.turn === null || boot.turn === undefined)) {
  go(playUrl(boot.session), {replace: true});
}
main.addEventListener('game', (event) => {
  const game = /** @type {CustomEvent<import('./types').Game>} */ (event).detail;
  nav.link = game.gone ? null : game.link;
  if (game.gone) nav.session = null;
  turn = game.told?.turn.turn ?? -1;
  nav.saved = game.told !== null && !game.intent && !game.making;
  betweenTurns(!game.intent && !game.making);
  entitle(/** @type {Screen} */ (main.firstElementChild));
});
document.addEventListener('open-dialog', (event) => void openDialog(/** @type {CustomEvent} */ (event).detail));
document.addEventListener('renamed', () => entitle(/** @type {Screen} */ (main.firstElementChild)));
onKeys((key) => key === '?' && void openDialog('help'), new AbortController().signal);
followLinks((path) => go(path));
addEventListener('elsewhere:moved', () => void show(true));
addEventListener('popstate', () => void show(true));
addEventListener('hashchange', () => void show(true));
void show(false);

// -- the service worker: reading without a network, and news of a newer version ------------------

const WORKER_AFTER_MS = 4000;

/** Under Trusted Types only this policy names a script, and only this one. */
const scripts = globalThis.trustedTypes?.createPolicy('elsewhere', {
  createScriptURL: (url) => (url === '/sw.js' ? url : ''),
});

async function register() {
  const url = /** @type {string} */ (/** @type {unknown} */ (scripts?.createScriptURL('/sw.js') ?? '/sw.js'));
  const registration = await navigator.serviceWorker.register(url);
  if (registration.waiting && navigator.serviceWorker.controller) offerUpdate(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const next = registration.installing;
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed' && navigator.serviceWorker.controller) offerUpdate(next);
    });
  });
}

/** @param {ServiceWorker} next */
function offerUpdate(next) {
  document.querySelector('.update')?.remove();
  const offer = element('button', 'btn pri update', 'New version: reload');
  offer.hidden = !idle;
  offer.addEventListener('click', () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {once: true});
    next.postMessage('take over');
  });
  (document.querySelector('header') ?? document.body).append(offer);
}

/** A newer version is offered only then. @param {boolean} yes */
function betweenTurns(yes) {
  idle = yes;
  document.querySelector('.update')?.toggleAttribute('hidden', !yes);
}

if ('serviceWorker' in navigator && isSecureContext) {
  setTimeout(() => void register().catch(() => undefined), WORKER_AFTER_MS);
}
