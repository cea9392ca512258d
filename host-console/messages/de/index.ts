import ready from './ready.ts';
import shared from './shared.ts';

export default { ready, shared } as const;
