// Tests whose subject is time itself: real encoders, real browsers, lip sync. They run one file at a time with the machine
// to themselves, so that what they measure is the product and not their neighbours.
import preset from './jest.preset.js';

export default { ...preset, testMatch: ['**/*.media.ts'], testTimeout: 120_000, maxWorkers: 1 };
