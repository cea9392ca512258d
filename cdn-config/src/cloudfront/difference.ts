/**
 * What is between a config as it should be and as it is. Only what the wanted one speaks of counts: CloudFront fills in the rest, and
 * others may have (a firewall, a country list), which stays. Keys that are there and undefined shall not be there.
 *
 * CloudFront's lists are `{ Quantity, Items }`. Lists of plain values are sets; lists of objects are told apart by a member that names
 * them, and where the order means something it is compared.
 */
export type Difference =
  | { readonly kind: 'add'; readonly path: string; readonly to: unknown }
  | { readonly kind: 'change'; readonly path: string; readonly from: unknown; readonly to: unknown }
  | { readonly kind: 'remove'; readonly path: string; readonly from: unknown };

type Fields = Readonly<Record<string, unknown>>;

/** Members that name an object in its list, the first that is there. */
const NAMING = ['PathPattern', 'Id', 'OriginId', 'ErrorCode', 'Header', 'HeaderName', 'StreamType'] as const;
/** Lists whose first entry is the one that counts. */
const IN_ORDER = new Set(['CacheBehaviors', 'Members']);
/** Where CloudFront keeps the old way of saying it beside the new one: sent as wanted, nothing kept. */
const WHOLE = new Set(['ViewerCertificate']);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The items of a `{ Quantity, Items }`. CloudFront leaves them out where there are none. */
const itemsOf = (value: unknown): readonly unknown[] | undefined => {
  if (!isFields(value) || !('Quantity' in value)) return undefined;
  return isList(value.Items) ? value.Items : [];
};

const nameIn = (value: unknown): string | undefined => {
  if (!isFields(value)) return undefined;
  const member = NAMING.find((name) => value[name] !== undefined);
  return member && String(value[member]);
};

const joined = (path: string, member: string): string => (path === '' ? member : `${path}.${member}`);

/** Plain values as they compare: sets in one order, text without the end of its last line. */
function plain(value: unknown): string {
  if (isList(value)) return JSON.stringify(value.map(plain).sort());
  return JSON.stringify(typeof value === 'string' ? value.trim() : (value ?? null));
}

/** All differences, in the order of the wanted config. */
export function differences(wanted: unknown, actual: unknown, path = ''): readonly Difference[] {
  const wantedItems = itemsOf(wanted);
  if (wantedItems && isFields(wanted)) {
    const { Quantity: _, Items: __, ...others } = wanted;
    const items = listDifferences(wantedItems, itemsOf(actual), path);
    return [...items, ...(Object.keys(others).length > 0 ? differences(others, actual, path) : [])];
  }
  if (isFields(wanted)) {
    const fields = isFields(actual) ? actual : {};
    return Object.entries(wanted).flatMap(([member, value]) =>
      differences(value, fields[member], joined(path, member)),
    );
  }
  if (isList(wanted)) return listDifferences(wanted, isList(actual) ? actual : undefined, path);
  if (plain(wanted) === plain(actual)) return [];
  if (wanted === undefined) return [{ kind: 'remove', path, from: actual }];
  if (actual === undefined) return [{ kind: 'add', path, to: wanted }];
  return [{ kind: 'change', path, from: actual, to: wanted }];
}

/** Members whose values are nobody's business. */
const SECRET = /(^|\.)HeaderValue$/;

/** The same for people and logs: that a secret changed is told, not to what. */
export function withoutSecrets(difference: Difference): Difference {
  const hide = (value: unknown): unknown => {
    if (isList(value)) return value.map(hide);
    if (!isFields(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) => [member, SECRET.test(member) ? HIDDEN : hide(inner)]),
    );
  };
  const shown = (value: unknown): unknown => (SECRET.test(difference.path) ? HIDDEN : hide(value));
  switch (difference.kind) {
    case 'add':
      return { ...difference, to: shown(difference.to) };
    case 'change':
      return { ...difference, from: shown(difference.from), to: shown(difference.to) };
    case 'remove':
      return { ...difference, from: shown(difference.from) };
  }
}
const HIDDEN = '(not shown)';

function listDifferences(
  wanted: readonly unknown[],
  actual: readonly unknown[] | undefined,
  path: string,
): readonly Difference[] {
  const had = actual ?? [];
  if (![...wanted, ...had].some(isFields)) {
    if (actual === undefined) return wanted.length === 0 ? [] : [{ kind: 'add', path, to: wanted }];
    if (plain(wanted) === plain(had)) return [];
    return [{ kind: 'change', path, from: had, to: wanted }];
  }
  const nameAt = (value: unknown, index: number) => nameIn(value) ?? String(index);
  const before = new Map(had.map((value, index) => [nameAt(value, index), value]));
  const after = new Map(wanted.map((value, index) => [nameAt(value, index), value]));
  const found: Difference[] = [...after].flatMap(([name, value]) =>
    differences(value, before.get(name), `${path}[${name}]`),
  );
  for (const [name, value] of before) {
    if (!after.has(name)) found.push({ kind: 'remove', path: `${path}[${name}]`, from: value });
  }
  const kept = (names: Iterable<string>) => [...names].filter((name) => before.has(name) && after.has(name));
  const [from, to] = [kept(before.keys()), kept(after.keys())];
  if (IN_ORDER.has(path.replace(/^.*\./, '')) && from.join('\n') !== to.join('\n'))
    found.push({ kind: 'change', path: `${path} (order)`, from, to });
  return found;
}

/** What to send: all that is wanted, and of what there is whatever the wanted config does not speak of. */
export function merged<C extends object>(wanted: C, actual: object): C {
  return mergedValue(wanted, actual) as C;
}

function mergedValue(wanted: unknown, actual: unknown): unknown {
  if (isList(wanted)) {
    const before = new Map((isList(actual) ? actual : []).map((value) => [nameIn(value), value]));
    return wanted.map((value) => {
      const name = nameIn(value);
      return name === undefined ? value : mergedValue(value, before.get(name));
    });
  }
  if (!isFields(wanted)) return wanted;
  const result: Record<string, unknown> = isFields(actual) ? { ...actual } : {};
  for (const [member, value] of Object.entries(wanted)) {
    if (value === undefined) delete result[member];
    else result[member] = WHOLE.has(member) ? value : mergedValue(value, result[member]);
  }
  if ('Quantity' in wanted && !('Items' in wanted)) delete result.Items;
  return result;
}
