import type { NodeHealth } from '@rostrum/contracts';
import type { MediaNode } from './node-registry.ts';

/** A loop this late in the mean is busy; below half of it it no longer is. */
const BUSY_LOOP_MS = 250;
/** Weight of the newest heartbeat: about five seconds of them. */
const NEWEST = 0.1;

interface Mood {
  readonly meanDelayMs: number;
  readonly busy: boolean;
}

export function nextMood(before: Mood, loopDelayMs: number): Mood {
  const meanDelayMs = before.meanDelayMs * (1 - NEWEST) + Math.min(loopDelayMs, 5000) * NEWEST;
  return { meanDelayMs, busy: meanDelayMs >= (before.busy ? BUSY_LOOP_MS / 2 : BUSY_LOOP_MS) };
}

/** What the nodes are like, as people are told: steady words out of what changes with each heartbeat. */
export class NodeMoods {
  readonly #moods = new WeakMap<MediaNode, Mood>();
  readonly #lateSinceUnixMs = new WeakMap<MediaNode, number>();

  beat(node: MediaNode): void {
    const before = this.#moods.get(node) ?? { meanDelayMs: 0, busy: false };
    this.#moods.set(node, nextMood(before, node.load.pressure.loopDelayMs));
  }

  moved(node: MediaNode, nowUnixMs: number): void {
    if (node.state.is === 'here') this.#lateSinceUnixMs.delete(node);
    else this.#lateSinceUnixMs.set(node, nowUnixMs - node.silentMs);
  }

  /** `node`: the one that does the work; null: none does, though it is wanted. */
  of(node: MediaNode | null): NodeHealth {
    if (!node || node.state.is === 'lost') return { is: 'lost' };
    const sinceUnixMs = this.#lateSinceUnixMs.get(node);
    if (sinceUnixMs !== undefined) return { is: 'late', sinceUnixMs };
    return { is: 'here', busy: this.#moods.get(node)?.busy ?? false };
  }
}
