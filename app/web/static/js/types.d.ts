// Names for the generated types of the API (api.d.ts), and the client's own.
import type {components} from './api';

type Schemas = components['schemas'];
export type Choice = Schemas['Choice'];
export type Fate = 'LUCKY' | 'NORMAL' | 'UNLUCKY';
export type Picture = Schemas['Image'];
export type Clip = Schemas['Video'];
export type Tape = Schemas['Tape'];
export type State = Schemas['State'];
export type Turn = Schemas['Turn'];
export type Entry = Schemas['HistoryEntry'];
export type Meta = Schemas['Meta'];
export type Settings = Schemas['Settings'];
export type RunningTurn = Schemas['RunningTurn'];
export type Actor = Schemas['Actor'];

/** A world as the page is told of it. */
export interface World {
  id: string;
  title: string;
  tagline: string;
  year: number;
  rating: string;
  language: string;
  width: number;
  height: number;
  is_default: boolean;
}

/** What the page was sent with. */
export interface Boot {
  build: string;
  narrator: string;
  worlds: World[];
  session?: string;
  role?: Role;
  turn?: number | null;
  missing?: boolean;
}

export type Role = 'play' | 'watch';

/** Commit, opening of the channel, number: compared from left to right. */
export type EventId = readonly [number, number, number];

export interface Problem {
  code: string;
  message: string;
  status: number;
  retryAfter: number | null;
}

/** One thing that the player wants, however often it has to be sent. */
export interface Intent {
  key: string;
  kind: 'act' | 'intro' | 'hesitate';
  choice: {id: string | null; text: string} | null;
  expected: number;
  base: EventId;
  /** What ended a turn before this was not it. */
  since: EventId;
  at: number;
  accepted: boolean;
  problem: Problem | null;
}

export interface Told {
  id: EventId;
  turn: Turn;
}

export interface Making extends RunningTurn {
  id: EventId;
  /** Characters heard, counted as the server counts them. */
  heard: number;
  /** Something in between was not heard. */
  gap: boolean;
  at: number;
}

export interface Clock {
  id: EventId;
  turn: number;
  at: number | null;
  heldBy: string | null;
}

export type Link = 'connecting' | 'live' | 'polling' | 'retrying' | 'offline';

export type Mode =
  | 'loading' | 'new' | 'choosing' | 'sending' | 'streaming' | 'error' | 'stale' | 'elsewhere'
  | 'held' | 'voting' | 'spectator' | 'over' | 'gone';

export interface Game {
  session: string;
  role: Role;
  link: Link;
  /** When a lost stream is tried again. */
  retryAt: number | null;
  /** Server time minus ours, in milliseconds. */
  skew: number;
  state: {id: EventId; state: State} | null;
  told: Told | null;
  making: Making | null;
  /** The newest event that ended the making of a turn. */
  ended: EventId;
  /** Who made the turn that was announced last. */
  actor: {id: EventId; turn: number; actor: Actor} | null;
  offer: {id: EventId; turn: number; choices: readonly Choice[]} | null;
  late: readonly {id: EventId; media: Picture}[];
  clips: readonly {id: EventId; media: Clip}[];
  clock: Clock | null;
  reset: EventId;
  /** The last turn that could not be made. */
  failure: {id: EventId; turn: number; problem: Problem} | null;
  intent: Intent | null;
  stale: {turn: number; choice: {id: string | null; text: string}} | null;
  /** A choice that was not used, because another turn was being made. */
  dropped: Game['stale'];
  players: number;
  watchers: number;
  gone: Problem | null;
}

/** `now` is when the page heard of it, in milliseconds of its own clock. */
type Streamed<T extends string, D> = {type: T; id?: EventId; now: number} & D;

/** What can happen to the game, told by the stream or by this page. */
export type Event =
  | Streamed<'hello', Schemas['Hello']>
  | Streamed<'resync', Schemas['Resync']>
  | Streamed<'turn.started', Schemas['TurnStarted']>
  | Streamed<'dispatch.delta', Schemas['DispatchDelta']>
  | Streamed<'turn.committed', Schemas['TurnCommitted']>
  | Streamed<'turn.failed', Schemas['TurnFailed']>
  | Streamed<'image.ready', Schemas['ImageReady']>
  | Streamed<'image.failed', Schemas['ImageFailed']>
  | Streamed<'video.ready', Schemas['VideoReady']>
  | Streamed<'video.failed', Schemas['VideoFailed']>
  | Streamed<'tape.ready', Schemas['TapeReady']>
  | Streamed<'choices.changed', Schemas['ChoicesChanged']>
  | Streamed<'deadline', Schemas['Deadline']>
  | Streamed<'session.reset', Schemas['SessionReset']>
  | Streamed<'session.over', Schemas['SessionOver']>
  | Streamed<'presence', Schemas['Presence']>
  | {type: 'page.link'; link: Link; retryAt: number | null}
  | {type: 'page.loaded'; state: State; entry: Turn | null; now: number; at?: number}
  | {type: 'page.sent'; intent: Intent}
  | {type: 'page.accepted'; key: string}
  | {type: 'page.answered'; key: string; turn: Turn}
  | {type: 'page.refused'; key: string; problem: Problem}
  | {type: 'page.retried'}
  | {type: 'page.dismissed'}
  | {type: 'page.gone'; problem: Problem};

/** A screen of the page, as the page treats it. */
export interface Screen extends HTMLElement {
  boot: Boot;
  session: string;
  seat: Role;
  turn: number | null;
  heading?: string;
  updateComplete?: Promise<unknown>;
}

/** What is to be shown above the page. */
export type Wish = 'help' | 'settings' | 'share' | {picture: Picture} | {session?: string; share?: number};

interface Nav extends HTMLElement {
  session: string | null;
  link: Link | null;
  saved: boolean;
  offline: boolean;
}

declare global {
  var trustedTypes: undefined | {
    createPolicy(name: string, rules: {createScriptURL(url: string): string}): {createScriptURL(url: string): unknown};
  };
  interface Navigator {
    connection?: {saveData?: boolean};
  }
  interface HTMLElementTagNameMap {
    'page-nav': Nav;
    'act-panel': import('./ui/act-panel.js').ActPanel;
    'choice-list': import('./ui/choice-list.js').ChoiceList;
  }
}
