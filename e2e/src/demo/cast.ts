import { speak } from '../lib/browser.ts';
import { drawnCamera, type SyntheticMedia } from '../lib/synthetic-media.ts';

interface Player {
  readonly name: string;
  readonly hue: number;
  readonly voice: string;
  readonly text: string;
}

const CAST: readonly Player[] = [
  {
    name: 'Ada Moreau',
    hue: 255,
    voice: 'en-gb+f3',
    text: 'Good morning, and welcome. Today we look at what changed this quarter, and what we will build next.',
  },
  {
    name: 'Bo Lindqvist',
    hue: 150,
    voice: 'en-us+m3',
    text: 'Thank you. The short version is that latency went down, and the number of questions went up.',
  },
  {
    name: 'Chioma Eze',
    hue: 20,
    voice: 'en-us+f4',
    text: 'I would like to show the figures, because they tell the story better than I can.',
  },
  {
    name: 'Dov Katz',
    hue: 320,
    voice: 'en-gb+m7',
    text: 'And after that we take the questions from the audience, starting with the most wanted ones.',
  },
];

const TURN_MS = 7000;

/** The first `count` players, each speaking in turn. */
export async function castOf(count: number): Promise<SyntheticMedia[]> {
  const players = CAST.slice(0, count);
  return Promise.all(
    players.map(async (player, i) =>
      drawnCamera(player.name, player.hue, {
        voiceBase64: await speak(player.text, player.voice),
        turn: { everyMs: TURN_MS * players.length, offsetMs: TURN_MS * i, speakMs: TURN_MS - 800 },
        flash: i === 0,
      }),
    ),
  );
}
