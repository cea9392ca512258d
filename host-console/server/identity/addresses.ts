import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { Logger } from 'pino';
import { addressKey, clientAddress, isTrusted } from './address.ts';

/** Whom requests and connections are counted by. */
export class Addresses {
  readonly #proxies: BlockList;
  readonly #logger: Logger;
  #toldOfProxy = false;

  /** `proxies`: those whose `X-Forwarded-For` is believed. */
  constructor(proxies: BlockList, logger: Logger) {
    this.#proxies = proxies;
    this.#logger = logger;
  }

  of(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for'] !== undefined;
    if (forwarded && !this.#toldOfProxy) this.#tellOfProxy(request.socket.remoteAddress);
    return addressKey(clientAddress(request, this.#proxies));
  }

  /** The country that a CDN in front says (ISO 3166-1 alpha-2), where the one who hands it on is a trusted proxy; null: nobody says. */
  countryOf(request: IncomingMessage): string | null {
    if (!isTrusted(this.#peer(request.socket.remoteAddress), this.#proxies)) return null;
    const country = request.headers['cloudfront-viewer-country'];
    return typeof country === 'string' && /^[A-Z]{2}$/.test(country) ? country : null;
  }

  /** Of a connection on which nothing was asked yet; null: a trusted proxy's, by which many come. */
  ofPeer(remoteAddress: string | undefined): string | null {
    const address = this.#peer(remoteAddress);
    return isTrusted(address, this.#proxies) ? null : addressKey(address);
  }

  #peer(remoteAddress: string | undefined): string {
    return clientAddress({ headers: {}, socket: { remoteAddress } }, this.#proxies);
  }

  /** Once: anyone may send such a header, and then it means nothing. */
  #tellOfProxy(remoteAddress: string | undefined): void {
    const peer = this.#peer(remoteAddress);
    if (isTrusted(peer, this.#proxies)) return;
    this.#toldOfProxy = true;
    this.#logger.warn(
      { peer },
      'X-Forwarded-For is not believed: a proxy of yours belongs in ROSTRUM_TRUSTED_PROXIES',
    );
  }
}
