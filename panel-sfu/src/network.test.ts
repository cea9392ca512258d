import { NetworkWatch, type PictureLayers, pictureLeft } from './network.ts';

type Watched = Parameters<NetworkWatch['look']>[3][number];

const camera = (wanted: number, current: number, scores: number[], more: Partial<Watched> = {}): Watched =>
  ({
    kind: 'video',
    type: 'simulcast',
    paused: false,
    producerPaused: false,
    preferredLayers: { spatialLayer: wanted },
    currentLayers: current < 0 ? undefined : { spatialLayer: current },
    score: { score: 10, producerScore: 10, producerScores: scores },
    getStats: async () => [{ type: 'outbound-rtp', kind: 'video', roundTripTime: 40 }],
    ...more,
  }) as Watched;
const transport = (stats: object) => ({ getStats: async () => [stats] as never });

describe('what a network leaves of pictures', () => {
  const all = [10, 10, 10];
  test.each<[string, PictureLayers[]]>([
    ['whole', []],
    ['whole', [{ wanted: 2, current: 2, scores: all }]],
    ['whole', [{ wanted: 0, current: 0, scores: all }]],
    // Its sender sends no more than that.
    ['whole', [{ wanted: 2, current: 1, scores: [10, 10, 0] }]],
    ['whole', [{ wanted: 2, current: -1, scores: [0, 0, 0] }]],
    ['smaller', [{ wanted: 2, current: 1, scores: all }]],
    [
      'smaller',
      [
        { wanted: 2, current: 2, scores: all },
        { wanted: 1, current: 0, scores: all },
      ],
    ],
    ['least', [{ wanted: 0, current: -1, scores: all }]],
    [
      'least',
      [
        { wanted: 2, current: 1, scores: all },
        { wanted: 2, current: -1, scores: all },
      ],
    ],
  ])('is %s of %j', (left, pictures) => {
    expect(pictureLeft(pictures)).toBe(left);
  });
});

describe('what an SFU sees of a person', () => {
  const sends = transport({ rtpPacketLossReceived: 0.07, rtpRecvBitrate: 900_000 });
  const gets = transport({ rtpPacketLossSent: 0.02, rtpSendBitrate: 1_500_000 });

  test('is loss each way, the round trip and the pictures', async () => {
    expect(await new NetworkWatch().look(sends, gets, [], [camera(2, 2, [10, 10, 10])])).toEqual({
      send: { loss: 0.07, bitrate: 900_000 },
      receive: { loss: 0.02, bitrate: 1_500_000, roundTripMs: 40, picture: 'whole' },
    });
  });

  test('is no more loss than the pictures miss in the end: what was overtaken is there later', async () => {
    const told = { packets: 0, lost: 0 };
    const reports = (type: string) => [
      { type, kind: 'video', ssrc: 1, packetCount: told.packets, packetsLost: told.lost },
      // Beside its own a consumer has its producer's.
      { type: 'other', kind: 'video', ssrc: 2, packetCount: told.packets, packetsLost: told.packets },
    ];
    const sent = {
      kind: 'video',
      paused: false,
      getStats: async () => reports('inbound-rtp') as never,
    } as const;
    const got = camera(2, 2, [10, 10, 10], { getStats: async () => reports('outbound-rtp') as never });
    const overtaken = transport({ rtpPacketLossSent: 0.12, rtpSendBitrate: 1_500_000 });
    const watch = new NetworkWatch();
    const look = async (packets: number, lost: number) => {
      told.packets += packets;
      told.lost += lost;
      const { send, receive } = await watch.look(sends, overtaken, [sent], [got]);
      return [send?.loss, receive?.loss];
    };
    // Nothing to compare with yet.
    expect(await look(100, 0)).toEqual([0.07, 0.12]);
    expect(await look(400, 4)).toEqual([0.01, 0.01]);
    expect(await look(400, -4)).toEqual([0, 0]);
    // What a receiver misses may be what a sender lost: then the transport's own count is less.
    expect(await look(400, 100)).toEqual([0.07, 0.12]);
    expect(await look(20, 0)).toEqual([0.07, 0.12]);
  });

  test('of sound alone is what had to be sent again: the count of the transport is one of when pictures flowed', async () => {
    const told = { packets: 0, resent: 0 };
    const sound = camera(0, 0, [10], {
      kind: 'audio',
      type: 'simple',
      getStats: async () =>
        [
          {
            type: 'outbound-rtp',
            kind: 'audio',
            ssrc: 3,
            packetCount: told.packets,
            packetsRetransmitted: told.resent,
            roundTripTime: 40,
          },
        ] as never,
    });
    const old = transport({ rtpPacketLossSent: 0.33, rtpSendBitrate: 40_000 });
    const watch = new NetworkWatch();
    const look = async (packets: number, resent: number) => {
      told.packets += packets;
      told.resent += resent;
      return (await watch.look(sends, old, [], [sound])).receive?.loss;
    };
    expect([await look(0, 0), await look(250, 50), await look(250, 0)]).toEqual([0.33, 0.2, 0]);
  });

  test('a picture is smaller once it was so twice: who has just asked for more is given a moment', async () => {
    const watch = new NetworkWatch();
    const look = async (current: number): Promise<string | undefined> =>
      (await watch.look(sends, gets, [], [camera(2, current, [10, 10, 10])])).receive?.picture;
    expect([await look(1), await look(1), await look(2), await look(-1)]).toEqual([
      'whole',
      'smaller',
      'whole',
      'whole',
    ]);
  });

  test('nothing is said of a way that is not used, nor of pictures nobody wants or sends', async () => {
    const quiet = transport({ rtpPacketLossReceived: 0.5, rtpRecvBitrate: 900 });
    const hidden = camera(2, -1, [10, 10, 10], { paused: true });
    const off = camera(2, -1, [10, 10, 10], { producerPaused: true });
    const watch = new NetworkWatch();
    for (let looks = 0; looks < 2; looks += 1) {
      expect(await watch.look(quiet, gets, [], [hidden, off])).toEqual({
        send: null,
        receive: { loss: 0.02, bitrate: 1_500_000, roundTripMs: null, picture: 'whole' },
      });
    }
    expect(await watch.look(null, null, [], [])).toEqual({ send: null, receive: null });
  });

  test('what closes while it is asked is not there', async () => {
    const gone = {
      kind: 'video' as const,
      paused: false,
      getStats: () => Promise.reject(new Error('closed')),
    };
    expect(await new NetworkWatch().look(gone, gone, [gone], [])).toEqual({ send: null, receive: null });
  });
});
