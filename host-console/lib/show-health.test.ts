import type { ShowHealth } from '@rostrum/contracts';
import { describeHealth, describeShed } from './show-health.ts';

const well: ShowHealth = {
  stage: { is: 'here', busy: false },
  broadcaster: { is: 'here', busy: false },
  shed: [],
  picture: null,
  recording: null,
  downloads: [],
  withheld: [],
  goingLive: null,
  unattended: null,
};
const said = (change: Partial<ShowHealth>): string | null =>
  describeHealth({ ...well, ...change })?.text ?? null;

test('a show that is well, or not live yet, is not talked about', () => {
  expect(said({})).toBeNull();
  expect(said({ stage: { is: 'unused' }, broadcaster: { is: 'unused' } })).toBeNull();
});

test.each<[ShowHealth['shed'], string | null]>([
  [[], null],
  [['small-layers'], "The broadcaster's machine is busy: cameras are taken in a smaller size for now."],
  [['small-layers', '720p'], "The broadcaster's machine is too slow: 720p is off for now."],
  [
    ['720p', 'half-rate'],
    "The broadcaster's machine is too slow: 720p is off for now, at half the pictures a second.",
  ],
  [['720p', '480p'], "The broadcaster's machine is too slow: only sound and 240p for now."],
  [['720p', '240p'], "The broadcaster's machine is too slow: only sound and 480p for now."],
  [['720p', '480p', '240p'], "The broadcaster's machine is too slow: only the sound for now."],
  [['half-rate'], "The broadcaster's machine is too slow: half the pictures a second for now."],
])('without %j', (shed, words) => {
  expect(describeShed(shed)).toBe(words);
});

test('of several troubles the worst is said', () => {
  const late = { is: 'late', sinceUnixMs: 5000 } as const;
  expect(said({ shed: ['720p'], stage: { is: 'here', busy: true } })).toContain('720p is off');
  expect(said({ shed: ['720p'], broadcaster: late })).toContain('The broadcaster is late to answer');
  expect(describeHealth({ ...well, broadcaster: late })?.sinceUnixMs).toBe(5000);
  expect(said({ stage: { is: 'lost' }, broadcaster: late })).toContain('stage');
  const failing = { is: 'failing', sinceUnixMs: 7000 } as const;
  expect(said({ picture: failing, stage: { is: 'lost' } })).toContain('The picture cannot be made');
  expect(said({ picture: failing, broadcaster: { is: 'lost' } })).toContain('The broadcaster is gone');
  expect(said({ broadcaster: { is: 'lost' }, stage: { is: 'lost' } })).toContain('broadcaster');
  expect(said({ stage: { is: 'here', busy: true } })).toContain("The stage's machine is busy");
});

test('what stands in the way of recording is said, with what to do', () => {
  expect(said({ recording: { is: 'low', usedPercent: 91 }, shed: ['720p'] })).toContain('filling up (91 %)');
  expect(said({ recording: { is: 'full', usedPercent: 99 } })).toContain('The stream goes on');
  const failing = { is: 'failing', sinceUnixMs: 7000 } as const;
  expect(describeHealth({ ...well, recording: failing })).toEqual({
    text: expect.stringContaining('cannot be written'),
    sinceUnixMs: 7000,
  });
  expect(said({ recording: failing, broadcaster: { is: 'lost' } })).toContain('The broadcaster is gone');
});

test('a copy of the recording that is behind is said, with why', () => {
  const behind = { is: 'unpublished', problem: null, behindMinutes: 3 } as const;
  expect(said({ recording: behind })).toBe(
    'The copy of the recording in the bucket is 3 min behind. It is on the disk, and the rest follows by itself.',
  );
  expect(said({ recording: { ...behind, problem: 'credentials' } })).toContain(
    '3 min behind: its credentials are wrong or have expired',
  );
  expect(said({ recording: { is: 'unpublished', problem: 'no-bucket', behindMinutes: 0 } })).toContain(
    'does not reach its bucket: the bucket is not there',
  );
});

test('who is not in the broadcast is named with the reason', () => {
  const withheld = [{ name: 'Eve', source: 'camera', reason: 'quarantined' }] as const;
  expect(said({ withheld })).toBe(
    "Eve's camera is not in the broadcast, because the picture broke down twice with it.",
  );
  expect(said({ withheld: [{ name: 'Ada', source: 'screen', reason: 'too-large' }, ...withheld] })).toBe(
    "Ada's screen is not in the broadcast: its picture is too large. Sharing it smaller helps. Nor is 1 more.",
  );
});

test('a going live that takes long, or did not come about, says so before all else', () => {
  expect(said({ goingLive: { is: 'starting', sinceUnixMs: 1 }, broadcaster: { is: 'lost' } })).toContain(
    'takes longer',
  );
  expect(said({ goingLive: { is: 'failed', code: 'limit-reached' } })).toContain(
    'no room for another webinar',
  );
  expect(said({ goingLive: { is: 'failed', code: 'node-timeout' } })).toContain('did not go live');
});
