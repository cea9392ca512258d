import type {
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';

/**
 * Fetches the part that EXT-X-PRELOAD-HINT names while it is still being made, which hls.js (1.7) parses but never
 * does. The origin holds the request and answers when the part is whole (LL17), so its bytes arrive together with the
 * playlist that lists it instead of one round trip later.
 */
export interface PartHints {
  /** Starts fetching; the same URL twice is one request. Only the last two dozen are kept. */
  prefetch(url: string): void;
  /** null where it was not fetched ahead; it is then taken to be asked for in the ordinary way, and not prefetched. */
  take(url: string): Promise<HintedPart | null> | null;
  clear(): void;
}

interface HintedPart {
  readonly bytes: ArrayBuffer;
  readonly startedAtMs: number;
  readonly firstByteAtMs: number;
  readonly endedAtMs: number;
}

interface Pending {
  readonly part: Promise<HintedPart | null>;
  readonly abort: AbortController;
}

/** A segment's parts, for the start; of hints, which are held for one part each, there are never more than two. */
const KEEP = 24;

export function createPartHints(fetchImpl: typeof fetch = (...args) => fetch(...args)): PartHints {
  const pending = new Map<string, Pending>();
  /** The last URLs that were asked for, one way or the other. */
  const asked = new Set<string>();

  const load = async (url: string, signal: AbortSignal): Promise<HintedPart | null> => {
    const startedAtMs = performance.now();
    try {
      const response = await fetchImpl(url, { signal });
      const firstByteAtMs = performance.now();
      if (!response.ok) return null;
      const bytes = await response.arrayBuffer();
      return { bytes, startedAtMs, firstByteAtMs, endedAtMs: performance.now() };
    } catch {
      // An abandoned or failed hint costs nothing: the part is then asked for in the ordinary way.
      return null;
    }
  };

  return {
    prefetch(url) {
      if (pending.has(url) || asked.has(url)) return;
      const abort = new AbortController();
      pending.set(url, { part: load(url, abort.signal), abort });
      for (const [old, entry] of pending) {
        if (pending.size <= KEEP) break;
        entry.abort.abort();
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
      return entry?.part ?? null;
    },
    clear() {
      for (const entry of pending.values()) entry.abort.abort();
      pending.clear();
      asked.clear();
    },
  };
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

/** An hls.js fragment loader that takes hinted parts from `hints` and leaves the rest to `Fallback`. */
export function hintedPartLoader(
  hints: PartHints,
  Fallback: HlsConfig['loader'],
): new (
  config: HlsConfig,
) => Loader<FragmentLoaderContext> {
  return class HintedPartLoader implements Loader<FragmentLoaderContext> {
    context: FragmentLoaderContext | null = null;
    stats: LoaderStats = noStats();
    readonly #config: HlsConfig;
    #fallback: Loader<FragmentLoaderContext> | null = null;
    #callbacks: LoaderCallbacks<FragmentLoaderContext> | null = null;

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
      this.stats.loading.start = performance.now();
      void hinted.then((part) => {
        if (this.#callbacks === null) return; // aborted or destroyed meanwhile
        this.stats.loading.start = 0;
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
      this.stats.bwEstimate = (size * 8000) / (this.stats.loading.end - this.stats.loading.first);
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
      fallback.load(context, configuration, callbacks);
    }

    abort(): void {
      const callbacks = this.#callbacks;
      this.#callbacks = null;
      if (this.#fallback) {
        this.#fallback.abort();
      } else if (this.context && callbacks) {
        this.stats.aborted = true;
        callbacks.onAbort?.(this.stats, this.context, null);
      }
    }

    destroy(): void {
      this.#callbacks = null;
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
