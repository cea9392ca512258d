/** `Content-Disposition` of what is to be saved (RFC 6266). Pure. */

/** Of the file's name, so that with its ending it fits every file system (255 bytes). */
const MAX_BYTES = 180;

/** A title as the name of a file: nothing in it that some system reads as a path, a pattern or a direction of writing. */
export function fileNameOf(title: string): string {
  const plain = title
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/[/\\:*?"<>|]/g, '-')
    .replaceAll(/\s+/g, ' ');
  let name = '';
  let bytes = 0;
  for (const character of plain) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_BYTES) break;
    name += character;
  }
  // Files with a dot in front are hidden; at the end Windows takes dots and spaces away.
  return name.replace(/^[. ]+/, '').replace(/[. ]+$/, '');
}

/** `name`: of `fileNameOf`, or put together of such. */
export function attachment(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]|[%"\\]/gu, '_');
  // RFC 8187: of what encodeURIComponent leaves these are no attr-char.
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const plain = `attachment; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encoded}`;
}
