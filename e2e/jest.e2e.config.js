import preset from '../jest.preset.js';

// The browser ring: whole systems, one after the other, each started and stopped by its own test file.
export default { ...preset, testMatch: ['**/*.e2e.ts'], testTimeout: 120_000, maxWorkers: 1 };
