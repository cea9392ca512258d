import type { Speakers } from '@rostrum/contracts';
import type { types } from 'mediasoup';

/** Who speaks in a room, told at most four times a second. */
export interface SpeakerWatch {
  add(producer: types.Producer): Promise<void>;
  close(): void;
}

const LEVELS = { intervalMs: 250, thresholdDb: -65, maxEntries: 12 } as const;
const DOMINANT_INTERVAL_MS = 300;

const personOf = (producer: types.Producer): string => (producer.appData as { personId: string }).personId;

/** Observes the microphones of a router. */
export async function watchSpeakers(
  router: types.Router,
  tell: (speakers: Speakers) => void,
): Promise<SpeakerWatch> {
  const [levelObserver, activeObserver] = await Promise.all([
    router.createAudioLevelObserver({
      interval: LEVELS.intervalMs,
      threshold: LEVELS.thresholdDb,
      maxEntries: LEVELS.maxEntries,
    }),
    router.createActiveSpeakerObserver({ interval: DOMINANT_INTERVAL_MS }),
  ]);
  let dominant: types.Producer | null = null;
  const tellLevels = (volumes: readonly types.AudioLevelObserverVolume[]): void => {
    if (dominant?.closed) dominant = null;
    tell({
      dominant: dominant && personOf(dominant),
      levels: volumes.map(({ producer, volume }) => ({ personId: personOf(producer), levelDb: volume })),
    });
  };
  // A change of the dominant speaker goes with the next levels: somebody is speaking, so they are near.
  activeObserver.on('dominantspeaker', ({ producer }) => {
    dominant = producer;
  });
  levelObserver.on('volumes', tellLevels);
  levelObserver.on('silence', () => tellLevels([]));
  return {
    async add(producer) {
      await Promise.all([
        levelObserver.addProducer({ producerId: producer.id }),
        activeObserver.addProducer({ producerId: producer.id }),
      ]);
    },
    close() {
      levelObserver.close();
      activeObserver.close();
    },
  };
}
