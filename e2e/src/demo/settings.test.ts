import { settingsFrom } from './settings.ts';

const given = { ROSTRUM_OWNER_URL: 'http://localhost:3000/#t=secret', ROSTRUM_DATA_DIR: '/somewhere' };

test('there are two panelists unless somebody wants one to four', () => {
  expect(settingsFrom(given).ROSTRUM_DEMO_PANELISTS).toBe(2);
  expect(settingsFrom({ ...given, ROSTRUM_DEMO_PANELISTS: '4' }).ROSTRUM_DEMO_PANELISTS).toBe(4);
  for (const wrong of ['0', '5', '1.5', 'many']) {
    expect(() => settingsFrom({ ...given, ROSTRUM_DEMO_PANELISTS: wrong })).toThrow(
      `ROSTRUM_DEMO_PANELISTS is "${wrong}": from 1 to 4`,
    );
  }
});

test('the owner link is not shown when it is wrong', () => {
  expect(() => settingsFrom({ ...given, ROSTRUM_OWNER_URL: 'secret' })).toThrow(
    'ROSTRUM_OWNER_URL is (hidden)',
  );
});
