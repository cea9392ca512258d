import { setTimeout } from 'node:timers/promises';
import type { Condition } from '@rostrum/e2e/network/conditions';
import {
  agesMs,
  backUpMs,
  freezes,
  holesMs,
  quantileOf,
  type Stretch,
  steppedDownMs,
  usualHeight,
} from '@rostrum/e2e/network/figures';
import type { Counters } from '@rostrum/e2e/network/network-probe';
import type { NetworkShow, Recording } from '@rostrum/e2e/network/network-show';
import type { Programme } from './programme.ts';

const MINUTE_MS = 60_000;
const LOOK_MS = 500;
/** Before a condition sets in, the picture has to be whole for so long. */
const GOOD_MS = 3000;
const AWAIT_GOOD_MS = 25_000;

/** When a condition held, and what the browsers counted meanwhile. */
export interface Run {
  readonly condition: Condition;
  readonly stretch: Stretch;
  /** At the others', of the one behind the line; and the other way round. */
  readonly concealed: { readonly sent: number; readonly received: number };
  /** Connections that were made anew: transports of the stage. */
  readonly reconnects: number;
}

/** One row of the table. null: it did not happen. */
export interface Row {
  readonly condition: string;
  readonly stage: {
    readonly holesMsPerMinute: number;
    readonly concealedPercent: number;
    readonly height: number;
    readonly freezesPerMinute: number;
    readonly freezesMsPerMinute: number;
    readonly downMs: number | null;
    readonly upMs: number | null;
    readonly delayMs: number;
    readonly delayP95Ms: number;
  };
  /** What the one behind the line gets of the others. */
  readonly own: {
    readonly holesMsPerMinute: number;
    readonly concealedPercent: number;
    readonly freezesMsPerMinute: number;
  };
  readonly composite: {
    readonly holesMsPerMinute: number;
    readonly freezesPerMinute: number;
    readonly freezesMsPerMinute: number;
    readonly delayMs: number;
  };
  /** Lines of the highest layer sent, usually. */
  readonly sentHeight: number;
  readonly reconnects: number;
}

/** What pictures and sound are held against: those of a good line. */
export interface Usual {
  readonly height: number;
  readonly levels: { readonly near: number; readonly away: number };
}

async function lookFor(show: NetworkShow, ms: number): Promise<void> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; await setTimeout(LOOK_MS)) {
    await Promise.all([show.near.look(), show.away.look()]);
  }
}

/** Waits until nothing is wrong, for as long as that may take. @returns what is usual then; null: it did not become good */
export async function awaitGood(show: NetworkShow): Promise<Usual | null> {
  const fromUnixMs = Date.now();
  for (const endMs = fromUnixMs + AWAIT_GOOD_MS; Date.now() < endMs; ) {
    await lookFor(show, LOOK_MS);
    const stretch: Stretch = [Date.now() - GOOD_MS, Date.now() - LOOK_MS];
    if (stretch[0] < fromUnixMs) continue;
    const { near, away } = { near: show.near.recording, away: show.away.recording };
    const heights = near.frames.filter(({ atUnixMs }) => atUnixMs >= stretch[0]).map(({ height }) => height);
    const whole = heights.length > 0 && heights.every((height) => height >= show.cameraHeight);
    if (!whole || freezes(near.frames, stretch).count > 0) continue;
    const levelOf = ({ sound }: Recording): number =>
      quantileOf(sound.filter(({ atUnixMs }) => atUnixMs >= stretch[0]).map(({ level }) => level));
    return { height: show.cameraHeight, levels: { near: levelOf(near), away: levelOf(away) } };
  }
  return null;
}

/** Lets a condition hold for a while, and watches what comes after it. */
export async function runCondition(show: NetworkShow, condition: Condition, holdMs: number): Promise<Run> {
  const look = async (): Promise<readonly [Counters, Counters]> =>
    Promise.all([show.near.look(), show.away.look()]);
  const connectionsBefore = show.away.recording.connections.length;
  const before = await look();
  const fromUnixMs = Date.now();
  await show.network.condition(condition);
  await lookFor(show, holdMs);
  const after = await look();
  const toUnixMs = Date.now();
  await show.network.lift();
  const concealed = ([near, away]: readonly [number, number]) => ({ sent: near, received: away });
  const connected = show.away.recording.connections
    .slice(connectionsBefore)
    .filter(({ state }) => state === 'connected');
  return {
    condition,
    stretch: [fromUnixMs, toUnixMs],
    concealed: concealed([concealedPercent(before[0], after[0]), concealedPercent(before[1], after[1])]),
    reconnects: connected.length,
  };
}

function concealedPercent(before: Counters, after: Counters): number {
  const samples = after.samples - before.samples;
  return samples > 0 ? (100 * (after.concealedSamples - before.concealedSamples)) / samples : Number.NaN;
}

/** @param usual sound and picture of a good line, the programme's too */
export function rowOf(
  run: Run,
  show: NetworkShow,
  programme: Programme,
  usual: Usual & { readonly programmeLevel: number },
): Row {
  const { stretch, condition } = run;
  const [from, to] = stretch;
  const perMinute = (value: number): number => (value * MINUTE_MS) / (to - from);
  const { near, away } = { near: show.near.recording, away: show.away.recording };
  /** What has settled. */
  const later: Stretch = [(from + to) / 2, to];
  const [stage, own, composite] = [
    freezes(near.frames, stretch),
    freezes(away.frames, stretch),
    freezes(programme.frames, stretch),
  ];
  const ages = agesMs(near.frames, later);
  return {
    condition: condition.name,
    stage: {
      holesMsPerMinute: perMinute(holesMs(near.sound, stretch, usual.levels.near)),
      concealedPercent: run.concealed.sent,
      height: usualHeight(near.frames, later),
      freezesPerMinute: perMinute(stage.count),
      freezesMsPerMinute: perMinute(stage.ms),
      downMs: steppedDownMs(near.frames, stretch, usual.height),
      upMs: backUpMs(near.frames, to, usual.height),
      delayMs: quantileOf(ages),
      delayP95Ms: quantileOf(ages, 0.95),
    },
    own: {
      holesMsPerMinute: perMinute(holesMs(away.sound, stretch, usual.levels.away)),
      concealedPercent: run.concealed.received,
      freezesMsPerMinute: perMinute(own.ms),
    },
    composite: {
      holesMsPerMinute: perMinute(holesMs(programme.sound, stretch, usual.programmeLevel)),
      freezesPerMinute: perMinute(composite.count),
      freezesMsPerMinute: perMinute(composite.ms),
      delayMs: quantileOf(agesMs(programme.frames, later)),
    },
    sentHeight: quantileOf(
      away.sent.filter(({ atUnixMs }) => atUnixMs >= later[0] && atUnixMs < to).map(({ height }) => height),
    ),
    reconnects: run.reconnects,
  };
}
