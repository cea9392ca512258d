import { failuresIn, stages, tallyJest } from './test-run.ts';

describe('tally of the test runs', () => {
  test("adds up Jest's own summaries, through turbo's prefixes and colours", () => {
    const lines = [
      '@rostrum/contracts:test: Test Suites: 2 passed, 2 total',
      '@rostrum/contracts:test: \u001b[1mTests:       \u001b[22m\u001b[32m12 passed\u001b[39m, 12 total',
      'Test Suites: 1 failed, 3 passed, 4 total',
      'Tests:       2 failed, 1 skipped, 1 todo, 30 passed, 34 total',
    ];
    expect(tallyJest(lines)).toEqual({ passed: 42, failed: 2 });
  });

  test('a suite that could not be loaded counts as a failure', () => {
    expect(tallyJest(['Test Suites: 1 failed, 1 passed, 2 total', 'Tests:       5 passed, 5 total'])).toEqual(
      {
        passed: 5,
        failed: 1,
      },
    );
  });

  test('other output counts for nothing', () => {
    expect(tallyJest(['Tests: all well', 'Snapshots:   0 total', '3 passed'])).toEqual({
      passed: 0,
      failed: 0,
    });
  });

  test('format, types, unit and end-to-end tests are all run', () => {
    expect(stages.map(({ name }) => name)).toEqual([
      'format and lint',
      'types',
      'unit tests',
      'media in real time',
      'end to end',
    ]);
  });
});

describe('what is told of failures', () => {
  test('the failed tests of each run, without those that passed', () => {
    const failed = ['a:test:   ● a thing › works', 'a:test: ', 'a:test:     Received: 2'];
    const lines = [
      'a:test: FAIL a.test.ts',
      ...failed,
      'a:test: PASS b.test.ts',
      'a:test:   ✓ good',
      'a:test: Test Suites: 1 failed',
    ];
    expect(failuresIn(lines)).toEqual(failed);
  });

  test('the last lines, where no test failed', () => {
    expect(failuresIn(['one', 'two', 'three'], 2)).toEqual(['two', 'three']);
  });
});
