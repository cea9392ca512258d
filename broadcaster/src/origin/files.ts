/** Files from disk, whole, by range, or a slice of one as if it were a file. Names are checked by the callers. */
import { open } from 'node:fs/promises';
import { constants } from 'node:http2';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '@rostrum/service-kit/logger';
import type { OriginRequest, OriginResponse } from './interface.ts';
import type { MetricClass, Responder } from './responder.ts';

export interface FileAnswer {
  readonly path: string;
  readonly slice?: { readonly start: number; readonly length: number } | undefined;
  readonly metricClass: MetricClass;
  readonly headers: Readonly<Record<string, string>>;
}

export class FileSender {
  readonly #responder: Responder;
  readonly #logger: Logger;

  constructor(responder: Responder, logger: Logger) {
    this.#responder = responder;
    this.#logger = logger;
  }

  /** Never throws: a file that is not there is 404; a client that goes away ends it. */
  send(request: OriginRequest, response: OriginResponse, answer: FileAnswer): void {
    this.#send(request, response, answer).catch((error: NodeJS.ErrnoException) => {
      const missing = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(error.code ?? '');
      if (!missing && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        this.#logger.error({ err: error, path: answer.path }, 'file could not be sent');
      }
      if (response.headersSent) abort(response);
      else if (missing) this.#responder.error(response, answer.metricClass, 404, 'not-found');
      else this.#responder.error(response, answer.metricClass, 500, 'internal');
    });
  }

  async #send(request: OriginRequest, response: OriginResponse, answer: FileAnswer): Promise<void> {
    const file = await open(answer.path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
      const start = answer.slice?.start ?? 0;
      const length = answer.slice?.length ?? stat.size;
      if (response.destroyed) return;
      const range = this.#responder.rangeHead(request, response, answer.metricClass, length, answer.headers);
      if (!range || length === 0) {
        if (range) response.end();
        return;
      }
      const stream = file.createReadStream({
        start: start + range.start,
        end: start + range.end,
        autoClose: false,
      });
      await pipeline(stream, response as NodeJS.WritableStream);
    } finally {
      await file.close();
    }
  }
}

/** Ends a response that cannot be completed, so that nobody takes it for whole. */
function abort(response: OriginResponse): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
