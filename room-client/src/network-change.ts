/** What browsers say of a network that is another one than before; as far as they do. */
interface NetworkInformation extends EventTarget {
  /** How the machine is connected (`wifi`, `cellular`, `none`...); missing where only its speed is told. */
  readonly type?: string;
}

/**
 * Calls `changed` when the machine is online again, or online by other means than before: then what is connected may
 * be so in name only. Where there is no browser, never. The answer ends it.
 */
export function watchNetworkChange(changed: () => void): () => void {
  if (typeof globalThis.addEventListener !== 'function') return () => undefined;
  const { connection } = (globalThis.navigator ?? {}) as { readonly connection?: NetworkInformation };
  let type = connection?.type;
  // Most of these changes are of its speed, or its round trip.
  const look = (): void => {
    const before = type;
    type = connection?.type;
    if (type !== before && type !== 'none') changed();
  };
  globalThis.addEventListener('online', changed);
  connection?.addEventListener('change', look);
  return () => {
    globalThis.removeEventListener('online', changed);
    connection?.removeEventListener('change', look);
  };
}
