import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { BlockList } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { type ErrorCode, type LoggedEvent, RostrumError } from '@rostrum/contracts';
import { type ConnectionLimits, guardConnections } from '@rostrum/service-kit/connections';
import { fixedKeys, type MediaKeyRing } from '@rostrum/service-kit/media-keys';
import type { Readiness as ServiceReadiness } from '@rostrum/service-kit/status';
import type { UnreadableStatus } from '@rostrum/service-kit/unreadable';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { Doorkeeper } from './doors/doorkeeper.ts';
import { accountArea } from './http/account-area.ts';
import { createApi } from './http/api.ts';
import { allowOrigin } from './http/cors.ts';
import { API_RATES, type ApiRates } from './http/desk.ts';
import { answerOf } from './http/failures.ts';
import { invitationArea } from './http/invitation-area.ts';
import { mailArea } from './http/mail-area.ts';
import { memberArea } from './http/member-area.ts';
import { passcodeArea } from './http/passcode-area.ts';
import { planArea } from './http/plan-area.ts';
import { readinessArea } from './http/readiness-area.ts';
import { registrationArea } from './http/registration-area.ts';
import { reportArea } from './http/report-area.ts';
import { seriesArea } from './http/series-area.ts';
import { v1Area } from './http/v1/area.ts';
import { Cursors } from './http/v1/cursors.ts';
import { Idempotency } from './http/v1/idempotency.ts';
import { V1Service } from './http/v1/service.ts';
import { tokenArea } from './http/v1/token-area.ts';
import { webhookArea } from './http/v1/webhook-area.ts';
import { webinarArea } from './http/webinar-area.ts';
import { WebinarService } from './http/webinar-service.ts';
import { AccountService } from './identity/accounts/account-service.ts';
import { MemberService } from './identity/accounts/member-service.ts';
import { Passwords } from './identity/accounts/passwords.ts';
import { Addresses } from './identity/addresses.ts';
import { ApiTokens } from './identity/api-tokens.ts';
import type { CloudFrontKey } from './identity/cloudfront-cookies.ts';
import { LIMITS, type Limits } from './identity/limits.ts';
import { MediaRights } from './identity/media-rights.ts';
import { Passcodes } from './identity/passcode.ts';
import { Seal } from './identity/seal.ts';
import type { Compose } from './mail/compose.ts';
import type { Delivery } from './mail/delivery.ts';
import type { Recipient } from './mail/mail.ts';
import { MailSender } from './mail/sender.ts';
import type { MediaPlane, WordSide } from './media/media-plane.ts';
import type { Metrics } from './metrics.ts';
import { mayOpenSocket, ownOrigins } from './origins.ts';
import { PageOrigins } from './page-origins.ts';
import type { Clock, Ids } from './ports.ts';
import { NetworkQuality } from './quality/network-quality.ts';
import { Readiness, type ReadinessOptions } from './readiness/readiness.ts';
import { type RegistrationHouse, registrationHouse } from './registration/house.ts';
import { isPublicPage, PUBLIC_RATES, type PublicRates } from './registration/pages/routes.ts';
import { Erasure } from './reports/erasure.ts';
import { Presence } from './reports/presence.ts';
import { Reports } from './reports/reports.ts';
import { API_HEADERS } from './security-headers.ts';
import { COMMAND_RATES, type CommandRates, PersonServer } from './sockets/person-server.ts';
import { TurnQueue } from './sockets/turn-queue.ts';
import { type Also, erasing, type KnownSession, type Store } from './store/index.ts';
import { KeyedBuckets } from './token-bucket.ts';
import { guardedLookup } from './webhooks/addresses.ts';
import { deliver } from './webhooks/delivery.ts';
import { webhookConsequence } from './webhooks/messages.ts';
import { tellOfRegistrations } from './webhooks/registrations.ts';
import { WebhookSender } from './webhooks/sender.ts';
import { WebhookService } from './webhooks/service.ts';
import { Access } from './webinars/access.ts';
import { type Decision, PHASE_EVENTS } from './webinars/actor.ts';
import { Attendance } from './webinars/attendance.ts';
import { recordingShape } from './webinars/features/recording/shape.ts';
import type { FoldedState } from './webinars/fold.ts';
import { peekState } from './webinars/peek.ts';
import { phaseView } from './webinars/project.ts';
import { RecordingRule } from './webinars/recording-rule.ts';
import { WebinarRegistry } from './webinars/registry.ts';
import type { SnapshotPolicy } from './webinars/snapshots.ts';

/** The largest message a client may send, bytes; mediasoup's capabilities take about 10 KiB. */
const MAX_MESSAGE_BYTES = 128 * 1024;
/** A connection that died without a word is noticed, on both ends, within the sum of these. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 8000;
/** New connections taken in one turn of the event loop: some milliseconds of it. */
const CONNECTIONS_PER_TURN = 20;
/** What a connection may cost. 16 KiB in 30 s are what a view and its changes take on the slowest network that is any use. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  takenWithinMs: 30_000,
  leastBytes: 16 * 1024,
  streamMs: 75_000,
  headersMs: 15_000,
  pipelined: 16,
};
const REQUEST_GRACE_MS = 1000;
const TICK_MS = 1000;
const EVICT_EVERY_TICKS = 60;
const RETAIN_EVERY_TICKS = 600;
const DOORS_EVERY_TICKS = 5;
const REVIEW_EVERY_TICKS = 10;
const SESSION_SEEN_EVERY_MS = 5 * 60_000;

export type Pages = (request: IncomingMessage, response: ServerResponse) => void;

export interface CoordinatorOptions {
  /** Not yet listening, and without a request listener. */
  readonly httpServer: HttpServer | HttpsServer;
  readonly store: Store;
  readonly secret: string;
  /** Of rights to private channels; default: none, and no private webinars. */
  readonly mediaKeys?: MediaKeyRing;
  /** Of the cookies of rights, where console and media have different names. */
  readonly cookieDomain?: string | null;
  /** Signs the same rights for CloudFront. */
  readonly cloudFront?: CloudFrontKey | null;
  /** Base URL people reach the console at; asked for when needed, since a free port is known only after listening. */
  readonly publicUrl: () => string;
  readonly allowedOrigins: readonly string[];
  readonly mediaPlane: (line: { io: Server; wordSide: WordSide }) => MediaPlane;
  /** Everything that is not API or sockets. null: nothing else is there. */
  readonly pages: Pages | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Gets the rows of the quality log; default: the other one. */
  readonly qualityLogger?: Logger;
  readonly metrics: Metrics;
  readonly commandRates?: CommandRates;
  readonly apiRates?: ApiRates;
  readonly limits?: Limits;
  readonly publicRates?: PublicRates;
  /** Those whose `X-Forwarded-For` is believed; default: none. */
  readonly trustedProxies?: BlockList;
  /** Going live is answered for within this; default 12 s. */
  readonly goLiveAnswerMs?: number;
  /** A live webinar that nobody attends ends after this; 0: never. */
  readonly abandonedEndMs: number;
  /** Doors open by themselves so many minutes before the planned start; default and 0: they do not. */
  readonly doorsMinutes?: number;
  /** Recordings are deleted so long after their webinar's end; default and 0: never. */
  readonly keepRecordingsMs?: number;
  /** Who was at a webinar is forgotten so long after they left; default and 0: never. */
  readonly keepParticipantsMs?: number;
  /** Rows of the quality log are removed after this; default and 0: never. */
  readonly keepQualityMs?: number;
  /** What an event leans on beside this process. */
  readonly surroundings: Pick<ReadinessOptions, 'dataDir' | 'turnUrls' | 'smtp'>;
  /** Webhooks may lead to this machine, without TLS too: for trying them out. Default: no. */
  readonly webhooksToLoopback?: boolean;
  /** Who invites, in calendar files; default: nobody who reads answers. */
  readonly mailFrom?: Recipient | null;
  /** How mails are made and who takes them; default: they stay in the outbox. */
  readonly mail?: { readonly compose: Compose; readonly delivery: Delivery };
  /** When snapshots of webinars are written, and how long events are kept. */
  readonly snapshots?: SnapshotPolicy;
  /** Called when all of the owner's links were revoked here. */
  readonly ownerLinksRevoked?: () => void;
}

export interface Coordinator {
  readonly io: Server;
  readonly mediaPlane: MediaPlane;
  readonly service: WebinarService;
  readonly registration: RegistrationHouse;
  /** Rejects when the log cannot be used. */
  readiness(): Promise<ServiceReadiness>;
  /** Takes up the webinars that are live in the log, whose doors are open, or whose recording is pending or to be deleted. Call once, before listening. */
  adopt(): Promise<void>;
  /** Answers what is under way, closes every connection and the HTTP server. The store stays open. Idempotent. */
  close(): Promise<void>;
}

/** The composition of the coordinator: log, webinars, people's sockets, API and the media side, on one HTTP server. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { store, clock, logger, metrics, httpServer } = options;
  const pageOrigins = new PageOrigins({ kept: store.pageOrigins, clock, logger });
  const isAllowedOrigin = (origin: string): boolean =>
    ownOrigins(options.publicUrl()).includes(origin) ||
    options.allowedOrigins.includes(origin) ||
    pageOrigins.has(origin);

  const limits = options.limits ?? LIMITS;
  const addresses = new Addresses(options.trustedProxies ?? new BlockList(), logger);
  const addressOf = (request: IncomingMessage): string => addresses.of(request);

  const registry = new WebinarRegistry({
    store,
    clock,
    logger,
    snapshots: options.snapshots,
    events: {
      committed: (events, state) => committed(events, state),
      // Not before the commands under way were answered.
      lost: (webinarId) =>
        setImmediate(() => {
          mediaPlane.lost(webinarId);
          people.disconnectAll(webinarId);
        }),
    },
  });
  const attendance = new Attendance(clock, options.abandonedEndMs);
  const wordSide: WordSide = {
    state: (webinarId) => registry.loaded(webinarId)?.state ?? null,
    async phase(webinarId) {
      const row = await store.webinars.find(webinarId);
      return row?.doorsOpen ? 'doors' : (row?.phase ?? null);
    },
    async recordingIsDeleted(webinarId) {
      const recording = (await store.webinars.find(webinarId))?.recording;
      return recording === 'deleting' || recording === 'deleted';
    },
    async shape(webinarId) {
      const known = registry.loaded(webinarId)?.state;
      const state = known ?? (await peekState({ webinarId, store, clock, logger }));
      return state && recordingShape(state);
    },
    async append(webinarId, decide) {
      await submit(webinarId, decide);
    },
    servesPages: (originUrl) => pageOrigins.note(originUrl),
    network: (webinarId, seen) => quality.seen(webinarId, seen),
    isConnected: ({ connectionId }) => people.isConnected(connectionId),
    tell: (to, event, ...args) => people.tell(to, event, ...args),
  };

  // The request listener comes first: Socket.IO wraps the listeners it finds and takes only its own path.
  httpServer.on('request', (request, response) => route(request, response));
  const sockets = new KeyedBuckets(limits.handshakes.sockets);
  const arrivals = new TurnQueue(CONNECTIONS_PER_TURN);
  const io = new Server(httpServer, {
    allowRequest(request, decide) {
      if (!mayOpenSocket(request.headers, isAllowedOrigin)) decide('origin', false);
      else if (sockets.take(addressOf(request), clock.nowMs()) > 0) decide('rate-limited', false);
      else arrivals.enter(() => decide(null, true));
    },
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    serveClient: false,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    cors: {
      origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin)),
      methods: ['GET', 'POST'],
    },
  });
  // Last, so that it looks at Socket.IO's requests too.
  const unguard = guardConnections(httpServer, CONNECTION_LIMITS, {
    unreadable: (status) =>
      JSON.stringify({ error: { code: UNREADABLE_CODES[status], message: 'the request could not be read' } }),
    methods: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    most: { ...limits.connections, clientOf: (peer) => addresses.ofPeer(peer) },
  });
  const mediaPlane = options.mediaPlane({ io, wordSide });
  const quality = new NetworkQuality({
    stage: mediaPlane,
    clock,
    logger: options.qualityLogger ?? logger,
    metrics: metrics.stage,
    kept: store.quality,
  });
  const presence = new Presence({
    stays: store.stays,
    clock,
    ids: options.ids,
    logger,
    stageOf: (webinarId) => ({
      node: mediaPlane.stageNode(webinarId),
      people: mediaPlane.withMedia(webinarId),
    }),
  });
  const access = new Access({
    secret: options.secret,
    registry,
    clock,
    ownerGeneration: () => store.installation.ownerGeneration(),
    sessions: {
      find: (...session) => store.sessions.find(...session),
      used: (session) => sessionUsed(session),
    },
  });
  const people = new PersonServer({
    io,
    registry,
    mediaPlane,
    quality,
    attendance,
    presence,
    access,
    clock,
    logger,
    metrics,
    rates: options.commandRates ?? COMMAND_RATES,
    limits,
    addressOf,
    countryOf: (request) => addresses.countryOf(request),
    publicUrl: options.publicUrl,
    standing: (sessionIds) => store.sessions.standing(sessionIds, clock.nowUnixMs()),
    goLiveAnswerMs: options.goLiveAnswerMs,
  });
  const submitInTurn = (webinarId: string, decision: Decision): Promise<FoldedState> =>
    people.inPhaseTurn(webinarId, () => submit(webinarId, decision));
  const passwords = new Passwords();
  const passcodes = new Passcodes({
    rows: store.passcodes,
    passwords,
    nowUnixMs: () => clock.nowUnixMs(),
  });
  store.follow(erasing);
  const erasure = new Erasure({ store, submit, isAnyLive: () => registry.live().length > 0 });
  const service = new WebinarService({
    passcodes,
    store,
    clock,
    ids: options.ids,
    secret: options.secret,
    mediaRights: new MediaRights({
      ring: options.mediaKeys ?? fixedKeys([]),
      cookieDomain: options.cookieDomain ?? null,
      cloudFront: options.cloudFront ?? null,
      clock,
      publicUrl: options.publicUrl,
      originUrl: (webinarId) => mediaPlane.originUrl(webinarId),
    }),
    publicUrl: options.publicUrl,
    originUrl: (webinarId) => mediaPlane.originUrl(webinarId),
    recordingTrouble: () => mediaPlane.recordingTrouble(),
    recordingRemains: (webinarId) => mediaPlane.recordingRemains(webinarId),
    submit,
    submitInTurn,
    connectionsByLink: (webinarId) => people.connectionsByLink(webinarId),
    phaseOf(webinarId) {
      const actor = registry.loaded(webinarId);
      return actor && phaseView(actor.state, mediaPlane.originUrl(webinarId));
    },
    unattended: (webinarId) => attendance.unattended(webinarId),
    qualityRows: (webinarId) => quality.rows(webinarId),
    stateOf: (webinarId) => registry.loaded(webinarId)?.state ?? null,
    ownerLinksRevoked: () => options.ownerLinksRevoked?.(),
  });
  const reviewSessions = (): void =>
    background(people.reviewSessions(), 'the connections of sessions that ended');
  const accounts = new AccountService({
    store,
    passwords,
    clock,
    ids: options.ids,
    sessionsChanged: reviewSessions,
    ownerLinksRevoked: () => options.ownerLinksRevoked?.(),
  });
  const tokens = new ApiTokens({ store, clock, ids: options.ids, logger });
  const members = new MemberService({
    ...{ store, accounts, passwords, clock, ids: options.ids },
    outbox: store.mails,
    publicUrl: options.publicUrl,
    sessionsChanged: reviewSessions,
  });
  const readiness = new Readiness({
    ...options.surroundings,
    ...{ clock, publicUrl: options.publicUrl, cookieDomain: options.cookieDomain ?? null },
    originUrl: () => mediaPlane.originUrl(),
    nodes: () => mediaPlane.readiness(),
  });
  const idempotency = new Idempotency({
    store,
    seal: new Seal(options.secret, 'idempotent answers'),
    clock,
    logger,
  });
  const cursors = new Cursors(options.secret);
  const allowLoopback = options.webhooksToLoopback ?? false;
  store.follow(webhookConsequence(store.webhooks));
  const lookup = guardedLookup(allowLoopback);
  const webhookSender = new WebhookSender({
    ...{ webhooks: store.webhooks, clock, logger },
    deliver: (message) => deliver(message, { lookup, allowLoopback }),
  });
  const webhooks = new WebhookService({
    ...{ store, cursors, clock, ids: options.ids, allowLoopback },
    wake: () => void webhookSender.look(),
  });
  const v1 = new V1Service({
    webinars: store.webinars,
    service,
    cursors,
    clock,
    submit,
    submitInTurn,
    command: (...asked) => people.command(...asked),
    stateOf: async (webinarId) =>
      registry.loaded(webinarId)?.state ?? (await peekState({ webinarId, store, clock, logger })),
    onStage: (webinarId) => mediaPlane.onStage(webinarId),
    originUrl: (webinarId) => mediaPlane.originUrl(webinarId),
    downloads: (webinarId) => mediaPlane.health(webinarId).downloads,
  });
  const registration = registrationHouse({
    ...{ store, clock, logger, metrics, addressOf, submit },
    ids: options.ids,
    secret: options.secret,
    outbox: store.mails,
    tell: tellOfRegistrations(store.webhooks),
    rates: options.publicRates ?? PUBLIC_RATES,
    publicUrl: options.publicUrl,
    originUrl: (webinarId) => mediaPlane.originUrl(webinarId),
    organizer: () =>
      options.mailFrom ?? { address: `no-reply@${new URL(options.publicUrl()).hostname}`, name: null },
  });
  const rates = options.apiRates ?? API_RATES;
  const api = getRequestListener(
    createApi({
      areas: [
        webinarArea({ service, metrics, rates, limits }),
        readinessArea({ readiness, store }),
        invitationArea({ service, store, clock }),
        seriesArea({ service, store, submit, submitInTurn, clock, ids: options.ids }),
        registrationArea({ store, registrations: registration.registrations }),
        reportArea({ reports: new Reports({ store, clock }), service, erasure }),
        planArea({ webinars: store.webinars, submit, submitInTurn }),
        passcodeArea({ webinars: store.webinars, passcodes }),
        tokenArea({ tokens, idempotency }),
        v1Area({ service, v1, idempotency }),
        webhookArea({ webhooks, idempotency }),
        mailArea({ mails: store.mails, delivery: options.mail?.delivery.kind ?? 'folder', clock }),
        memberArea({ members, rates: limits.signIn, publicUrl: options.publicUrl }),
        accountArea({ accounts, rates: limits.signIn, publicUrl: options.publicUrl }),
      ],
      access,
      tokens,
      clock,
      logger,
      metrics,
      rates,
      limits,
      addressOf,
      publicUrl: options.publicUrl,
    }).fetch,
    {
      overrideGlobalObjects: false,
      // Of a request that is none (its host, its path), or an answer that could not be made.
      errorHandler(error) {
        const { status, body } = answerOf(
          error instanceof RequestError ? new RostrumError('bad-input', error.message) : error,
        );
        return Response.json(body, { status, headers: API_HEADERS });
      },
    },
  );

  function route(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?', 1)[0] ?? '/';
    const isApi = path === '/api' || path.startsWith('/api/');
    if (isApi) allowOrigin(request, response, isAllowedOrigin);
    if (isPublicPage(path)) registration.serve(request, response);
    else if (isApi || !options.pages || SERVICE_PATHS.has(path)) {
      api(request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'request failed');
        response.destroy();
      });
    } else options.pages(request, response);
  }

  function committed(events: readonly LoggedEvent[], state: FoldedState): void {
    people.publish(events, state);
    for (const { event } of events) {
      if (event.type === 'person.erased') {
        background(readAnew(state.webinarId, event), 'erase');
        continue;
      }
      mediaPlane.observe(state, event);
      if (event.type === 'person.removed' || event.type === 'person.sentOut') {
        background(people.remove(state.webinarId, event.personId), 'media of who was removed');
      } else if (event.type === 'link.revoked' || event.type === 'links.revoked') {
        background(people.revoke(state.webinarId, state), 'connections of links that were revoked');
      } else if (event.type === 'guest.returned') {
        background(
          mediaPlane.dismiss(state.webinarId, event.personId, 'returned'),
          'media of a guest who was returned',
        );
      } else if (PHASE_EVENTS.has(event.type)) {
        logger.info({ webinarId: state.webinarId, phase: state.phase.phase }, 'webinar changed phase');
      }
    }
  }

  /** Its log was written anew without somebody: nothing of what is in memory may be told any more. */
  async function readAnew(webinarId: string, event: LoggedEvent['event']): Promise<void> {
    // Not before the command was answered.
    await new Promise((resolve) => setImmediate(resolve));
    registry.letGo(webinarId);
    const actor = await registry.get(webinarId);
    if (actor) mediaPlane.observe(actor.state, event);
  }

  async function submit(webinarId: string, decision: Decision, also?: Also): Promise<FoldedState> {
    const actor = await registry.get(webinarId);
    if (!actor) throw new RostrumError('not-found', `no webinar ${webinarId}`);
    return actor.submit(decision, null, also);
  }

  function background(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => logger.error({ err: error, what }, 'not closed'));
  }

  /** Written down now and then: a request is no reason for a commit. */
  function sessionUsed({ sessionId, seenUnixMs }: KnownSession): void {
    const nowUnixMs = clock.nowUnixMs();
    if (nowUnixMs - seenUnixMs < SESSION_SEEN_EVERY_MS) return;
    store.database
      .transact((tx) => store.sessions.touch(tx, sessionId, nowUnixMs))
      .catch((error: unknown) => logger.warn({ err: error }, 'that a session was used is not written down'));
  }

  /** Shows that nobody attends end by the rule. */
  function lookAfterShows(): void {
    const live = registry.live().map(({ webinarId }) => ({
      webinarId,
      attended: people.hasCrew(webinarId) || mediaPlane.onStage(webinarId).length > 0,
    }));
    for (const webinarId of attendance.look(live)) {
      logger.warn({ webinarId }, 'nobody attends this webinar any more: it ends');
      people
        .endUnattended(webinarId)
        .catch((error: unknown) => logger.error({ err: error, webinarId }, 'it could not be ended'));
    }
  }

  const mailSender =
    options.mail &&
    new MailSender({ ...options.mail, mails: store.mails, clock, logger, metrics: metrics.mail });
  const keepMs = options.keepRecordingsMs ?? 0;
  const rule =
    keepMs === 0 ? null : new RecordingRule({ webinars: store.webinars, submit, keepMs, clock, logger });
  const doorkeeper = new Doorkeeper({
    webinars: store.webinars,
    // Reading takes nothing from whoever writes it.
    stateOf: async (webinarId) =>
      registry.loaded(webinarId)?.state ?? (await peekState({ webinarId, store, clock, logger })),
    open: (webinarId) => people.openDoors(webinarId),
    close: (webinarId) => people.closeDoors(webinarId),
    hasCrew: (webinarId) => people.hasCrew(webinarId),
    openMinutes: options.doorsMinutes ?? 0,
    clock,
    logger,
  });
  let ticks = 0;
  const ticking = setInterval(() => {
    lookAfterShows();
    people.tick();
    presence.tick();
    if (ticks % DOORS_EVERY_TICKS === 0) void doorkeeper.look();
    ticks += 1;
    // Sessions end in other processes too.
    if (ticks % REVIEW_EVERY_TICKS === 0) reviewSessions();
    if (ticks % EVICT_EVERY_TICKS === 0) registry.evict((webinarId) => people.hasPeople(webinarId));
    if (ticks % RETAIN_EVERY_TICKS === EVICT_EVERY_TICKS) {
      registry.retain().catch((error: unknown) => logger.warn({ err: error }, 'old events were not removed'));
    }
    if (ticks % EVICT_EVERY_TICKS === 0) {
      presence
        .closeOfLost('later')
        .catch((error: unknown) => logger.warn({ err: error }, 'who is gone could not be written'));
    }
    if (ticks % RETAIN_EVERY_TICKS === 2) {
      idempotency
        .tick()
        .catch((error: unknown) => logger.warn({ err: error }, 'old answers were not removed'));
    }
    if (options.keepParticipantsMs && ticks % RETAIN_EVERY_TICKS === 2) {
      store.stays
        .forget(clock.nowUnixMs() - options.keepParticipantsMs)
        .catch((error: unknown) => logger.warn({ err: error }, 'participants of long ago were not removed'));
    }
    if (options.keepQualityMs && ticks % RETAIN_EVERY_TICKS === 3) {
      store.quality
        .forget(clock.nowUnixMs() - options.keepQualityMs)
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'old rows of the quality log were not removed'),
        );
    }
    if (rule && ticks % RETAIN_EVERY_TICKS === 1) void rule.look();
    metrics.webinars.set(registry.size);
  }, TICK_MS);

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    clearInterval(ticking);
    unguard();
    await registry.settled();
    await webhookSender.stop();
    await mailSender?.stop();
    people.close();
    await registration.close();
    await mediaPlane.close();
    await pageOrigins.close();
    // Requests under way get this long; one that never ends must not keep the process.
    const cut = setTimeout(() => httpServer.closeAllConnections(), REQUEST_GRACE_MS);
    await io.close();
    clearTimeout(cut);
    await presence.close();
    await quality.close();
  }

  return {
    io,
    mediaPlane,
    service,
    registration,
    async readiness() {
      await store.check();
      return { ready: true, ...mediaPlane.readiness() };
    },
    async adopt() {
      await pageOrigins.load();
      webhookSender.start();
      await presence.closeOfLost('start');
      for (const webinarId of await Promise.all([
        store.webinars.live(),
        store.webinars.doorsOpen(),
        store.webinars.unsettled(),
      ]).then((ids) => ids.flat())) {
        const actor = await registry.get(webinarId).catch((error: unknown) => {
          // A database that is away is no reason to begin without what it has; one log that cannot be read is none to keep
          // everybody else waiting.
          if (error instanceof RostrumError && error.code === 'unavailable') throw error;
          logger.error({ err: error, webinarId }, 'a webinar that is live or pending cannot be taken up');
          return null;
        });
        if (actor) mediaPlane.adopt(actor.state);
      }
      mailSender?.start();
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const UNREADABLE_CODES: Readonly<Record<UnreadableStatus, ErrorCode>> = {
  400: 'bad-input',
  408: 'unavailable',
  413: 'too-large',
  431: 'too-large',
};

const SERVICE_PATHS = new Set(['/healthz']);
