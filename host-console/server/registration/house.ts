/** Registration, put together: who may come, what they are told, and their pages. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import type { Outbox, Recipient } from '../mail/mail.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock, Ids } from '../ports.ts';
import { BASE_HEADERS } from '../security-headers.ts';
import type { Store, Tx } from '../store/index.ts';
import type { TellOfRegistrations } from '../webhooks/registrations.ts';
import { Codes } from './codes.ts';
import { registrationConsequence } from './consequence.ts';
import { PersonalLinks, type PersonalLinksOptions } from './links.ts';
import { type PublicRates, publicPages } from './pages/routes.ts';
import { Registrations } from './registrations.ts';
import { RegistrationWorker } from './worker.ts';

export interface RegistrationHouseOptions
  extends Pick<PersonalLinksOptions, 'originUrl' | 'submit' | 'secret'> {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Has others told of who registers. */
  readonly tell: TellOfRegistrations;
  readonly rates: PublicRates;
  readonly publicUrl: () => string;
  readonly organizer: () => Recipient;
  readonly addressOf: (request: IncomingMessage) => string;
}

export interface RegistrationHouse {
  readonly registrations: Registrations;
  readonly codes: Codes;
  /** Of `/w/` and `/j/`. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** About once a second: what has become due is done. */
  tick(): void;
  /** Resolves when nothing of what is due is left. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export function registrationHouse(options: RegistrationHouseOptions): RegistrationHouse {
  const { store, logger, metrics } = options;
  const codes = new Codes(options);
  const links = new PersonalLinks(options);
  const planned = (tx: Tx, webinarId: string) => store.webinars.announced(webinarId, tx);
  const unlink = links.unlink.bind(links);
  const worker = new RegistrationWorker({ ...options, planned, codes, unlink });
  const wake = (): void => worker.wake();
  store.follow(registrationConsequence({ registrations: store.registrations, planned, wake }));
  const registrations = new Registrations({
    ...options,
    ...{ planned, codes, wake, unlink },
    counted: (what) => metrics.registrations.inc({ what }),
  });
  const pages = getRequestListener(publicPages({ ...options, registrations, links, codes }).fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) =>
      new Response(null, { status: error instanceof RequestError ? 400 : 500, headers: BASE_HEADERS }),
  });
  return {
    registrations,
    codes,
    serve(request, response) {
      pages(request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a page of registration failed');
        response.destroy();
      });
    },
    tick: wake,
    settled: () => worker.settled(),
    close: () => worker.close(),
  };
}
