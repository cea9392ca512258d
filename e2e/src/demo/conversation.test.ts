import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDIO_PACKET_MS, checkClip, SILENCE_DBOV } from '../panelist/clip.ts';
import { inTurns } from './conversation.ts';
import { PEOPLE, type Person } from './people/cast.ts';
import { keep, NotDrawnError, take } from './people/shelf.ts';
import { TURN_MS, type Turns } from './people/turns.ts';

const PACKETS = TURN_MS / AUDIO_PACKET_MS;
const turn = (packet: number, dbov: number) => ({
  layers: [
    {
      width: 320,
      height: 180,
      frames: Array.from({ length: 200 }, (_, i) => ({ data: Buffer.of(packet), keyframe: i % 25 === 0 })),
    },
  ],
  audio: Array.from({ length: PACKETS }, () => Buffer.of(packet)),
  levelsDbov: Array.from({ length: PACKETS }, () => dbov),
});
const turns: Turns = { speak: turn(1, -20), listen: turn(0, SILENCE_DBOV) };
const ada = PEOPLE[0] as Person;

test.each([2, 3, 4])('of %i people exactly one speaks at any time, each after the other', (count) => {
  const talkers = inTurns(PEOPLE.slice(0, count).map(({ name }) => ({ name, turns })));
  for (const { clip } of talkers) checkClip(clip);
  const order: string[] = [];
  for (let packet = 0; packet < 3 * count * PACKETS; packet += PACKETS / 4) {
    const speaking = talkers.filter(({ clip, offsetMs }) => {
      const at = (packet + offsetMs / AUDIO_PACKET_MS) % clip.audio.length;
      return clip.levelsDbov?.[at] !== SILENCE_DBOV;
    });
    expect(speaking).toHaveLength(1);
    const name = speaking[0]?.clip.name ?? '';
    if (order.at(-1) !== name) order.push(name);
  }
  expect(order.slice(0, count)).toEqual(talkers.map(({ clip }) => clip.name));
});

test('somebody alone listens as long as they speak', () => {
  const [talker] = inTurns([{ name: 'Ada', turns }]);
  const levels = talker?.clip.levelsDbov ?? [];
  expect(levels.filter((level) => level === SILENCE_DBOV)).toHaveLength(levels.length / 2);
});

describe('the shelf', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rostrum-shelf-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('gives back what was kept', async () => {
    await keep(ada, turns, folder);
    expect(await take(ada, folder)).toEqual(turns);
  });

  test('says who is not drawn, also when what lies there is something else', async () => {
    await expect(take(ada, folder)).rejects.toThrow(NotDrawnError);
    await writeFile(join(folder, 'ada.turns'), 'torn');
    await expect(take(ada, folder)).rejects.toThrow('Ada Moreau is not drawn yet');
  });
});
