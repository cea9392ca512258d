import backstage from './backstage.ts';
import mail from './mail.ts';
import ready from './ready.ts';
import report from './report.ts';
import shared from './shared.ts';

export default { backstage, mail, ready, report, shared } as const;
