import { attachment, fileNameOf } from '@rostrum/service-kit/file-name';
import { CSV_TYPE, toCsv } from '../csv.ts';
import type { Erasure } from '../reports/erasure.ts';
import { type Reports, TABLES } from '../reports/reports.ts';
import { queryOf } from './body.ts';
import type { Area, Request } from './desk.ts';
import { REPORT_ROUTES as ROUTES } from './report-routes.ts';
import type { WebinarService } from './webinar-service.ts';

export interface ReportAreaOptions {
  readonly reports: Reports;
  readonly erasure: Erasure;
  readonly service: Pick<WebinarService, 'quality'>;
}

/** Reports over HTTP. */
export const reportArea = ({ reports, erasure, service }: ReportAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.get(ROUTES.attendance.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c, ROUTES.attendance.scope);
      return c.json(await reports.attendance(bearer, c.req.param('id')));
    });
    app.get(ROUTES.participants.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c, ROUTES.participants.scope);
      const query = queryOf(c.req.raw, ROUTES.participants.query);
      return c.json(await reports.participants(bearer, c.req.param('id'), query));
    });
    app.get(ROUTES.participantsCsv.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c, ROUTES.participantsCsv.scope);
      const { bom, each } = queryOf(c.req.raw, ROUTES.participantsCsv.query);
      const { title, participants } = await reports.everybody(bearer, c.req.param('id'));
      const options = { byteOrderMark: bom === '1' };
      const csv =
        each === 'participant'
          ? toCsv(TABLES.participants, participants, options)
          : toCsv(
              TABLES.sessions,
              participants.flatMap((who) => who.sessions.map((session) => ({ who, session }))),
              options,
            );
      return saved(c, csv, `${fileNameOf(title) || 'Webinar'} ${each}s.csv`);
    });
    app.delete(ROUTES.eraseParticipant.path, async (c) => {
      desk.limit(c);
      const { id, personId } = c.req.param();
      return c.json(await erasure.erase(await desk.bearerOf(c), id, personId));
    });
    app.get(ROUTES.qualityCsv.path, async (c) => {
      desk.limit(c);
      const { bom } = queryOf(c.req.raw, ROUTES.qualityCsv.query);
      const rows = await service.quality(await desk.bearerOf(c), c.req.param('id'));
      return saved(c, toCsv(TABLES.quality, rows, { byteOrderMark: bom === '1' }), 'quality.csv');
    });
  },
});

const saved = (c: Request, csv: string, name: string): Response =>
  c.body(csv, 200, { 'content-type': CSV_TYPE, 'content-disposition': attachment(name) });
