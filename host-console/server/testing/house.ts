import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AccountRole,
  applyDelta,
  type CommandInput,
  type CommandOutput,
  PERSON_NAMESPACE,
  type PersonCommand,
  PROTOCOL_VERSION,
  type Result,
  type Role,
  type ShowHealth,
  type Sync,
  signLink,
  type ViewDelta,
  type WebinarView,
} from '@rostrum/contracts';
import { type Logger, pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { type CoordinatorOptions, createCoordinator } from '../coordinator.ts';
import { hashOf, newSecret, SESSION_MS, sessionCookie } from '../identity/accounts/session-cookie.ts';
import { LIMITS } from '../identity/limits.ts';
import { createMetrics } from '../metrics.ts';
import { randomIds, systemClock } from '../ports.ts';
import { openStore, type Store, type WebinarRole } from '../store/index.ts';
import { RecordingMediaPlane } from './recording-media-plane.ts';

export const SECRET = 'a secret for tests, longer than 32 bytes';
const silent: Logger = pino({ level: 'silent' });

const MANY = { burst: 1e6, perSecond: 1e6 };
/** Limits that no test reaches by accident. */
const GENEROUS = {
  commandRates: { stage: MANY, audience: MANY, connect: MANY, refused: MANY },
  apiRates: { attendees: MANY, other: MANY },
  limits: {
    identity: {
      ...LIMITS.identity,
      open: { made: MANY, votes: Infinity, hands: Infinity, questions: Infinity },
    },
    connections: { all: 1e6, perClient: 1e6 },
    madeInRoom: MANY,
    http: { person: MANY, room: MANY },
    handshakes: { sockets: MANY, address: MANY, room: MANY },
    commands: { address: MANY, room: MANY },
    signIn: { address: MANY, account: MANY, both: MANY },
    socketsPerPerson: 1e6,
  },
};

/** A whole coordinator on a free port, over SQLite in a temporary folder, with a media side that only records. */
export async function openHouse(overrides: Partial<CoordinatorOptions> & { dataDir?: string } = {}) {
  const dataDir = overrides.dataDir ?? mkdtempSync(join(tmpdir(), 'rostrum-house-'));
  const store: Store = overrides.store ?? (await openStore({ databaseUrl: null, dataDir }, silent));
  const mediaPlane = new RecordingMediaPlane();
  const httpServer = createServer();
  const metrics = createMetrics();
  let url = '';
  const coordinator = createCoordinator({
    httpServer,
    store,
    secret: SECRET,
    publicUrl: () => url,
    allowedOrigins: ['https://pages.example'],
    mediaPlane({ wordSide }) {
      mediaPlane.words = wordSide;
      if (mediaPlane.origin) wordSide.servesPages(mediaPlane.origin);
      return mediaPlane;
    },
    pages: null,
    clock: systemClock,
    ids: randomIds,
    logger: silent,
    metrics,
    abandonedEndMs: 0,
    surroundings: { dataDir, turnUrls: [], smtp: null },
    ...GENEROUS,
    ...overrides,
  });
  await coordinator.adopt();
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const clients: Client[] = [];

  return {
    url,
    dataDir,
    store,
    mediaPlane,
    metrics,
    coordinator,
    async webinar(title = 'A webinar'): Promise<string> {
      const webinarId = randomIds.next();
      await store.events.create(webinarId, {
        atUnixMs: Date.now(),
        event: { type: 'webinar.created', title, startsAtUnixMs: null, profile: 'standard' },
      });
      return webinarId;
    },
    /** Somebody who is signed in, and who they are in a webinar. */
    async account(
      role: AccountRole,
      { name = `A ${role}`, webinarId = '', here = null as WebinarRole | null } = {},
    ) {
      const [accountId, sessionId, secret] = [randomIds.next(), randomIds.next(), newSecret()];
      const nowUnixMs = Date.now();
      const email = `${accountId}@example.org`;
      await store.database.transact(async (tx) => {
        const account = { accountId, email, name, role, locale: 'en', passwordHash: null } as const;
        await store.accounts.add(tx, { ...account, createdUnixMs: nowUnixMs });
        await store.sessions.add(tx, {
          ...{ sessionId, accountId, tokenHash: hashOf(secret), userAgent: 'Browser', method: 'password' },
          ...{ createdUnixMs: nowUnixMs, expiresUnixMs: nowUnixMs + SESSION_MS },
        });
        if (here !== null) await store.accounts.assign(tx, webinarId, accountId, here);
      });
      return { accountId, sessionId, email, cookie: sessionCookie(secret, url).split(';')[0] ?? '' };
    },
    /** A client that is connected and has its first view. */
    async enter(
      webinarId: string,
      role: Exclude<Role, 'owner'>,
      personId = randomIds.next(),
      headers: Record<string, string> = {},
    ) {
      const token = await tokenOf(webinarId, role, personId);
      const client = new Client(url, { token, personId }, headers);
      clients.push(client);
      await client.synced();
      return client;
    },
    client(auth: Record<string, unknown>, headers: Record<string, string> = {}): Client {
      const client = new Client(url, { ...auth, personId: '' }, headers);
      clients.push(client);
      return client;
    },
    async close(keepData = false): Promise<void> {
      for (const client of clients) client.socket.disconnect();
      await coordinator.close();
      await store.close();
      if (!keepData) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export const tokenOf = (
  webinarId: string,
  role: Exclude<Role, 'owner'>,
  personId: string,
  name = `Name of ${personId}`,
): Promise<string> =>
  signLink(
    { linkId: `link-of-${personId}`, generation: 0, webinarId, personId, role, name },
    SECRET,
    Date.now() + 3_600_000,
  );

/** What a page does: keeps its view by `sync` and `deltas`, and asks. */
export class Client {
  readonly socket: Socket;
  readonly personId: string;
  view: WebinarView | null = null;
  seq = -1;
  readonly syncs: Sync[] = [];
  /** The last `health` told. */
  health: ShowHealth | null = null;
  readonly updates: { seq: number; deltas: readonly ViewDelta[] }[] = [];

  constructor(
    url: string,
    { personId, ...auth }: Record<string, unknown>,
    extraHeaders: Record<string, string> = {},
  ) {
    this.personId = String(personId);
    this.socket = io(`${url}${PERSON_NAMESPACE}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders,
      auth: { protocol: PROTOCOL_VERSION, ...auth },
    });
    this.socket.on('sync', (sync: Sync) => {
      this.syncs.push(sync);
      this.seq = sync.seq;
      if (sync.kind === 'snapshot') this.view = sync.view;
      else this.#apply(sync.deltas);
    });
    this.socket.on('health', (health: ShowHealth) => {
      this.health = health;
    });
    this.socket.on('deltas', (update: { seq: number; deltas: readonly ViewDelta[] }) => {
      this.updates.push(update);
      this.seq = update.seq;
      this.#apply(update.deltas);
    });
  }

  #apply(deltas: readonly ViewDelta[]): void {
    if (this.view) this.view = deltas.reduce(applyDelta, this.view);
  }

  /** Resolves with the first message after connecting; rejects with the refusal's code. */
  async synced(): Promise<Sync> {
    const known = this.syncs.at(-1);
    if (known) return known;
    return new Promise((resolve, reject) => {
      this.socket.once('sync', resolve);
      this.socket.once('connect_error', (error: Error & { data?: { code: string } }) =>
        reject(new Error(error.data?.code ?? error.message)),
      );
    });
  }

  /** Resolves when the server has closed the connection. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.disconnected) resolve();
      else this.socket.once('disconnect', () => resolve());
    });
  }

  ask<C extends PersonCommand>(command: C, input: CommandInput<C>): Promise<Result<CommandOutput<C>>> {
    return this.raw(command, input) as Promise<Result<CommandOutput<C>>>;
  }

  raw(event: string, ...args: unknown[]): Promise<Result<unknown>> {
    return this.socket.timeout(5000).emitWithAck(event, ...args) as Promise<Result<unknown>>;
  }

  /** The command has to succeed. */
  async must<C extends PersonCommand>(command: C, input: CommandInput<C>): Promise<CommandOutput<C>> {
    const result = await this.ask(command, input);
    if (!result.ok) throw new Error(`${command}: ${result.error.code} ${result.error.message}`);
    return result.value;
  }

  /** The code the command is refused with; 'ok' when it is not. */
  async code(event: string, ...args: unknown[]): Promise<string> {
    const result = await this.raw(event, ...args);
    return result.ok ? 'ok' : result.error.code;
  }
}

/** Resolves once `check` answers something; rejects after 5 s. */
export async function until<T>(check: () => T | null | undefined | false): Promise<T> {
  const endMs = performance.now() + 5000;
  for (;;) {
    const found = check();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`never came true: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
