/** How another site shows a webinar in a frame of its page. Pure; for browsers too. */

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Of the frame where nobody asks for another, pixels. */
export const EMBED_SIZE = { width: 640, height: 360 } as const;

/** The page that other sites may show. @param base URL of the origin, without a last slash */
export const embedUrl = (base: string, webinarId: string): string => `${base}/w/${webinarId}/embed`;

/** HTML of the frame. @param src of the page in it */
export function frameHtml(
  src: string,
  title: string,
  size: { readonly width: number; readonly height: number } = EMBED_SIZE,
): string {
  const { width, height } = size;
  return `<iframe src="${escapeHtml(src)}" title="${escapeHtml(title)}" width="${width}" height="${height}" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`;
}
