import type { Failure } from '@rostrum/contracts/errors';
import { accessOf } from '@rostrum/contracts/media-urls';
import { waitMs } from '@rostrum/contracts/patience';
import type { CommandInput, PersonCommand } from '@rostrum/contracts/person-socket';
import type { WebinarView } from '@rostrum/contracts/view';
import type { Keep } from '@rostrum/room-client/keep';
import { createRoomClient, type RoomClient, type RoomConnection } from '@rostrum/room-client/room';
import { createStore, type Store } from '@rostrum/room-client/store';
import { configUrlOf } from './address.ts';
import {
  type Admission,
  AdmissionError,
  announcedPhase,
  keepAdmission,
  keptAdmission,
  readAnnouncement,
  readConfig,
  requestToken,
} from './admission.ts';
import { mediaRightKeeper } from './media-right.ts';
import { addQuestion, dropQuestion, type Outbox, parseOutbox, resendAll, settleQuestion } from './outbox.ts';
import { type RememberedWebinar, readRemembered, remember } from './remembered.ts';

export type SessionProblem =
  | 'unknown'
  /** Who comes without a link to a webinar that is not for everybody. */
  | 'refused'
  /** Who comes without their personal link to one that people register for. */
  | 'register'
  /** It wants one. */
  | 'passcode'
  | 'removed'
  | 'sent-out'
  | 'link-invalid'
  | 'link-expired'
  | 'outdated'
  | 'crowded';

export interface SessionState {
  readonly connection: RoomConnection;
  /** What the coordinator last said over the connection. null before that: then `remembered` is shown. */
  readonly view: WebinarView | null;
  /** Title, profile and phase as this tab remembers them or as they were announced; null when neither is so. */
  readonly remembered: RememberedWebinar | null;
  readonly problem: SessionProblem | null;
  /** What became of the one that was entered; null: none was. */
  readonly passcode: 'asking' | 'refused' | null;
  readonly watching: number | null;
  readonly serverOffsetMs: number;
  readonly named: boolean;
  readonly outbox: Outbox;
  /** Votes told but not yet acknowledged, by question. */
  readonly votes: Readonly<Record<string, boolean>>;
}

export interface WatchSession {
  readonly state: Store<SessionState>;
  /** The connection as it is now; it is replaced when a name is given. null before the first. */
  room(): RoomClient | null;
  /** Where the coordinator is; null until that is known. */
  coordinatorUrl(): string | null;
  /** Comes in with this passcode. */
  enter(passcode: string): void;
  command<C extends PersonCommand>(name: C, input: CommandInput<C>): Promise<Failure | null>;
  ask(text: string): void;
  askAgain(questionId: string): void;
  forget(questionId: string): void;
  vote(questionId: string, vote: boolean): void;
  /**
   * Takes a name and stays the same person: a new token, and the connection with it. Rejects with `AdmissionError` and
   * changes nothing then.
   */
  takeName(name: string): Promise<void>;
  /** Gives up a link that no longer holds and watches as a guest. */
  watchAsGuest(): void;
  close(): void;
}

export interface SessionOptions {
  readonly origin: string;
  readonly webinarId: string;
  /** From the address; null: this browser's own. */
  readonly linkToken: string | null;
  readonly keep: Keep;
  readonly keepForTab: Keep;
}

const RETRY_MS = { first: 500, max: 5000 } as const;
/** Failures after which the same command may yet succeed; contracts/errors.ts, without its validators. */
const RETRIABLE = [
  'rate-limited',
  'unavailable',
  'internal',
  'no-sfu',
  'no-broadcaster',
  'node-timeout',
  'node-lost',
];
const RESEND_AFTER_MS = 3000;
/** Somebody waits for their name to be taken; after this it is for them to try again. */
const NAME_WITHIN_MS = 15_000;
const NO_WORD = { code: 'unreachable', retryAfterMs: null } as const;

const resendMs = ({ retryAfterMs }: Failure): number =>
  Math.max(RESEND_AFTER_MS, waitMs(0, retryAfterMs ?? null, Math.random()));

/** Everything between the page and the coordinator: admission, connection, questions and votes that get there. */
export function createSession(options: SessionOptions): WatchSession {
  const { webinarId, keep, keepForTab, origin } = options;
  const isPrivate = accessOf(webinarId) === 'private';
  const store = createStore<SessionState>({
    connection: 'connecting',
    view: null,
    // What is private cannot play before there is a right to it.
    remembered: isPrivate ? null : readRemembered(keepForTab, webinarId),
    problem: null,
    passcode: null,
    watching: null,
    serverOffsetMs: 0,
    named: true,
    outbox: parseOutbox(keepForTab.read(`outbox.${webinarId}`)),
    votes: {},
  });
  let room: RoomClient | null = null;
  let unsubscribe = (): void => undefined;
  let coordinatorUrl = keepForTab.read('coordinator');
  let linkToken = options.linkToken;
  let admission: Admission | null = null;
  let opening: Promise<void> = Promise.resolve();
  let closed = false;
  let retryMs: number = RETRY_MS.first;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (delayMs: number, run: () => void): void => {
    // What was on its way when the page was left would wait for nothing.
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closed) run();
    }, delayMs);
    timers.add(timer);
  };

  const takeMediaRight = mediaRightKeeper(webinarId, () => admission?.token, later);

  const setOutbox = (outbox: Outbox): void => {
    store.set({ outbox });
    keepForTab.write(`outbox.${webinarId}`, outbox.length === 0 ? null : JSON.stringify(outbox));
  };

  const connect = (who: Admission, url: string): void => {
    unsubscribe();
    room?.close();
    admission = who;
    // Who was let in with it.
    if (store.get().problem === 'passcode') store.set({ problem: null, passcode: null });
    store.set({ named: who.named });
    const client = createRoomClient({ coordinatorUrl: url, token: who.token });
    room = client;
    const mirror = (): void => {
      const { connection, view, presence, serverOffsetMs } = client.getState();
      store.set({ connection, serverOffsetMs, watching: presence?.watching ?? store.get().watching });
      if (view !== null && view !== store.get().view) {
        store.set({ view, problem: null });
        remember(keepForTab, webinarId, view);
      }
      if (typeof connection === 'object') refused(connection.refused);
    };
    const offs = [client.subscribe(mirror), client.onSynced(() => resend())];
    unsubscribe = () => {
      for (const off of offs) off();
    };
  };

  const refused = (why: Extract<RoomConnection, object>['refused']): void => {
    if (why === 'webinar-unknown') store.set({ problem: 'unknown' });
    else if (why === 'removed' || why === 'sent-out') store.set({ problem: why });
    else if (why === 'protocol-mismatch') store.set({ problem: 'outdated' });
    else if (why === 'too-many-connections') store.set({ problem: 'crowded' });
    else if (admission?.kept) {
      // Our own token went stale (expired, or the installation was set up anew): simply take another.
      keepAdmission(keep, webinarId, null);
      admission = null;
      later(retryMs, start);
      retryMs = Math.min(RETRY_MS.max, retryMs * 2);
    } else {
      const over = why === 'token-expired' || why === 'revoked';
      store.set({ problem: over ? 'link-expired' : 'link-invalid' });
    }
  };

  let passcode: string | null = null;
  const enter = (entered: string): void => {
    passcode = entered;
    store.set({ passcode: 'asking' });
    start();
  };

  const admit = async (url: string): Promise<Admission> => {
    if (linkToken !== null) return { token: linkToken, kept: false, named: true };
    const kept = keptAdmission(keep, webinarId, Date.now());
    if (kept) return kept;
    const { token } = await requestToken(url, webinarId, null, null, passcode);
    const fresh = { token, kept: true, named: false };
    keepAdmission(keep, webinarId, fresh);
    return fresh;
  };

  /** Title and countdown, or the stream itself, some round trips before the connection stands and has the say. */
  const announce = async (url: string): Promise<void> => {
    const told = await readAnnouncement(url, webinarId);
    if (closed || told === null || store.get().view !== null) return;
    const { title, startsAtUnixMs, profile } = told;
    const phase = announcedPhase(told);
    if (phase !== null) store.set({ remembered: { title, startsAtUnixMs, profile, phase } });
  };

  const open = async (): Promise<void> => {
    coordinatorUrl ??= (await readConfig(configUrlOf(origin, webinarId))).coordinatorUrl;
    keepForTab.write('coordinator', coordinatorUrl);
    const { view, remembered } = store.get();
    // What is live already plays.
    if (view === null && remembered?.phase.phase !== 'live') void announce(coordinatorUrl);
    const who = await admit(coordinatorUrl);
    admission = who;
    if (isPrivate) await takeMediaRight(coordinatorUrl);
    if (!closed) connect(who, coordinatorUrl);
  };

  const start = (): void => {
    opening = open().catch((error: unknown) => {
      const { code, retryAfterMs } = error instanceof AdmissionError ? error : NO_WORD;
      if (code === 'unknown' || code === 'refused') {
        store.set({ problem: code === 'refused' && !isPrivate ? 'register' : code });
        return;
      }
      if (code === 'passcode') {
        store.set({ problem: code, passcode: passcode === null ? null : 'refused' });
        return;
      }
      console.info('rostrum: not admitted yet', error);
      if (code !== 'busy') {
        // The remembered coordinator may have moved.
        coordinatorUrl = null;
        keepForTab.write('coordinator', null);
      }
      later(waitMs(retryMs, retryAfterMs, Math.random()), start);
      retryMs = Math.min(RETRY_MS.max, retryMs * 2);
    });
  };

  /** Waits while the coordinator is busy, as long as it asks to. */
  const rename = async (
    url: string,
    name: string,
    present: string | null,
    untilMs: number,
  ): Promise<{ readonly token: string }> => {
    try {
      return await requestToken(url, webinarId, name, present, passcode);
    } catch (error) {
      if (!(error instanceof AdmissionError)) throw error;
      // It expired, or the installation was set up anew: whoever that was has no votes to keep.
      if (error.code === 'refused' && present !== null) return rename(url, name, null, untilMs);
      const pauseMs = waitMs(RETRY_MS.first, error.retryAfterMs, Math.random());
      if (error.code !== 'busy' || closed || Date.now() + pauseMs > untilMs) throw error;
      await new Promise<void>((resolve) => later(pauseMs, resolve));
      return rename(url, name, present, untilMs);
    }
  };

  const command: WatchSession['command'] = async (name, input) => {
    const client = room;
    if (client === null) return { code: 'unavailable', message: 'not connected' };
    const result = await client.command(name, input);
    // Somebody of the stage came who is called the same: this person is asked for a name again.
    if (!result.ok && result.error.code === 'name-taken') store.set({ named: false });
    return result.ok ? null : result.error;
  };

  const send = async (questionId: string, text: string): Promise<void> => {
    const failure = await command('question:ask', { questionId, text });
    if (closed) return;
    const retry = failure !== null && RETRIABLE.includes(failure.code);
    setOutbox(
      settleQuestion(
        store.get().outbox,
        questionId,
        failure === null ? { ok: true } : { ok: false, code: failure.code, retry },
      ),
    );
    // Without a connection the next one sends it (resend); with one, the service was only busy.
    if (retry) later(resendMs(failure), () => connected() && resendWaiting(questionId));
  };

  const connected = (): boolean => store.get().connection === 'connected';
  const resendWaiting = (questionId: string): void => {
    const waiting = store.get().outbox.find((q) => q.questionId === questionId && q.status === 'waiting');
    if (!waiting) return;
    setOutbox(store.get().outbox.map((q) => (q === waiting ? { ...q, status: 'sending' } : q)));
    void send(waiting.questionId, waiting.text);
  };

  const sendVote = async (questionId: string, vote: boolean): Promise<void> => {
    const failure = await command('question:vote', { questionId, vote });
    if (closed || store.get().votes[questionId] !== vote) return;
    if (failure !== null && RETRIABLE.includes(failure.code)) {
      later(resendMs(failure), () => {
        if (connected() && store.get().votes[questionId] === vote) void sendVote(questionId, vote);
      });
      return;
    }
    const { [questionId]: _settled, ...votes } = store.get().votes;
    store.set({ votes });
  };

  const resend = (): void => {
    setOutbox(resendAll(store.get().outbox));
    for (const q of store.get().outbox) if (q.status === 'sending') void send(q.questionId, q.text);
    for (const [questionId, vote] of Object.entries(store.get().votes)) void sendVote(questionId, vote);
  };

  start();

  return {
    state: store,
    room: () => room,
    coordinatorUrl: () => coordinatorUrl,
    command,
    enter,
    ask(text) {
      const questionId = crypto
        .getRandomValues(new Uint8Array(12))
        .reduce((id, b) => id + b.toString(36), 'q');
      setOutbox(addQuestion(store.get().outbox, questionId, text));
      void send(questionId, text);
    },
    askAgain(questionId) {
      setOutbox(
        store.get().outbox.map((q) => (q.questionId === questionId ? { ...q, status: 'waiting' } : q)),
      );
      resendWaiting(questionId);
    },
    forget: (questionId) => setOutbox(dropQuestion(store.get().outbox, questionId)),
    vote(questionId, vote) {
      store.set({ votes: { ...store.get().votes, [questionId]: vote } });
      void sendVote(questionId, vote);
    },
    async takeName(name) {
      await opening;
      const url = coordinatorUrl;
      if (url === null || admission === null) throw new AdmissionError('unreachable', 'not admitted yet');
      const { token } = await rename(url, name, admission.token, Date.now() + NAME_WITHIN_MS);
      const who = { token, kept: true, named: true };
      keepAdmission(keep, webinarId, who);
      if (closed) return;
      await new Promise<void>((resolve) => {
        connect(who, url);
        const done = room?.onSynced(() => {
          done?.();
          resolve();
        });
        // The name is taken all the same; what was asked goes out with the connection.
        later(4000, resolve);
      });
    },
    watchAsGuest() {
      store.set({ problem: null });
      linkToken = null;
      admission = null;
      start();
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      unsubscribe();
      room?.close();
    },
  };
}
