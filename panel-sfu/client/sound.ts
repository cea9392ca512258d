/** Of an element, what `setOutput` uses. */
type Sounding = Partial<Pick<HTMLMediaElement, 'setSinkId'>>;

/**
 * Sends an element's sound to an output; null, or one that is gone: to the system's. False: it could not go where it should.
 * Where the browser lets no page choose, it goes where it goes.
 */
export async function setOutput(element: Sounding, outputId: string | null): Promise<boolean> {
  if (!element.setSinkId) return true;
  try {
    await element.setSinkId(outputId ?? '');
    return true;
  } catch {
    if (outputId !== null) await element.setSinkId('').catch(() => undefined);
    return false;
  }
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
