import account from './account.ts';
import backstage from './backstage.ts';
import developers from './developers.ts';
import doors from './doors.ts';
import mail from './mail.ts';
import mails from './mails.ts';
import plan from './plan.ts';
import ready from './ready.ts';
import registration from './registration.ts';
import registrations from './registrations.ts';
import report from './report.ts';
import shared from './shared.ts';

export default {
  account,
  backstage,
  developers,
  doors,
  mail,
  mails,
  plan,
  ready,
  registration,
  registrations,
  report,
  shared,
} as const;
