import { existsSync, readFileSync } from 'node:fs';
import { checkout } from '../paths.ts';
import { builds, isBuilt } from './builds.ts';
import { debianPackages, installLine, missingPackages } from './packages.ts';
import { steps, TESTS } from './steps.ts';

describe('set-up steps', () => {
  test('the prebuilt worker is tried before packages are asked for, and the builds come last', () => {
    expect(steps.map(({ name }) => name)).toEqual([
      'the prebuilt mediasoup worker',
      'Debian packages',
      "mediasoup's worker",
      "Node's headers",
      builds.addon.name,
      builds.console.name,
      builds.watch.name,
      builds.people.name,
    ]);
  });

  test("the demo's panelists are drawn for who wants the demo, and for nobody else", async () => {
    const step = steps.find(({ name }) => name === builds.people.name);
    expect(await step?.missing(['edge'])).toBeUndefined();
    expect(await step?.remedy(['demo'])).toBe('./rostrum setup --demo');
  });

  test('every one has a remedy to tell', async () => {
    for (const step of steps) expect(await step.remedy(TESTS)).not.toBe('');
  });

  test('package names are names that apt takes, and none stands twice in its group', () => {
    for (const group of Object.values(debianPackages)) {
      for (const name of group) expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
      expect(new Set<string>(group).size).toBe(group.length);
    }
  });

  test('the line to install is one line', () => {
    expect(installLine(['a', 'b'])).toBe('apt-get update && apt-get install -y --no-install-recommends a b');
  });

  test('packages that are installed are not missing', async () => {
    // This test runs after the set-up for tests, so all of them are.
    expect(await missingPackages(['run', 'addon', ...TESTS])).toEqual([]);
  });

  test('what the builds are made from is there', () => {
    for (const build of Object.values(builds)) {
      for (const source of build.sources)
        expect([source, existsSync(`${checkout}/${source}`)]).toEqual([source, true]);
    }
  });

  test('what has no output is not built', async () => {
    expect(await isBuilt({ ...builds.watch, output: 'audience-web/nothing' })).toBe(false);
  });

  test('the script in front says which Node it brings and why', () => {
    expect(readFileSync(`${checkout}/rostrum`, 'utf8')).toContain('bringing Node 24');
  });
});
