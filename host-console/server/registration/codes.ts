/** Personal addresses: whoever has one is the person who registered. Nothing is kept of it: a new link makes the old one void. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RegistrationRow } from '../store/index.ts';

/** 160 bits of HMAC-SHA-256 in base64url. */
const SIGNATURE_CHARS = 27;
const CODE = /^([A-Za-z0-9_-]{4,64})\.([A-Za-z0-9_-]{27})$/;

type Coded = Pick<RegistrationRow, 'registrationId' | 'linkId'>;

export class Codes {
  readonly #secret: string;
  readonly #publicUrl: () => string;

  constructor(options: { readonly secret: string; readonly publicUrl: () => string }) {
    this.#secret = options.secret;
    this.#publicUrl = options.publicUrl;
  }

  /** `<registrationId>.<signature>` */
  of({ registrationId, linkId }: Coded): string {
    return `${registrationId}.${this.#sign(`${registrationId}\n${linkId}`)}`;
  }

  /** Whose code it says it is; null: it is none. */
  registrationIdOf(code: string): string | null {
    return CODE.exec(code)?.[1] ?? null;
  }

  /** Whether it is theirs. */
  fits(code: string, registration: Coded): boolean {
    const [given, own] = [Buffer.from(code), Buffer.from(this.of(registration))];
    return given.byteLength === own.byteLength && timingSafeEqual(given, own);
  }

  /** One link for all: it shows how it stands, and opens the webinar once that is there. */
  personalUrl(registration: Coded): string {
    return `${this.#base()}/j/${this.of(registration)}`;
  }

  unsubscribeUrl(registration: Coded): string {
    return `${this.personalUrl(registration)}/unsubscribe`;
  }

  publicPage(webinarId: string): string {
    return `${this.#base()}/w/${webinarId}`;
  }

  /** When a form was handed out, so that it is sent back no sooner than a person could, and not for ever. */
  stampOf(nowUnixMs: number): string {
    return `${nowUnixMs}.${this.#sign(`form\n${nowUnixMs}`)}`;
  }

  /** How old the form is, ms; null: it is none of ours. */
  ageOf(stamp: string, nowUnixMs: number): number | null {
    const [, at] = /^(\d{1,16})\.[A-Za-z0-9_-]{27}$/.exec(stamp) ?? [];
    if (at === undefined) return null;
    const [given, own] = [Buffer.from(stamp), Buffer.from(this.stampOf(Number(at)))];
    return given.byteLength === own.byteLength && timingSafeEqual(given, own) ? nowUnixMs - Number(at) : null;
  }

  #base(): string {
    return this.#publicUrl().replace(/\/+$/, '');
  }

  #sign(text: string): string {
    // Named, so that what is signed with the same secret for something else is never one of these.
    const mac = createHmac('sha256', this.#secret)
      .update(`rostrum:registration\n${text}`)
      .digest('base64url');
    return mac.slice(0, SIGNATURE_CHARS);
  }
}
