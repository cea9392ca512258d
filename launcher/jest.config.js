import preset from '../jest.preset.js';

// The tests start real processes, several in a row.
export default { ...preset, testTimeout: 30_000 };
