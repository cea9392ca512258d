/** Downloads of recordings: whole files of gigabytes, gone on with after a break, saved under the title of the show. */
import { join } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { FILE_START_BYTES, keyIn } from '../download/key.ts';
import { dispositionOf, downloadName } from '../download/names.ts';
import type { FileSender } from './files.ts';
import type { OriginRequest, OriginResponse } from './interface.ts';
import { mediaHeaders } from './responder.ts';

/** Kept for as long as a playlist of a recording: with another cut it is another file under the same name. */
const HEADERS = mediaHeaders('recording-playlist', PROFILES.standard, 'video/mp4');
/**
 * Sends a rendition's download; 404 where there is none. Its ETag is what it was made of, so that a client that goes on with it
 * (If-Range) gets the rest of the same file, or the whole of another.
 * @param folder of the channel
 */
export function sendDownload(
  files: FileSender,
  request: OriginRequest,
  response: OriginResponse,
  folder: string,
  rendition: string,
): void {
  const headersOf = async (
    firstBytes: (length: number) => Promise<Uint8Array>,
  ): Promise<Readonly<Record<string, string>>> => {
    const key = keyIn(await firstBytes(FILE_START_BYTES));
    // Not renamed into place by us.
    if (!key) throw Object.assign(new Error('no download'), { code: 'ENOENT' });
    return {
      ...HEADERS,
      etag: `"${Buffer.from(key).toString('base64url').slice(0, 22)}"`,
      'content-disposition': await dispositionOf(folder, rendition),
    };
  };
  files.send(request, response, {
    path: join(folder, downloadName(rendition)),
    metricClass: 'recording',
    headers: headersOf,
  });
}
