import { z } from 'zod';
import {
  defaultNodeId,
  type Environment,
  nodeSettings,
  Port,
  parseSettings,
  SettingsError,
} from './settings.ts';

const schema = z.object({ ...nodeSettings, PORT: Port.default(8080) });
const GOOD = { ROSTRUM_COORDINATOR_URL: 'http://localhost:3000', ROSTRUM_NODE_TOKEN: 'a token of the test' };
const read = (env: Environment) => parseSettings(schema, env, { secrets: ['ROSTRUM_NODE_TOKEN'] });
const problems = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

describe('settings', () => {
  test('an empty variable is an unset one', () => {
    expect(read({ ...GOOD, PORT: '' }).PORT).toBe(8080);
    expect(problems(() => read({ ...GOOD, ROSTRUM_COORDINATOR_URL: '' }))).toEqual([
      'ROSTRUM_COORDINATOR_URL is not set: an http(s) URL, e.g. http://localhost:3000',
    ]);
  });

  test('each wrong one is named with its value and what would do; a secret is not shown', () => {
    const bad = { ROSTRUM_COORDINATOR_URL: 'localhost', ROSTRUM_NODE_TOKEN: 'secret', PORT: '70000' };
    expect(problems(() => read(bad))).toEqual([
      'ROSTRUM_COORDINATOR_URL is "localhost": an http(s) URL, e.g. http://localhost:3000',
      'ROSTRUM_NODE_TOKEN is (hidden): at least 16 characters',
      'PORT is "70000": at most 65535',
    ]);
  });

  test('a service may word it otherwise, and gets no secret to word', () => {
    const say = (...words: string[]): string => words.join(' | ');
    expect(
      problems(() =>
        parseSettings(
          schema,
          { ...GOOD, ROSTRUM_NODE_TOKEN: 'secret' },
          { secrets: ['ROSTRUM_NODE_TOKEN'], say },
        ),
      ),
    ).toEqual(['ROSTRUM_NODE_TOKEN | set | at least 16 characters']);
  });

  test('nodes of one machine have different names, the same after a restart', () => {
    expect(defaultNodeId('sfu', 44_444)).toMatch(/^sfu-[A-Za-z0-9-]+-44444$/);
    expect(defaultNodeId('sfu', 0)).toContain(`-p${process.pid}`);
  });
});
