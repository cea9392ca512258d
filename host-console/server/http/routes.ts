import { ACCOUNT_ROUTES } from './account-routes.ts';
import { INVITATION_ROUTES } from './invitation-routes.ts';
import { MAIL_ROUTES } from './mail-routes.ts';
import { MEMBER_ROUTES } from './member-routes.ts';
import { PASSCODE_ROUTES } from './passcode-area.ts';
import { PLAN_ROUTES } from './plan-routes.ts';
import { READINESS_ROUTES } from './readiness-area.ts';
import { REGISTRATION_ROUTES } from './registration-routes.ts';
import { REPORT_ROUTES } from './report-routes.ts';
import { SERIES_ROUTES } from './series-routes.ts';
import { V1_COMMANDS, V1_ROUTES } from './v1/routes.ts';
import { TOKEN_ROUTES } from './v1/token-routes.ts';
import { WEBHOOK_ROUTES } from './v1/webhook-routes.ts';
import { WEBINAR_ROUTES } from './webinar-routes.ts';

/** Every operation of the HTTP API, area by area: who may call which is told of these by table (`access-table.test.ts`). */
export const ROUTES = {
  ...WEBINAR_ROUTES,
  ...READINESS_ROUTES,
  ...REPORT_ROUTES,
  ...REGISTRATION_ROUTES,
  ...TOKEN_ROUTES,
  ...PLAN_ROUTES,
  ...PASSCODE_ROUTES,
  ...INVITATION_ROUTES,
  ...SERIES_ROUTES,
  ...V1_ROUTES,
  ...V1_COMMANDS,
  ...WEBHOOK_ROUTES,
  ...ACCOUNT_ROUTES,
  ...MEMBER_ROUTES,
  ...MAIL_ROUTES,
} as const;
