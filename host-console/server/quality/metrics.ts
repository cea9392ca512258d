import type { NetworkWord, PersonQuality } from '@rostrum/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How the networks of those on the stage fare, over all webinars. */
export interface StageMetrics {
  /** Of one person, once every few seconds. */
  observe(quality: PersonQuality): void;
  /** The word for somebody became this one. */
  word(word: NetworkWord): void;
  /** People of whom something is known now, and how many of them are relayed. */
  people(count: number, relayed: number): void;
}

export function stageMetrics(registry: Registry): StageMetrics {
  const registers = [registry];
  const loss = new Histogram({
    name: 'rostrum_stage_loss_ratio',
    help: 'Packets lost on the way of somebody on the stage to the SFU (send) or from it (receive).',
    labelNames: ['direction'],
    buckets: [0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5],
    registers,
  });
  const roundTrip = new Histogram({
    name: 'rostrum_stage_round_trip_seconds',
    help: 'Between somebody on the stage and the SFU.',
    labelNames: ['direction'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 3],
    registers,
  });
  const words = new Counter({
    name: 'rostrum_stage_network_words_total',
    help: 'How often the word for a network on the stage became this one.',
    labelNames: ['word'],
    registers,
  });
  const people = new Gauge({
    name: 'rostrum_stage_measured_people',
    help: 'People on the stage whose networks are known.',
    registers,
  });
  const relayed = new Gauge({
    name: 'rostrum_stage_relayed_ratio',
    help: 'Of those, the share whose media goes through a relay (TURN).',
    registers,
  });
  return {
    observe({ send, receive }) {
      for (const [direction, of] of [
        ['send', send],
        ['receive', receive],
      ] as const) {
        if (of.loss !== null) loss.observe({ direction }, of.loss);
        if (of.roundTripMs !== null) roundTrip.observe({ direction }, of.roundTripMs / 1000);
      }
    },
    word: (word) => words.inc({ word }),
    people(count, throughRelay) {
      people.set(count);
      relayed.set(count === 0 ? 0 : throughRelay / count);
    },
  };
}
