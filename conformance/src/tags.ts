/** A playlist as its lines say it, in their order (RFC 8216, section 4.1 and 4.2). Nothing is interpreted here. */

export type Line =
  | { readonly kind: 'tag'; readonly name: string; readonly value: string; readonly text: string }
  | { readonly kind: 'uri'; readonly uri: string };

export class PlaylistSyntaxError extends Error {
  readonly code = 'playlist-syntax';
}

/** @throws PlaylistSyntaxError when it is no playlist at all */
export function linesOf(text: string): Line[] {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== '#EXTM3U') {
    throw new PlaylistSyntaxError(`does not begin with #EXTM3U but with ${JSON.stringify(lines[0])}`);
  }
  return lines.slice(1).flatMap((line): Line[] => {
    if (line === '') return [];
    if (!line.startsWith('#')) return [{ kind: 'uri', uri: line }];
    if (!line.startsWith('#EXT')) return []; // a comment
    const colon = line.indexOf(':');
    return [
      {
        kind: 'tag',
        name: line.slice(1, colon === -1 ? undefined : colon),
        value: colon === -1 ? '' : line.slice(colon + 1),
        text: line,
      },
    ];
  });
}

export type Attributes = ReadonlyMap<string, string>;

/** An attribute list; quotes are taken off. @throws PlaylistSyntaxError */
export function attributesOf(value: string): Attributes {
  const attributes = new Map<string, string>();
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^",]*)(,|$)/y;
  while (pattern.lastIndex < value.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(value);
    if (!match?.[1] || match[2] === undefined) {
      throw new PlaylistSyntaxError(`no attribute list from character ${from} of ${value}`);
    }
    if (attributes.has(match[1])) throw new PlaylistSyntaxError(`${match[1]} twice in ${value}`);
    attributes.set(match[1], match[2].replace(/^"(.*)"$/, '$1'));
  }
  return attributes;
}

/** A decimal number of an attribute or tag; null where it is absent or none. */
export function decimal(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
