import type { Role } from './roles.ts';

/**
 * What a role is called where it stands beside a name, in the languages of the pages' catalogues. Free of validators. The
 * same words are kept from attendees' own names (host-console/server/webinars/names.ts): a mark that anybody can write is none.
 */
export const ROLE_WORDS = {
  en: { owner: 'Owner', host: 'Host', moderator: 'Moderator', panelist: 'Panelist', attendee: 'Attendee' },
  de: {
    owner: 'Inhaber',
    host: 'Gastgeber',
    moderator: 'Moderation',
    panelist: 'Podium',
    attendee: 'Publikum',
  },
} as const satisfies Record<string, Record<Role, string>>;

/** Nobody's mark, and yet taken for one: other forms of the words above, and what people call those who run things. */
const TAKEN_FOR_A_MARK = [
  'Rostrum',
  'Organizer',
  'Organiser',
  'Admin',
  'Administrator',
  'Gastgeberin',
  'Moderatorin',
  'Veranstalter',
  'Veranstalterin',
] as const;

/** Words that nobody gives themself as a name, or as a part of it. */
export const RESERVED_WORDS: readonly string[] = [
  ...Object.values(ROLE_WORDS).flatMap(({ attendee: _, ...marks }) => Object.values(marks)),
  ...TAKEN_FOR_A_MARK,
];
