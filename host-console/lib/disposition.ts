/** The name a `Content-Disposition` gives a file (RFC 6266); null: none. Pure. */
export function fileNameFrom(header: string | null): string | null {
  if (header === null) return null;
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      // It is not what it says it is: the plain one is there for that.
    }
  }
  return /filename="([^"]*)"/i.exec(header)?.[1] || null;
}
