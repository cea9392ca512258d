/**
 * What is left of a person in values that speak of them, once they are deleted: that there was somebody, and nothing of who.
 * Values are what stands in the log's events and in the parts of snapshots. Pure.
 */
import { DELETED_NAME } from '@rostrum/contracts';

/** In the place of what they wrote, and of what was answered to it. */
export const DELETED_TEXT = '…';

/** What is theirs wherever it stands. */
export interface Theirs {
  readonly names: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
  /** Of questions and messages. */
  readonly ids: ReadonlySet<string>;
  /** Ids of links that were made for them. */
  readonly links: ReadonlySet<string>;
}

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that hold what somebody wrote. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'answer']);
/** Fields that name a thing of theirs, by which other events speak of it. */
const IDS: ReadonlySet<string> = new Set(['questionId', 'messageId']);

/** Titles of chapters are the beginnings of questions, cut at a word or with dots. Shorter ones may be anybody's. */
function isBeginning(text: string, texts: ReadonlySet<string>): boolean {
  const bare = text.replace(/\s*(…|\.\.\.)$/u, '');
  return bare.length >= 12 && [...texts].some((whole) => whole.startsWith(bare));
}

/** Gathers what is theirs out of values in which their id stands. */
export function theirsIn(values: Iterable<unknown>, personId: string): Theirs {
  const names = new Set<string>();
  const texts = new Set<string>();
  const ids = new Set<string>();
  const links = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const inner of value) walk(inner);
    if (!isObject(value)) return;
    const isTheirs = value.personId === personId;
    // A vote for somebody's question does not make it theirs.
    const wrote = isTheirs && Object.keys(value).some((key) => TEXTS.has(key));
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') walk(inner);
      else if (key === 'name' && isTheirs) names.add(inner);
      else if (key === 'byName' && value.byPersonId === personId) names.add(inner);
      else if (wrote && TEXTS.has(key)) texts.add(inner);
      else if (wrote && IDS.has(key)) ids.add(inner);
      else if (key === 'linkId' && isTheirs) links.add(inner);
    }
  };
  for (const value of values) walk(value);
  return { names, texts, ids, links };
}

/**
 * The value without what is theirs. A name that others bear as well (`shared`) stays where nothing says whose it is; what is
 * marked as another's always stays.
 */
export function redacted(
  value: unknown,
  personId: string,
  theirs: Theirs,
  shared: ReadonlySet<string>,
): unknown {
  const loose = (text: string): string => {
    if (theirs.texts.has(text) || isBeginning(text, theirs.texts)) return DELETED_TEXT;
    return theirs.names.has(text) && !shared.has(text) ? DELETED_NAME : text;
  };
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return loose(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    if (!isObject(inner)) return inner;
    const isTheirs = inner.personId === personId;
    const isAnothers = typeof inner.personId === 'string' && !isTheirs;
    const isOfTheirs = [...IDS].some((key) => typeof inner[key] === 'string' && theirs.ids.has(inner[key]));
    return Object.fromEntries(
      Object.entries(inner).map(([key, field]) => {
        if (typeof field !== 'string') return [key, walk(field)];
        if (key === 'type' || key === 'kind' || key.endsWith('Id')) return [key, field];
        if (key === 'name') return [key, isTheirs ? DELETED_NAME : isAnothers ? field : loose(field)];
        if (key === 'byName' && typeof inner.byPersonId === 'string') {
          return [key, inner.byPersonId === personId ? DELETED_NAME : field];
        }
        if (TEXTS.has(key) && (isTheirs || isOfTheirs)) return [key, DELETED_TEXT];
        return [key, isAnothers && TEXTS.has(key) ? field : loose(field)];
      }),
    );
  };
  return walk(value);
}
