import type {
  ApiScope,
  ImportRegistrations,
  ImportReport,
  Registration,
  RegistrationQuestion,
} from '@rostrum/contracts';
import { RostrumError } from '@rostrum/contracts';
import { attachment, fileNameOf } from '@rostrum/service-kit/file-name';
import type { z } from 'zod';
import { CSV_TYPE, type CsvColumn, toCsv } from '../csv.ts';
import { hosts } from '../identity/rights.ts';
import { readTable } from '../registration/import.ts';
import type { Registrations } from '../registration/registrations.ts';
import type { PlannedRow, RegistrationRow, Store } from '../store/index.ts';
import { jsonBody, queryOf } from './body.ts';
import type { Area, Request } from './desk.ts';
import { REGISTRATION_ROUTES as ROUTES } from './registration-routes.ts';

export interface RegistrationAreaOptions {
  readonly store: Pick<Store, 'webinars' | 'registrations'>;
  readonly registrations: Registrations;
}

/** Five thousand lines, with columns of all kinds. */
const MAX_IMPORT_BYTES = 1024 * 1024;
/** In one transaction: nothing else of the database waits longer than for these. */
const ADDED_AT_ONCE = 100;
const EXPORTED_AT_ONCE = 1000;
const PROBLEMS_TOLD = 100;
const SAMPLE = 10;
const ALL = ['pending', 'approved', 'waiting', 'refused', 'cancelled'] as const;

/** Who registered, over HTTP. */
export const registrationArea = ({ store, registrations }: RegistrationAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    /** Whose host it is who asks. Throws `forbidden`. */
    const hosted = async (c: Request, scope: ApiScope): Promise<string> => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c, scope);
      const webinarId = c.req.param('id') ?? '';
      if (!hosts(bearer, webinarId)) {
        throw new RostrumError('forbidden', 'only the owner and the webinar’s host see who registered');
      }
      return webinarId;
    };
    const find = async (webinarId: string): Promise<PlannedRow> => {
      const planned = await store.webinars.announced(webinarId);
      if (!planned) throw new RostrumError('not-found', 'no such webinar');
      return planned;
    };
    const imported = async (
      webinarId: string,
      input: z.output<typeof ImportRegistrations>,
    ): Promise<ImportReport> => {
      const { people, problems } = readTable(input.csv, input.locale);
      const report = {
        problems: problems.slice(0, PROBLEMS_TOLD),
        problemCount: problems.length,
      };
      const outcomes: ('added' | 'known')[] = [];
      for (let from = 0; from < people.length; from += ADDED_AT_ONCE) {
        const some = people.slice(from, from + ADDED_AT_ONCE);
        outcomes.push(
          ...(input.dryRun
            ? await registrations.lookFor(webinarId, some)
            : await registrations.add(webinarId, some, input.mail)),
        );
      }
      const fresh = people.filter((_one, i) => outcomes[i] === 'added');
      return {
        ...report,
        added: fresh.length,
        known: people.length - fresh.length,
        sample: fresh.slice(0, SAMPLE).map(({ name, address }) => ({ name, address })),
      };
    };
    app.get(ROUTES.listRegistrations.path, async (c) => {
      const webinarId = await hosted(c, ROUTES.listRegistrations.scope);
      const { limit, cursor, state, search } = queryOf(c.req.raw, ROUTES.listRegistrations.query);
      await find(webinarId);
      const query = { webinarId, search, state: state ?? null, beforeNumber: cursor ?? null };
      const [rows, counts] = await Promise.all([
        store.registrations.list({ ...query, limit: limit + 1 }),
        store.registrations.countsOf(webinarId),
      ]);
      const shown = rows.slice(0, limit);
      const next = rows.length > limit ? String(shown.at(-1)?.number) : null;
      return c.json({ registrations: shown.map(told), counts, next });
    });
    app.get(ROUTES.registrationsCsv.path, async (c) => {
      const { webinarId, title, plan } = await find(await hosted(c, ROUTES.registrationsCsv.scope));
      const { bom } = queryOf(c.req.raw, ROUTES.registrationsCsv.query);
      const rows: RegistrationRow[] = [];
      for (let page = [...rows], after = 0; ; after = page.at(-1)?.number ?? 0) {
        page = await store.registrations.page(webinarId, ALL, after, EXPORTED_AT_ONCE);
        rows.push(...page);
        if (page.length < EXPORTED_AT_ONCE) break;
      }
      const csv = toCsv(columns(plan.registrationQuestions), rows, { byteOrderMark: bom === '1' });
      const name = `${fileNameOf(title) || 'Webinar'} registrations.csv`;
      return c.body(csv, 200, { 'content-type': CSV_TYPE, 'content-disposition': attachment(name) });
    });
    app.post(ROUTES.addRegistration.path, async (c) => {
      const webinarId = await hosted(c, ROUTES.addRegistration.scope);
      const { mail, ...person } = await jsonBody(c.req.raw, ROUTES.addRegistration.body);
      await find(webinarId);
      const [outcome = 'known' as const] = await registrations.add(
        webinarId,
        [{ ...person, answers: {} }],
        mail,
      );
      return c.json({ outcome }, 201);
    });
    app.post(ROUTES.answerRegistrations.path, async (c) => {
      const webinarId = await hosted(c, ROUTES.answerRegistrations.scope);
      const { registrationIds, answer } = await jsonBody(c.req.raw, ROUTES.answerRegistrations.body);
      await find(webinarId);
      const rows = await registrations.answer(webinarId, registrationIds, answer);
      return c.json({ registrations: rows.map(told) });
    });
    app.post(ROUTES.importRegistrations.path, async (c) => {
      const webinarId = await hosted(c, ROUTES.importRegistrations.scope);
      const input = await jsonBody(c.req.raw, ROUTES.importRegistrations.body, MAX_IMPORT_BYTES);
      await find(webinarId);
      return c.json(await imported(webinarId, input));
    });
    app.delete(ROUTES.forgetRegistration.path, async (c) => {
      const webinarId = await hosted(c, ROUTES.forgetRegistration.scope);
      await find(webinarId);
      await registrations.forget(webinarId, [c.req.param('registrationId')]);
      return c.json({});
    });
  },
});

const told = (row: RegistrationRow): Registration => ({
  registrationId: row.registrationId,
  name: row.name,
  address: row.address,
  locale: row.locale,
  answers: row.answers,
  state: row.state,
  createdUnixMs: row.createdUnixMs,
  changedUnixMs: row.changedUnixMs,
  joinedUnixMs: row.joinedUnixMs,
  unsubscribed: row.unsubscribedUnixMs !== null,
});

/** One for each of the webinar's questions as they are now. */
const columns = (questions: readonly RegistrationQuestion[]): CsvColumn<RegistrationRow>[] => [
  { name: 'name', of: (row) => row.name },
  { name: 'email', of: (row) => row.address },
  { name: 'state', of: (row) => row.state },
  { name: 'registered', of: (row) => new Date(row.createdUnixMs).toISOString() },
  {
    name: 'joined',
    of: (row) => (row.joinedUnixMs === null ? null : new Date(row.joinedUnixMs).toISOString()),
  },
  { name: 'language', of: (row) => row.locale },
  ...questions.map(({ questionId, text }) => ({
    name: text,
    of: (row: RegistrationRow) => row.answers[questionId] ?? null,
  })),
];
