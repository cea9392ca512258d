import type { QualityReport, SeenNetwork } from '@rostrum/contracts';
import { FINE_REPORT, reportWith } from '../testing/quality-report.ts';
import { isStale, type KnownPerson, learn, STALE_MS } from './person.ts';

type Seen = Partial<Pick<SeenNetwork, 'send' | 'receive'>>;
const GETS = { loss: 0, roundTripMs: 20, bitrate: 1_000_000, picture: 'whole' } as const;

const seeing = ({ send = null, receive = null }: Seen): SeenNetwork => ({ personId: 'bo-1', send, receive });
function know(report: QualityReport | null, seen: Seen | null): KnownPerson {
  let known: KnownPerson | null = null;
  if (report) known = learn('bo-1', known, { said: report }, 0);
  if (seen) known = learn('bo-1', known, { seen: seeing(seen) }, 0);
  if (!known) throw new Error('nothing to know');
  return known;
}

describe('the word for somebody follows from', () => {
  test.each<[string, string, QualityReport | null, Seen | null]>([
    ['nothing wrong', 'fine', FINE_REPORT, { send: { loss: 0, bitrate: 1 }, receive: GETS }],
    ['their own word', 'upload-weak', reportWith({ send: { loss: 0.1 } }), null],
    ['what the SFU sees, whatever they say', 'upload-weak', FINE_REPORT, { send: { loss: 0.1, bitrate: 1 } }],
    ['what the SFU sees, where they say nothing', 'download-weak', null, { receive: { ...GETS, loss: 0.1 } }],
    // It may be another one’s upload.
    ['the SFU’s count of the way down, and not theirs', 'fine', reportWith({ receive: { loss: 0.3 } }), null],
    [
      'the layers they leave out',
      'upload-weak',
      reportWith({ send: { layers: { sent: 2, of: 3 }, limitedBy: 'bandwidth' } }),
      null,
    ],
    [
      'the layers the SFU holds back',
      'download-weak',
      FINE_REPORT,
      { receive: { ...GETS, picture: 'smaller' } },
    ],
    ['their processor', 'machine-busy', reportWith({ send: { limitedBy: 'cpu' } }), null],
    ['the longer way', 'far-away', FINE_REPORT, { receive: { ...GETS, roundTripMs: 400 } }],
  ])('%s: %s', (_, word, report, seen) => {
    expect(know(report, seen).quality.word).toBe(word);
  });
});

test('worse is said at once, better after ten seconds of it', () => {
  const weak = reportWith({ send: { loss: 0.1 } });
  let known = learn('bo-1', null, { said: weak }, 0);
  const words = [known.quality.word];
  for (let atMs = 5000; atMs <= 15_000; atMs += 5000) {
    known = learn('bo-1', known, { said: FINE_REPORT }, atMs);
    words.push(known.quality.word);
  }
  expect(words).toEqual(['upload-weak', 'upload-weak', 'upload-weak', 'fine']);
});

test('what is old is not counted, and somebody of whom all is old is not known', () => {
  const weak = know(reportWith({ send: { loss: 0.1 } }), null);
  expect(isStale(weak, STALE_MS - 1)).toBe(false);
  expect(isStale(weak, STALE_MS)).toBe(true);
  const later = learn('bo-1', weak, { seen: seeing({ receive: GETS }) }, STALE_MS);
  expect(later.said).toBeNull();
  expect(later.quality.send.loss).toBeNull();
});
