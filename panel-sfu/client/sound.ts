/** Sends an element's sound to an output; where the browser lets no page choose, or that output is gone, to the system's. */
export async function setOutput(element: HTMLMediaElement, outputId: string | null): Promise<void> {
  if ('setSinkId' in element) await element.setSinkId(outputId ?? '').catch(() => undefined);
}

/** Of an element, what `keepPlaying` uses. */
type Playing = EventTarget & Pick<HTMLMediaElement, 'paused' | 'play'>;

/**
 * A live sound that the system stopped (a phone call, another app) goes on as soon as it may: at once, or when the page is
 * seen again. The answer ends it.
 */
export function keepPlaying(
  element: Playing,
  page: EventTarget & Pick<Document, 'visibilityState'> = document,
): () => void {
  const stopped = new AbortController();
  const again = (): void => {
    // Refused for as long as the call lasts.
    if (element.paused && page.visibilityState === 'visible') element.play().catch(() => undefined);
  };
  element.addEventListener('pause', again, { signal: stopped.signal });
  page.addEventListener('visibilitychange', again, { signal: stopped.signal });
  return () => stopped.abort();
}
