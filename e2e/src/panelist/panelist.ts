import { randomBytes } from 'node:crypto';
import { mayPass } from '@rostrum/panel-sfu/client/errors';
import { CommandError } from '@rostrum/room-client/command';
import { createRoomClient, type RoomClient } from '@rostrum/room-client/room';
import type { PanelistMedia } from './media.ts';
import { type Pacer, pacer as processPacer } from './pacer.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/** Somebody on the stage without a browser: everything of a panelist's page but the page. */
export interface HeadlessPanelist {
  readonly personId: string;
  /** How it ended for good; never rejects. */
  readonly ended: Promise<Ending>;
  /** Mutes or unmutes the microphone, as the panelist's own button does; kept over reconnections. */
  setMuted(muted: boolean): void;
  readonly muted: boolean;
  /** Leaves the stage. Idempotent. */
  close(): Promise<void>;
}

export type Ending =
  | { readonly kind: 'closed' }
  /** Taken off the stage, or the webinar is over. */
  | { readonly kind: 'dismissed'; readonly reason: 'removed' | 'returned' | 'ended' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** What keeps a panelist from the stage, told once with each attempt that failed and each stay that was lost. */
export interface Trouble {
  readonly what: 'could-not-join' | 'lost';
  /** An `ErrorCode` of the coordinator, `replaced`, `network`, or `error` for what should not happen. */
  readonly code: string;
  readonly message: string;
  /** It is tried again after this time, or as soon as the coordinator is back if that takes longer. */
  readonly retryInMs: number;
}

export interface JoinOptions {
  readonly coordinatorUrl: string;
  /** Of the panelist's link. */
  readonly token: string;
  readonly media: PanelistMedia;
  readonly progress?: (line: string) => void;
  readonly onTrouble?: (trouble: Trouble) => void;
  /** Gives up the first join; without one it is tried for ever. */
  readonly signal?: AbortSignal;
  readonly pacer?: Pacer;
  /** What a stay on the stage is, where it is not to send `media`. */
  readonly openSession?: (options: SessionOptions) => Promise<Session>;
}

const REJOIN = { firstDelayMs: 200, maxDelayMs: 5000, steadyAfterMs: 10_000 } as const;

/**
 * Brings coded media to the stage: the token's person connects, joins and sends, and comes back by itself from lost nodes,
 * restarted coordinators and broken networks.
 * Answers when the media flows for the first time. Rejects when it never can (refused, dismissed) or `signal` says so.
 */
export async function joinHeadless(options: JoinOptions): Promise<HeadlessPanelist> {
  const panelist = new Panelist(options);
  const given = Promise.withResolvers<never>();
  const abort = (): void => given.reject(options.signal?.reason);
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  try {
    await Promise.race([panelist.joined, given.promise]);
    return panelist;
  } catch (error) {
    await panelist.close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

class Panelist implements HeadlessPanelist {
  readonly joined: Promise<void>;
  readonly ended: Promise<Ending>;
  readonly #options: JoinOptions;
  readonly #room: RoomClient;
  /** Ties sound and picture together for whoever receives them. */
  readonly #cname = randomBytes(12).toString('base64url');
  readonly #joined = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<Ending>();
  #state: 'joining' | 'on-stage' | 'ended' = 'joining';
  #session: { readonly opened: Session; readonly sinceMs: number } | null = null;
  #attempts = 0;
  /** Counts attempts and losses, so that what belongs to an earlier one is recognised. */
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  muted = false;

  constructor(options: JoinOptions) {
    this.#options = options;
    this.joined = this.#joined.promise;
    this.ended = this.#ended.promise;
    // Whoever waits is told; where nobody waits any more, it is no rejection that went unseen.
    this.joined.catch(() => undefined);
    this.#room = createRoomClient(options);
    this.#room.subscribe(() => {
      const { connection } = this.#room.getState();
      if (typeof connection === 'object') {
        this.#end({ kind: 'refused', code: connection.refused, message: 'the coordinator refused the link' });
      }
    });
    this.#room.onSynced(() => void this.#synced());
    this.#room.on('media.muted', () => this.setMuted(true));
    this.#room.on('media.reset', ({ reason }) => {
      switch (reason) {
        case 'node-lost':
          // Told when it is gone for certain, or another is there: no reason to wait longer than at first.
          this.#attempts = 0;
          return this.#lost(reason, 'the media server went away');
        case 'replaced':
          // Whoever else has this link may stay for a while.
          this.#attempts = Number.POSITIVE_INFINITY;
          return this.#lost(reason, 'somebody else joined with the same link');
        case 'removed':
        case 'returned':
        case 'ended':
          return this.#end({ kind: 'dismissed', reason });
      }
    });
  }

  get personId(): string {
    const { view } = this.#room.getState();
    if (!view) throw new Error('not in the webinar yet');
    return view.self.personId;
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    const session = this.#session?.opened;
    session?.setMuted(muted).catch((error: unknown) => {
      // The next stay begins as it should be.
      if (this.#session?.opened === session) this.#lost(codeOf(error), messageOf(error));
    });
  }

  async close(): Promise<void> {
    const told = this.#state === 'on-stage';
    this.#end({ kind: 'closed' }, async () => {
      if (told) await this.#room.command('media:leave', {}, { deadlineMs: 2000 });
    });
    await this.#last;
  }

  /** After each new connection: goes on with what stands, or joins. */
  async #synced(): Promise<void> {
    const before = this.#session;
    if (before) {
      const answer = await this.#room.command('media:join', { resume: true });
      if (this.#session !== before || (answer.ok && answer.value.resumed)) return;
      if (!answer.ok && this.#room.getState().connection !== 'connected') return; // the next `sync` asks again
      this.#drop();
    }
    this.#connect();
  }

  #connect(): void {
    if (this.#state === 'ended') return;
    clearTimeout(this.#timer);
    this.#turn += 1;
    const mine = this.#turn;
    // One at a time: an earlier one still asking would take the transport that a later one is entitled to.
    this.#last = this.#last.then(() => (mine === this.#turn ? this.#tryOnce(mine) : undefined));
  }

  /** Never throws. */
  async #tryOnce(mine: number): Promise<void> {
    try {
      const open = this.#options.openSession ?? openSession;
      const opened: Session = await open({
        room: this.#room,
        media: this.#options.media,
        cname: this.#cname,
        muted: this.muted,
        pacer: this.#options.pacer ?? processPacer,
        onLost: (why) => {
          if (mine === this.#turn) this.#lost('network', why);
        },
      });
      if (mine !== this.#turn) return await opened.close();
      this.#session = { opened, sinceMs: performance.now() };
      this.#state = 'on-stage';
      this.#options.progress?.('on stage');
      this.#joined.resolve();
    } catch (error) {
      if (mine !== this.#turn) return;
      if (error instanceof CommandError && !mayPass(error.code)) {
        return this.#end({ kind: 'refused', code: error.code, message: error.message });
      }
      this.#again('could-not-join', codeOf(error), messageOf(error));
    }
  }

  #lost(code: string, message: string): void {
    if (this.#state === 'ended') return;
    if (
      this.#session &&
      performance.now() - this.#session.sinceMs > REJOIN.steadyAfterMs &&
      code !== 'replaced'
    ) {
      this.#attempts = 0;
    }
    this.#drop();
    this.#again('lost', code, message);
  }

  #again(what: Trouble['what'], code: string, message: string): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const ceilingMs = Math.min(REJOIN.maxDelayMs, REJOIN.firstDelayMs * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts, 10) + 1;
    const retryInMs = Math.round(ceilingMs * (0.5 + 0.5 * Math.random()));
    this.#options.onTrouble?.({ what, code, message, retryInMs });
    this.#timer = setTimeout(() => {
      // Without a connection the next `sync` joins.
      if (this.#room.getState().connection === 'connected') this.#connect();
    }, retryInMs);
  }

  #drop(): void {
    const session = this.#session;
    this.#session = null;
    if (this.#state === 'on-stage') this.#state = 'joining';
    if (!session) return;
    const closed = session.opened.close().catch((error: unknown) => {
      this.#options.progress?.(`what was sent could not be closed: ${messageOf(error)}`);
    });
    this.#last = Promise.all([this.#last, closed]);
  }

  #end(ending: Ending, farewell?: () => Promise<void>): void {
    if (this.#state === 'ended') return;
    this.#drop();
    this.#state = 'ended';
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#last = this.#last.then(farewell).finally(() => this.#room.close());
    this.#joined.reject(new Error(`not on stage: ${JSON.stringify(ending)}`));
    this.#ended.resolve(ending);
  }
}

const codeOf = (error: unknown): string => (error instanceof CommandError ? error.code : 'error');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
