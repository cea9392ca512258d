/** The plan of a webinar as its editor has it: a flat list of fields, each edited, saved and in conflict by itself. Pure. */
import type { Branding, ChangePlan, Plan, PlannedWebinar } from '@rostrum/contracts';

export type Fields = Pick<PlannedWebinar, 'title' | 'profile' | 'moderation' | 'tracks'> &
  Omit<Plan, 'branding'> & { readonly [K in keyof Branding as `branding.${K}`]: Branding[K] };
export type FieldName = keyof Fields;
export type Edits = Partial<Fields>;

const OF_WEBINAR: readonly FieldName[] = ['title', 'profile', 'moderation', 'tracks'];
const BRANDING = 'branding.';

export function fieldsOf({ title, profile, moderation, tracks, plan }: PlannedWebinar): Fields {
  const { branding, ...others } = plan;
  const drawn = Object.entries(branding).map(([name, value]) => [`${BRANDING}${name}`, value]);
  return { title, profile, moderation, tracks, ...others, ...Object.fromEntries(drawn) } as Fields;
}

export function changeOf(edits: Edits, revision: number): ChangePlan {
  const entries = Object.entries(edits);
  const named = (wanted: (name: string) => boolean) => entries.filter(([name]) => wanted(name));
  const ofWebinar = (name: string): boolean => OF_WEBINAR.includes(name as FieldName);
  const branding = named((name) => name.startsWith(BRANDING)).map(([name, value]) => [
    name.slice(BRANDING.length),
    value,
  ]);
  return {
    revision,
    ...Object.fromEntries(named(ofWebinar)),
    fields: {
      ...Object.fromEntries(named((name) => !ofWebinar(name) && !name.startsWith(BRANDING))),
      ...(branding.length === 0 ? {} : { branding: Object.fromEntries(branding) }),
    },
  };
}

/** Which of these a failure's `field` is in (`fields.start.local` is in `start`); null: in none. */
export function fieldOf(path: string | undefined, names: readonly FieldName[]): FieldName | null {
  const within = path?.replace(/^fields\./, '') ?? '';
  return names.find((name) => within === name || within.startsWith(`${name}.`)) ?? null;
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
