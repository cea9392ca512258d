import backstage from './backstage.ts';
import ready from './ready.ts';
import shared from './shared.ts';

export default { backstage, ready, shared } as const;
