// The event stream of a session, kept alive: rebuilt when it breaks, closed while nobody looks,
// and replaced by polling where it cannot be had.

import {answers, eventsUrl} from './client.js';
import {idText, parseId} from './store.js';

const BACKOFF_MS = [1000, 2000, 5000, 10_000, 30_000];
const HELLO_MS = 5000;
const HIDDEN_MS = 30_000;
/** So long a stream may say nothing until the state is compared with what it told. */
const SILENCE_MS = 8000;
/** So much later than the state a stream may tell of the same. */
const DEAF_MS = 1000;
/** While the server is away. One small question; a stream is opened when it is answered. */
const KNOCK_MS = 1000;
const BEAT_MS = 1000;
/** A heart that stood still for so long: the machine slept. */
const SLEPT_MS = 5000;
/** Streams of all tabs together: a browser opens six connections to a server, no more. */
const SLOTS = 3;
const POLL_MS = 1000;
const SLOT_MS = 10_000;
const MUTE_MS = 60_000;
const TYPES = [
  'hello', 'resync', 'turn.started', 'dispatch.delta', 'turn.committed', 'turn.failed',
  'image.ready', 'image.failed', 'choices.changed', 'deadline', 'session.reset', 'session.over',
  'presence', 'video.ready', 'video.failed', 'tape.ready',
];

/**
 * @typedef {object} Listener
 * @property {(event: import('./types').Event) => void} hear
 * @property {() => Promise<boolean>} check read the state: the stream may have missed something.
 *   False if the server could not be asked.
 * @property {() => void} woke the machine slept
 */

export class Stream {
  /**
   * @param {string} session
   * @param {Listener} listener
   */
  constructor(session, listener) {
    this.session = session;
    this.listener = listener;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {string | undefined} */
    this.after = undefined;
    this.failures = 0;
    this.attempt = 0;
    this.heard = false;
    /** The server did not answer, when it was last asked. */
    this.away = false;
    this.hiddenAt = 0;
    this.beat = 0;
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.timers = new Map();
    /** @type {(() => void) | null} */
    this.release = null;
    this.leaving = new AbortController();
    /** Tabs with a stream tell those without one. */
    this.others = new BroadcastChannel(`elsewhere-${session}`);
    this.others.onmessage = () => {
      if (!this.live) void listener.check();
    };
  }

  /** @param {string} [after] the id of the newest event that is known */
  open(after) {
    this.after = after;
    const {signal} = this.leaving;
    document.addEventListener('visibilitychange', () => this.#looked(), {signal});
    // What was open over another network may say nothing any more.
    addEventListener('online', () => this.renew(), {signal});
    addEventListener('offline', () => this.#lost(null), {signal});
    this.beat = Date.now();
    const heart = setInterval(() => this.#beats(), BEAT_MS);
    signal.addEventListener('abort', () => clearInterval(heart));
    addEventListener('pageshow', (event) => event.persisted && this.retry(), {signal});
    void this.#connect();
  }

  close() {
    this.leaving.abort();
    this.others.close();
    this.#drop();
  }

  get closed() {
    return this.leaving.signal.aborted;
  }

  get live() {
    return this.heard && this.source?.readyState === EventSource.OPEN;
  }

  /** Try now instead of when the wait is over. */
  retry() {
    if (!this.live) void this.#connect();
  }

  /** A stream that should have spoken and did not. */
  renew() {
    this.heard = false;
    this.listener.hear({type: 'page.link', link: 'connecting', retryAt: null});
    void this.#connect();
  }

  /** The server is known to have got so far: the stream must soon tell of it. @param {number} commit */
  expect(commit) {
    if (!this.live || this.#told >= commit) return;
    this.#in('deaf', DEAF_MS, () => this.#told < commit && this.renew());
  }

  get #told() {
    return parseId(this.after ?? '')?.[0] ?? -1;
  }

  async #connect() {
    this.#drop();
    if (this.closed || document.hidden) return;
    this.attempt += 1;
    const attempt = this.attempt;
    const release = await slot();
    if (this.closed || attempt !== this.attempt) {
      release?.();
      return;
    }
    if (!release) {
      void this.#poll();
      this.#in('again', SLOT_MS, () => this.retry());
      return;
    }
    this.release = release;
    this.#listen(new EventSource(eventsUrl(this.session, this.after)));
  }

  /** @param {EventSource} source */
  #listen(source) {
    this.source = source;
    for (const type of TYPES) source.addEventListener(type, (event) => this.#heard(type, event));
    source.addEventListener('error', () => this.#broke(source));
    this.#in('hello', HELLO_MS, () => this.#mute());
  }

  /**
   * @param {string} type
   * @param {MessageEvent} message
   */
  #heard(type, message) {
    this.#in('silence', SILENCE_MS, () => this.#silent());
    const id = message.lastEventId ? parseId(message.lastEventId) : null;
    const news = id && this.after !== idText(id);
    if (news) this.after = idText(id);
    if (type === 'hello') {
      this.heard = true;
      this.away = false;
      this.failures = 0;
      for (const name of ['hello', 'poll', 'again']) this.#stop(name);
    }
    if (news || type === 'hello') this.others.postMessage(null);
    const data = JSON.parse(message.data);
    this.listener.hear({...data, type, id: id ?? undefined, now: Date.now()});
    if (type === 'session.over' && data.reason === 'deleted') this.close();
  }

  /**
   * The browser would try again by itself, but never after an error status and without patience.
   * @param {EventSource} source
   */
  #broke(source) {
    if (source !== this.source || this.closed) return;
    this.#drop();
    const step = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)] ?? 0;
    const wait = step * (0.8 + Math.random() * 0.4);
    this.failures += 1;
    this.#lost(Date.now() + wait);
    void this.listener.check();
    this.#in('again', wait, () => this.retry());
    void this.#knock();
  }

  /** A server that was away and is back is not kept waiting, however often it was tried. */
  async #knock() {
    const {attempt} = this;
    const there = await answers();
    if (this.closed || attempt !== this.attempt || this.source) return;
    if (there && this.away) {
      this.away = false;
      this.retry();
      return;
    }
    this.away = !there;
    this.#in('knock', KNOCK_MS, () => void this.#knock());
  }

  /** Nothing comes through: something between us and the server keeps it back. */
  #mute() {
    this.#drop();
    void this.#poll();
    this.#in('again', MUTE_MS, () => this.retry());
  }

  async #poll() {
    const {attempt} = this;
    const reached = await this.listener.check();
    if (this.closed || attempt !== this.attempt || this.source) return;
    if (reached) this.listener.hear({type: 'page.link', link: 'polling', retryAt: null});
    this.#in('poll', POLL_MS, () => void this.#poll());
  }

  /** A stream that was cut off without a word looks like a quiet one. */
  #silent() {
    void this.listener.check();
    this.#in('silence', SILENCE_MS, () => this.#silent());
  }

  /** @param {number | null} retryAt */
  #lost(retryAt) {
    const link = navigator.onLine === false ? 'offline' : 'retrying';
    this.listener.hear({type: 'page.link', link, retryAt});
  }

  #looked() {
    const now = Date.now();
    if (document.hidden) {
      this.hiddenAt = now;
      this.#in('hidden', HIDDEN_MS, () => this.#drop());
      return;
    }
    this.#stop('hidden');
    this.beat = now;
    void this.listener.check();
    // The browser says of a stream that broke while it slept that it is open.
    if (now - this.hiddenAt > HIDDEN_MS) this.renew();
    else this.retry();
  }

  /** A laptop that was closed tells nobody: only time has jumped. */
  #beats() {
    const now = Date.now();
    const slept = now - this.beat > SLEPT_MS;
    this.beat = now;
    if (!slept || document.hidden) return;
    this.listener.woke();
    void this.listener.check();
    this.renew();
  }

  #drop() {
    this.source?.close();
    this.source = null;
    this.heard = false;
    this.release?.();
    this.release = null;
    for (const name of [...this.timers.keys()]) this.#stop(name);
  }

  /** @param {string} name @param {number} wait @param {() => void} then */
  #in(name, wait, then) {
    this.#stop(name);
    this.timers.set(name, setTimeout(then, wait));
  }

  /** @param {string} name */
  #stop(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

/**
 * One of the connections that the tabs of this browser may keep; null if all are taken.
 * @returns {Promise<(() => void) | null>}
 */
async function slot() {
  if (!navigator.locks) return () => {};
  for (let number = 0; number < SLOTS; number += 1) {
    const release = await take(`elsewhere-stream-${number}`);
    if (release) return release;
  }
  return null;
}

/** @param {string} name @returns {Promise<(() => void) | null>} */
const take = (name) =>
  new Promise((resolve) => {
    void navigator.locks.request(name, {ifAvailable: true}, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((done) => resolve(() => done(undefined)));
    });
  });
