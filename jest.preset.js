// One preset for every package. Tests run as ES modules through Node's own type stripping,
// so what is tested is what runs; `npm run typecheck` checks the types.
import { fileURLToPath } from 'node:url';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.next/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  transform: { '\\.ts$': fileURLToPath(new URL('./jest.transform.js', import.meta.url)) },
  injectGlobals: true,
  // For what hangs, not for what is slow: tests start processes and databases, and a machine may be a fifth as fast as another.
  testTimeout: 60_000,
};
