import {
  NEW_NETWORK,
  type NetworkNumbers,
  type NetworkState,
  type NetworkVerdict,
  nextNetwork,
  uploadPicture,
  verdictOf,
} from './network-verdict.ts';

const FINE: NetworkNumbers = {
  uploadLoss: 0,
  downloadLoss: 0,
  uploadPicture: 'whole',
  downloadPicture: 'whole',
  roundTripMs: 20,
  processorLimited: false,
};
const AT_ONCE = { riseMs: 0, fallMs: 0 };

const say = ({ word, badly }: NetworkVerdict): string => (badly ? `${word}, badly` : word);
const judge = (numbers: Partial<NetworkNumbers>, before: NetworkState = NEW_NETWORK): NetworkState =>
  nextNetwork(before, { ...FINE, ...numbers }, 0, AT_ONCE);

describe('the word for a network', () => {
  test.each<[string, Partial<NetworkNumbers>]>([
    ['fine', {}],
    ['fine', { uploadLoss: null, downloadLoss: null, roundTripMs: null }],
    ['fine', { uploadLoss: 0.04, downloadLoss: 0.04, roundTripMs: 240 }],
    ['upload-weak', { uploadLoss: 0.05 }],
    ['upload-weak, badly', { uploadLoss: 0.15 }],
    ['upload-weak', { uploadPicture: 'smaller' }],
    ['upload-weak, badly', { uploadPicture: 'least' }],
    ['download-weak', { downloadLoss: 0.08 }],
    ['download-weak', { downloadPicture: 'smaller' }],
    ['download-weak, badly', { downloadPicture: 'least' }],
    ['both-weak', { uploadLoss: 0.06, downloadLoss: 0.06 }],
    ['both-weak, badly', { uploadLoss: 0.06, downloadLoss: 0.3 }],
    ['far-away', { roundTripMs: 300 }],
    ['far-away, badly', { roundTripMs: 500 }],
    ['machine-busy', { processorLimited: true }],
    // The first of what could be the cause of the others.
    ['machine-busy', { processorLimited: true, roundTripMs: 900 }],
    ['upload-weak', { uploadLoss: 0.06, processorLimited: true, roundTripMs: 900 }],
  ])('is %s for %j', (word, numbers) => {
    expect(say(verdictOf(judge(numbers)))).toBe(word);
  });

  test.each([
    ['loss', 'uploadLoss', 0.06, 0.03, 0.02],
    ['a long way', 'roundTripMs', 260, 210, 190],
  ] as const)('of %s ends lower than it begins', (_, key, begins, between, ends) => {
    const weak = judge({ [key]: begins });
    expect(verdictOf(weak).word).not.toBe('fine');
    expect(verdictOf(judge({ [key]: between })).word).toBe('fine');
    expect(verdictOf(judge({ [key]: between }, weak)).word).toBe(verdictOf(weak).word);
    expect(verdictOf(judge({ [key]: ends }, weak)).word).toBe('fine');
  });

  /** What was seen, every second, and what is said of it. */
  const told = (losses: readonly number[]): string[] => {
    let state = NEW_NETWORK;
    return losses.map((uploadLoss, second) => {
      state = nextNetwork(state, { ...FINE, uploadLoss }, second * 1000, { riseMs: 2000, fallMs: 4000 });
      return verdictOf(state).word === 'fine' ? '-' : verdictOf(state).badly ? 'B' : 'w';
    });
  };

  test.each([
    ['a moment of loss says nothing', [0.2, 0, 0, 0.2, 0.2, 0], '------'],
    ['what lasts is said', [0.1, 0.1, 0.1, 0.1], '--ww'],
    ['a moment of worse in it is not said', [0.1, 0.5, 0.1, 0.1], '--ww'],
    ['a moment without does not take it back', [0.1, 0.1, 0.1, 0, 0, 0.1, 0, 0, 0], '--wwwwwww'],
    ['what has been gone for longer is', [0.1, 0.1, 0.1, 0, 0, 0, 0, 0], '--wwwww-'],
    ['what gets less bad goes by what it was at worst', [0.3, 0.3, 0.3, 0, 0, 0.06, 0, 0], '--BBBBBw'],
  ])('%s', (_, losses, expected) => {
    expect(told(losses).join('')).toBe(expected);
  });
});

describe('what others see of a camera', () => {
  test.each([
    ['whole', { sent: 3, of: 3 }, 'bandwidth'],
    ['whole', { sent: 1, of: 3 }, 'none'],
    ['whole', { sent: 1, of: 3 }, 'cpu'],
    ['whole', null, 'bandwidth'],
    ['smaller', { sent: 2, of: 3 }, 'bandwidth'],
    ['smaller', { sent: 1, of: 2 }, 'bandwidth'],
    ['least', { sent: 1, of: 3 }, 'bandwidth'],
  ] as const)('is %s with %j, limited by %s', (left, layers, limitedBy) => {
    expect(uploadPicture(layers, limitedBy)).toBe(left);
  });
});
