/** A viewer of a private webinar who is a program: the right's cookie, and what is answered to it. */
import { MEDIA_COOKIE } from '@rostrum/contracts';

/** The cookie's value that the coordinator gives for a link's token. */
export async function rightOf(consoleUrl: string, webinarId: string, token: string): Promise<string> {
  const response = await fetch(`${consoleUrl}/api/webinars/${webinarId}/right`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const cookie = response.headers.getSetCookie().find((one) => one.startsWith(`${MEDIA_COOKIE}=`));
  const value = cookie?.slice(MEDIA_COOKIE.length + 1).split(';')[0];
  if (!value) throw new Error(`no right: ${response.status} ${await response.text()}`);
  return value;
}

/** As a page of another origin asks, with this right or none. */
export function ask(url: string | URL, right: string | null): Promise<Response> {
  return fetch(url, {
    headers: {
      origin: 'https://pages.example',
      ...(right === null ? {} : { cookie: `${MEDIA_COOKIE}=${right}` }),
    },
  });
}

export async function read(url: string | URL, right: string): Promise<Buffer> {
  const response = await ask(url, right);
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body.subarray(0, 200)}`);
  return body;
}
