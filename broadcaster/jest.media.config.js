export { default } from '../jest.media.js';
