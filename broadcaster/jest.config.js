import preset from '../jest.preset.js';

export default { ...preset, testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '/node-gst/'] };
