import { LOSS_ALERT, type PersonQuality, type QualityEvent, type QualityRow } from '@rostrum/contracts';
import type { KnownPerson } from './person.ts';

interface Occasion {
  readonly atUnixMs: number;
  readonly webinarId: string;
}
type Direction = 'send' | 'receive';

/** One row a direction and event, or one a direction where nothing happened. */
export function rowsOf(before: KnownPerson | null, now: KnownPerson, at: Occasion): QualityRow[] {
  return (['send', 'receive'] as const).flatMap((direction) => {
    const events = eventsOf(before, now, direction);
    return (events.length > 0 ? events : [null]).map((event) => ({
      ...at,
      ...numbersOf(now.quality, direction),
      event,
    }));
  });
}

/** Of something that happened to both directions, with the last numbers of what is sent. */
export function rowOf(
  personId: string,
  quality: PersonQuality | null,
  event: QualityEvent,
  at: Occasion,
): QualityRow {
  const numbers = quality ? numbersOf(quality, 'send') : { personId, ...NOTHING };
  return { ...at, ...numbers, direction: null, event };
}

const NOTHING = {
  packetLoss: null,
  roundTripMs: null,
  jitterMs: null,
  codec: null,
  layer: null,
  relay: null,
} as const;

function numbersOf({ personId, send, receive, relay }: PersonQuality, direction: Direction) {
  const { loss, roundTripMs, jitterMs, codec } = direction === 'send' ? send : receive;
  const layer = direction === 'send' ? sentLayer(send) : receive.layer;
  return { personId, direction, packetLoss: loss, roundTripMs, jitterMs, codec, layer, relay };
}

/** The highest, counted from 0. */
const sentLayer = ({ layers }: PersonQuality['send']): number | null =>
  layers === null || layers.sent === 0 ? null : layers.sent - 1;

function eventsOf(before: KnownPerson | null, now: KnownPerson, direction: Direction): QualityEvent[] {
  const was = before?.said ? before.quality : null;
  const is = now.quality;
  const events: QualityEvent[] = [];
  const aspect = direction === 'send' ? 'upload' : 'download';
  const rises = now.network[aspect].level > (before?.network[aspect].level ?? 0);
  if (rises && (is[direction].loss ?? 0) >= LOSS_ALERT) events.push('loss-alert');
  const layerOf = (of: PersonQuality): number | null =>
    direction === 'send' ? sentLayer(of.send) : of.receive.layer;
  if (was && layerOf(was) !== layerOf(is)) events.push('layer');
  // The way is the same for both; it is said once.
  if (direction === 'send' && (was?.relay ?? null) !== is.relay) {
    events.push(is.relay === null ? 'direct' : 'relayed');
  }
  return events;
}
