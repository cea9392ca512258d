import type { AttendeeToken, CreateLink, CreateWebinar, Link, WebinarSummary } from '@rostrum/contracts';
import type { z } from 'zod';

/** An answer that is none of the 200s. */
export class ApiError extends Error {
  readonly code = 'api';
  readonly status: number;

  constructor(url: string, status: number, body: string) {
    super(`${url} answered ${status}: ${body.slice(0, 300)}`);
    this.status = status;
  }
}

/** The coordinator's HTTP API, as a program that holds a token uses it. */
export class Api {
  readonly baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.baseUrl = baseUrl;
    this.#token = token;
  }

  /** From a link that carries its token in the fragment (`…#t=<token>`). */
  static fromLink(link: string): Api {
    const url = new URL(link);
    const token = new URLSearchParams(url.hash.slice(1)).get('t');
    if (!token) throw new Error('the link has no token in its fragment (#t=…)');
    return new Api(url.origin, token);
  }

  createWebinar(body: z.input<typeof CreateWebinar>): Promise<WebinarSummary> {
    return this.#post('/api/webinars', body);
  }

  createLink(webinarId: string, body: z.input<typeof CreateLink>): Promise<Link> {
    return this.#post(`/api/webinars/${webinarId}/links`, body);
  }

  /** A token for somebody new, who has none to show: the owner's would be refused. */
  attend(webinarId: string, name: string): Promise<AttendeeToken> {
    return this.#post(`/api/webinars/${webinarId}/attendees`, { name }, {});
  }

  async webinar(webinarId: string): Promise<WebinarSummary> {
    return this.#send(await fetch(`${this.baseUrl}/api/webinars/${webinarId}`, { headers: this.#headers() }));
  }

  /** For good, and wherever it was copied to; answers before all of it is gone. */
  async deleteRecording(webinarId: string): Promise<void> {
    const url = `${this.baseUrl}/api/webinars/${webinarId}/recording`;
    await this.#send(await fetch(url, { method: 'DELETE', headers: this.#headers() }));
  }

  async #post<T>(path: string, body: unknown, headers = this.#headers()): Promise<T> {
    const response = await fetch(this.baseUrl + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return this.#send(response);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }

  async #send<T>(response: Response): Promise<T> {
    const text = await response.text();
    if (!response.ok) throw new ApiError(response.url, response.status, text);
    return JSON.parse(text) as T;
  }
}
