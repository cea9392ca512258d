import { GObject, GstError, hasElement, init, parseLaunch, version } from './index.ts';
import { codeOf, elementOf, must, withPipeline } from './testing.ts';

describe('properties', () => {
  beforeAll(() => init());

  test('the library tells its version and what elements it has', () => {
    init();
    expect(version()).toMatch(/^GStreamer 1\./);
    expect(hasElement('videotestsrc')).toBe(true);
    expect(hasElement('no-such-element')).toBe(false);
  });

  test.each([
    ['boolean', 'videotestsrc', 'is-live', true, true],
    ['int', 'videotestsrc', 'num-buffers', 7, 7],
    ['unsigned int beyond 31 bits', 'videotestsrc', 'foreground-color', 0xff00ff00, 0xff00ff00],
    ['enum by nick', 'videotestsrc', 'pattern', 'ball', 'ball'],
    ['enum by number', 'videotestsrc', 'pattern', 18, 'ball'],
    ['flags by nick', 'x264enc', 'tune', 'zerolatency+fastdecode', 'fastdecode+zerolatency'],
    ['signed 64 bits', 'fakesink', 'ts-offset', -5_000_000_000, -5_000_000_000],
    ['unsigned 64 bits, unsafe', 'queue', 'max-size-time', 2n ** 63n, 2n ** 63n],
    ['unsigned 64 bits, safe bigint', 'queue', 'max-size-time', 5n, 5],
    ['double', 'volume', 'volume', 0.25, 0.25],
    ['float', 'pitch', 'tempo', 0.5, 0.5],
    ['string', 'filesrc', 'location', '/some/where', '/some/where'],
    ['caps', 'capsfilter', 'caps', 'video/x-raw,width=3', 'video/x-raw, width=(int)3'],
    ['structure', 'rtpbin', 'sdes', 'application/x-rtp-source-sdes,cname=(string)me', /cname=\(string\)me/],
    ['fraction', 'rawvideoparse', 'framerate', '30000/1001', '30000/1001'],
  ] as const)('%s: what is set is read back', async (_, factory, property, value, expected) => {
    await withPipeline(`${factory} name=it`, (pipeline) => {
      const it = elementOf(pipeline, 'it');
      it.set(property, value);
      if (expected instanceof RegExp) expect(it.get(property)).toMatch(expected);
      else expect(it.get(property)).toBe(expected);
    });
  });

  test.each([
    ['videotestsrc', 'nope', 1, 'no-property'],
    ['videotestsrc', 'is-live', 'yes', 'bad-type'],
    ['videotestsrc', 'num-buffers', 'many', 'bad-type'],
    ['videotestsrc', 'num-buffers', 1.5, 'bad-value'],
    ['videotestsrc', 'num-buffers', -2, 'bad-value'],
    ['videotestsrc', 'num-buffers', 2n ** 70n, 'bad-value'],
    ['videotestsrc', 'num-buffers', Number.NaN, 'bad-value'],
    ['videotestsrc', 'pattern', 'no-such-pattern', 'bad-value'],
    ['videotestsrc', 'pattern', 999, 'bad-value'],
    ['x264enc', 'tune', 'zerolatency+nope', 'bad-value'],
    ['volume', 'volume', 1e9, 'bad-value'],
    ['filesrc', 'location', 5, 'bad-type'],
    ['capsfilter', 'caps', '%%%', 'bad-value'],
    ['capsfilter', 'caps', 5, 'bad-type'],
    ['fakesink', 'last-sample', 'x', 'not-writable'],
  ] as const)('%s.%s = %p is refused with a code', async (factory, property, value, code) => {
    await withPipeline(`${factory} name=it`, (pipeline) => {
      const it = elementOf(pipeline, 'it');
      expect(codeOf(() => it.set(property, value))).toBe(code);
    });
  });

  test('the message of a bad nick names the ones that would do', async () => {
    await withPipeline('videotestsrc name=it', (pipeline) => {
      expect(() => elementOf(pipeline, 'it').set('pattern', 'xx')).toThrow(
        /has no value 'xx', only: smpte, snow/,
      );
    });
  });

  test('every readable property of many elements reads, or says that it has no plain form', async () => {
    const factories = [
      'videotestsrc',
      'x264enc',
      'compositor',
      'audiomixer',
      'rtpbin',
      'appsrc',
      'appsink',
      'tee',
    ];
    for (const factory of factories) {
      await withPipeline(`${factory} name=it`, (pipeline) => {
        const it = elementOf(pipeline, 'it');
        for (const property of [
          'name',
          'parent',
          'latency',
          'caps',
          'last-sample',
          'stats',
          'template',
          'sdes',
        ]) {
          expect(['nothing thrown', 'no-property', 'not-readable', 'bad-type']).toContain(
            codeOf(() => it.get(property)),
          );
        }
      });
    }
  });

  test('an object property comes as an object, a structure as plain data', async () => {
    await withPipeline('fakesink name=it', (pipeline) => {
      const it = elementOf(pipeline, 'it');
      expect(must(it.getObject('parent')).same(pipeline)).toBe(true);
      expect(codeOf(() => it.get('parent'))).toBe('bad-type');
      expect(it.getFields('stats')).toMatchObject({ dropped: 0, rendered: 0 });
    });
  });

  test('pads of a compositor are requested with properties, and reached through their element too', async () => {
    await withPipeline('compositor name=mix ! fakesink', (pipeline) => {
      const mix = elementOf(pipeline, 'mix');
      const pad = mix.requestPad('sink_%u', {
        xpos: 10,
        ypos: -20,
        width: 640,
        height: 360,
        alpha: 0.5,
        zorder: 3,
      });
      expect(pad.name).toBe('sink_0');
      expect([pad.get('xpos'), pad.get('ypos'), pad.get('alpha'), pad.get('zorder')]).toEqual([
        10, -20, 0.5, 3,
      ]);
      mix.set('sink_0::alpha', 0.75);
      expect(pad.get('alpha')).toBe(0.75);
      expect(codeOf(() => mix.set('sink_0::alpha', 2))).toBe('bad-value');
      expect(codeOf(() => mix.set('sink_7::alpha', 0.5))).toBe('no-property');
      expect(codeOf(() => mix.requestPad('sink_%u', { nope: 1 }))).toBe('no-property');
      expect(mix.pads().map((each) => each.name)).toEqual(['src', 'sink_0']);
      mix.releasePad(pad);
      expect(mix.getPad('sink_0')).toBeNull();
      expect(codeOf(() => mix.releasePad(pad))).toBe('no-pad');
      expect(codeOf(() => mix.requestPad('nope_%u'))).toBe('no-pad');
    });
  });

  test('action signals take arguments by their type and hand back objects', async () => {
    await withPipeline('rtpbin name=it', (pipeline) => {
      const it = elementOf(pipeline, 'it');
      expect(it.emit('clear-pt-map')).toBeNull();
      expect(codeOf(() => it.emit('no-such-action'))).toBe('no-signal');
      expect(codeOf(() => it.emit('pad-added', 1))).toBe('no-signal');
      expect(codeOf(() => it.emit('get-internal-session', 'x'))).toBe('bad-type');
      expect(codeOf(() => it.emit('get-internal-session'))).toBe('bad-type');
      it.requestPad('recv_rtp_sink_0');
      const session = it.emit('get-internal-session', 0);
      if (!(session instanceof GObject)) throw new Error('no session');
      expect(session.getFields('stats')).toMatchObject({ 'source-stats': [] });
    });
  });

  test('links that cannot be say why', async () => {
    await withPipeline(
      'videotestsrc name=v audiotestsrc name=a fakesink name=f volume name=vol',
      (pipeline) => {
        const [v, a, f, volume] = ['v', 'a', 'f', 'vol'].map((name) => elementOf(pipeline, name));
        const source = must(must(v).getPad('src'));
        expect(codeOf(() => source.link(must(must(volume).getPad('sink'))))).toBe('link-failed');
        expect(codeOf(() => source.link(source))).toBe('link-failed');
        source.link(must(must(f).getPad('sink')));
        expect(source.isLinked).toBe(true);
        expect(must(source.peer()).name).toBe('sink');
        expect(() => must(must(a).getPad('src')).link(must(must(f).getPad('sink')))).toThrow(/was linked/);
        source.unlink();
        source.unlink();
        expect(source.isLinked).toBe(false);
        expect(must(v).link(must(f), 'video/x-raw,width=320')).toBe(true);
        expect(codeOf(() => must(v).link(must(f), '%%'))).toBe('parse');
      },
    );
  });

  test.each(['', 'foo ! bar', 'videotestsrc ! audioconvert ! fakesink', 'fakesrc !', 'fakesrc nope=1', '"'])(
    'the description %p does not parse, and says why',
    (description) => {
      expect(codeOf(() => parseLaunch(description))).toBe('parse');
      expect(() => parseLaunch(description)).toThrow(GstError);
    },
  );
});
