import backstage from './backstage.ts';
import ready from './ready.ts';
import report from './report.ts';
import shared from './shared.ts';

export default { backstage, ready, shared, report } as const;
