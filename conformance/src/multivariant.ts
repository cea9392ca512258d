import { type Attributes, attributesOf, linesOf } from './tags.ts';

export interface Variant {
  readonly uri: string;
  readonly attributes: Attributes;
}

export interface Multivariant {
  readonly variants: readonly Variant[];
  readonly independentSegments: boolean;
  readonly uris: readonly string[];
}

/** Reads a multivariant playlist. @throws PlaylistSyntaxError */
export function readMultivariant(text: string): Multivariant {
  const variants: Variant[] = [];
  let independentSegments = false;
  let attributes: Attributes | null = null;
  for (const line of linesOf(text)) {
    if (line.kind === 'uri') {
      if (attributes) variants.push({ uri: line.uri, attributes });
      attributes = null;
    } else if (line.name === 'EXT-X-STREAM-INF') attributes = attributesOf(line.value);
    else if (line.name === 'EXT-X-INDEPENDENT-SEGMENTS') independentSegments = true;
  }
  return { variants, independentSegments, uris: variants.map((variant) => variant.uri) };
}
