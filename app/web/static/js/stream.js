// The event stream of a session, kept alive: rebuilt when it breaks, closed while nobody looks,
// and replaced by polling where it cannot be had.

import {eventsUrl} from './client.js';
import {idText, parseId} from './store.js';

const BACKOFF_MS = [1000, 2000, 5000, 10_000, 30_000];
const HELLO_MS = 5000;
const HIDDEN_MS = 30_000;
const SILENCE_MS = 40_000;
/** Streams of all tabs together: a browser opens six connections to a server, no more. */
const SLOTS = 3;
const POLL_MS = 10_000;
const POLL_BUSY_MS = 1000;
const MUTE_MS = 60_000;
const TYPES = [
  'hello', 'resync', 'turn.started', 'dispatch.delta', 'turn.committed', 'turn.failed',
  'image.ready', 'image.failed', 'choices.changed', 'deadline', 'session.reset', 'session.over',
  'presence', 'video.ready', 'tape.ready',
];

/**
 * @typedef {object} Listener
 * @property {(event: import('./types').Event) => void} hear
 * @property {() => void} check read the state: the stream may have missed something
 * @property {() => boolean} busy whether a turn is being made, so that polling must be quick
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
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.timers = new Map();
    /** @type {(() => void) | null} */
    this.release = null;
    this.leaving = new AbortController();
    /** Tabs with a stream tell those without one. */
    this.others = new BroadcastChannel(`elsewhere-${session}`);
    this.others.onmessage = () => {
      if (!this.live) listener.check();
    };
  }

  /** @param {string} [after] the id of the newest event that is known */
  open(after) {
    this.after = after;
    const {signal} = this.leaving;
    document.addEventListener('visibilitychange', () => this.#looked(), {signal});
    addEventListener('online', () => this.retry(), {signal});
    addEventListener('offline', () => this.#lost(null), {signal});
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
    void this.#connect();
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
      this.#poll();
      this.#in('again', POLL_MS, () => this.retry());
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
    if (id && this.after !== idText(id)) {
      this.after = idText(id);
      this.others.postMessage(null);
    }
    if (type === 'hello') {
      this.heard = true;
      this.failures = 0;
      for (const name of ['hello', 'poll', 'again']) this.#stop(name);
    }
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
    this.listener.check();
    this.#in('again', wait, () => this.retry());
  }

  /** Nothing comes through: something between us and the server keeps it back. */
  #mute() {
    this.#drop();
    this.#poll();
    this.#in('again', MUTE_MS, () => this.retry());
  }

  #poll() {
    this.listener.hear({type: 'page.link', link: 'polling', retryAt: null});
    this.listener.check();
    this.#in('poll', this.listener.busy() ? POLL_BUSY_MS : POLL_MS, () => this.#poll());
  }

  /** A stream that was cut off without a word looks like a quiet one. */
  #silent() {
    this.listener.check();
    this.#in('silence', SILENCE_MS, () => this.#silent());
  }

  /** @param {number | null} retryAt */
  #lost(retryAt) {
    const link = navigator.onLine === false ? 'offline' : 'retrying';
    this.listener.hear({type: 'page.link', link, retryAt});
  }

  #looked() {
    if (document.hidden) {
      this.#in('hidden', HIDDEN_MS, () => this.#drop());
      return;
    }
    this.#stop('hidden');
    // What slept may have missed that its stream broke: ask, and open another if there is none.
    this.listener.check();
    this.retry();
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
