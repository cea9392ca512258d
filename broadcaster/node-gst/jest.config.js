import preset from '../../jest.preset.js';

// Real pipelines on a machine that others use too: the tests' own deadlines (10 s) speak first.
export default { ...preset, testTimeout: 30_000 };
