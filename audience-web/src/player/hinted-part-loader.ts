import type {
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';
import type { Transfer } from './bandwidth.ts';

/**
 * Fetches the part that EXT-X-PRELOAD-HINT names while it is still being made, which hls.js (1.7) parses but never
 * does. The origin holds the request and answers when the part is whole (LL17), so its bytes arrive together with the
 * playlist that lists it instead of one round trip later.
 */
export interface PartHints {
  /** Starts fetching; the same URL twice is one request. Only the last two dozen are kept. */
  prefetch(url: string): void;
  /** null where it was not fetched ahead; it is then taken to be asked for in the ordinary way, and not prefetched. */
  take(url: string): HintedRequest | null;
  /** Requests without their whole answer yet, also those that were taken. */
  underWay(): number;
  clear(): void;
}

export interface HintedRequest {
  /** null where it failed. */
  readonly part: Promise<HintedPart | null>;
  /** Told from now on, and once at first where something is there already. */
  onProgress(listener: (progress: HintProgress) => void): void;
  abort(): void;
}

export interface HintProgress {
  readonly bytes: number;
  /** 0 where the server did not say. */
  readonly totalBytes: number;
  readonly firstByteAtMs: number;
}

interface HintedPart {
  readonly bytes: ArrayBuffer;
  readonly firstByteAtMs: number;
  readonly endedAtMs: number;
}

/** A segment's parts, for the start; of hints, which are held for one part each, there are never more than two. */
const KEEP = 24;

export function createPartHints(fetchImpl: typeof fetch = (...args) => fetch(...args)): PartHints {
  const pending = new Map<string, HintedRequest>();
  /** The last URLs that were asked for, one way or the other. */
  const asked = new Set<string>();

  let underWay = 0;

  const load = (url: string): HintedRequest => {
    const abort = new AbortController();
    let progress: HintProgress | null = null;
    let listener: (progress: HintProgress) => void = () => undefined;
    const tell = (now: HintProgress): void => {
      progress = now;
      listener(now);
    };
    underWay += 1;
    return {
      part: fetchPart(fetchImpl, url, abort.signal, tell).finally(() => {
        underWay -= 1;
      }),
      onProgress(wanted) {
        listener = wanted;
        if (progress !== null) wanted(progress);
      },
      abort: () => abort.abort(),
    };
  };

  return {
    prefetch(url) {
      if (pending.has(url) || asked.has(url)) return;
      pending.set(url, load(url));
      for (const [old, entry] of pending) {
        if (pending.size <= KEEP) break;
        entry.abort();
        pending.delete(old);
      }
    },
    take(url) {
      const entry = pending.get(url);
      pending.delete(url);
      asked.add(url);
      for (const old of asked) {
        if (asked.size <= KEEP) break;
        asked.delete(old);
      }
      return entry ?? null;
    },
    underWay: () => underWay,
    clear() {
      for (const entry of pending.values()) entry.abort();
      pending.clear();
      asked.clear();
    },
  };
}

async function fetchPart(
  fetchImpl: typeof fetch,
  url: string,
  signal: AbortSignal,
  tell: (progress: HintProgress) => void,
): Promise<HintedPart | null> {
  try {
    const response = await fetchImpl(url, { signal });
    const firstByteAtMs = performance.now();
    if (!response.ok || response.body === null) return null;
    const totalBytes = Number(response.headers.get('content-length') ?? 0);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
      tell({ bytes: size, totalBytes, firstByteAtMs });
    }
    const endedAtMs = performance.now();
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return { bytes: bytes.buffer, firstByteAtMs, endedAtMs };
  } catch {
    // An abandoned or failed hint costs nothing: the part is then asked for in the ordinary way.
    return null;
  }
}

const noStats = (): LoaderStats => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});

/**
 * An hls.js fragment loader that takes hinted parts from `hints` and leaves the rest to `Fallback`. `observe` is told of
 * everything that arrived.
 */
export function hintedPartLoader(
  hints: PartHints,
  Fallback: HlsConfig['loader'],
  observe: (transfer: Transfer) => void,
): new (
  config: HlsConfig,
) => Loader<FragmentLoaderContext> {
  return class HintedPartLoader implements Loader<FragmentLoaderContext> {
    context: FragmentLoaderContext | null = null;
    stats: LoaderStats = noStats();
    readonly #config: HlsConfig;
    #fallback: Loader<FragmentLoaderContext> | null = null;
    #callbacks: LoaderCallbacks<FragmentLoaderContext> | null = null;
    #hinted: HintedRequest | null = null;

    constructor(config: HlsConfig) {
      this.#config = config;
    }

    load(
      context: FragmentLoaderContext,
      configuration: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context;
      this.#callbacks = callbacks;
      const hinted = context.rangeEnd ? null : hints.take(context.url);
      if (hinted === null) {
        this.#loadOrdinarily(context, configuration, callbacks);
        return;
      }
      this.#hinted = hinted;
      this.stats.loading.start = performance.now();
      // hls.js gives up on a part that would come too late, and goes by these.
      hinted.onProgress(({ bytes, totalBytes, firstByteAtMs }) => {
        const { loading } = this.stats;
        this.stats.loaded = bytes;
        this.stats.total = totalBytes;
        loading.first = firstByteAtMs;
        loading.start = Math.min(loading.start, firstByteAtMs);
      });
      void hinted.part.then((part) => {
        if (this.#callbacks === null) return; // aborted or destroyed meanwhile
        this.#hinted = null;
        this.stats = Object.assign(this.stats, {
          loaded: 0,
          total: 0,
          loading: { start: 0, first: 0, end: 0 },
        });
        if (part === null) this.#loadOrdinarily(context, configuration, callbacks);
        else this.#deliver(part, context, callbacks);
      });
    }

    #deliver(
      part: HintedPart,
      context: FragmentLoaderContext,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      const size = part.bytes.byteLength;
      // The wait for the part to be made is not the network's: the transfer counts from its first byte.
      this.stats.loading = {
        start: part.firstByteAtMs,
        first: part.firstByteAtMs,
        end: Math.max(part.endedAtMs, part.firstByteAtMs + 1),
      };
      this.stats.loaded = size;
      this.stats.total = size;
      this.stats.chunkCount = 1;
      observe({ bytes: size, firstByteAtMs: part.firstByteAtMs, endedAtMs: part.endedAtMs });
      callbacks.onSuccess({ url: context.url, data: part.bytes, code: 200 }, this.stats, context, null);
    }

    #loadOrdinarily(
      context: FragmentLoaderContext,
      configuration: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      const fallback = new Fallback(this.#config) as Loader<FragmentLoaderContext>;
      // hls.js holds the object it was given first: let the fallback write into it.
      fallback.stats = this.stats;
      this.#fallback = fallback;
      fallback.load(context, configuration, {
        ...callbacks,
        onSuccess: (response, stats, loaded, networkDetails) => {
          const { first, end } = stats.loading;
          observe({ bytes: stats.loaded, firstByteAtMs: first, endedAtMs: end });
          callbacks.onSuccess(response, stats, loaded, networkDetails);
        },
      });
    }

    abort(): void {
      const callbacks = this.#callbacks;
      this.#callbacks = null;
      this.#hinted?.abort();
      if (this.#fallback) {
        this.#fallback.abort();
      } else if (this.context && callbacks) {
        this.stats.aborted = true;
        callbacks.onAbort?.(this.stats, this.context, null);
      }
    }

    destroy(): void {
      this.#callbacks = null;
      this.#hinted?.abort();
      this.#hinted = null;
      this.#fallback?.destroy();
      this.#fallback = null;
      this.context = null;
    }

    getCacheAge(): number | null {
      return this.#fallback?.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.#fallback?.getResponseHeader?.(name) ?? null;
    }
  };
}
