import type { BroadcasterOutput, Recorder, WebinarEvent, WebinarPhase } from '@rostrum/contracts';
import type { MediaNode } from './node-registry.ts';

/** What a broadcaster that ended a channel has of it; null: nothing. */
export function recorderOf(
  { nodeId, description }: MediaNode,
  { recordingUrl, durationMs = 0 }: BroadcasterOutput<'channel.end'>,
): Recorder | null {
  if (recordingUrl === null || description.kind !== 'broadcaster') return null;
  return { nodeId, originUrl: description.originUrl, durationMs };
}

/**
 * What the log has to say when a broadcaster finished what it has of a webinar (null: nothing). A webinar that was moved from
 * one broadcaster to another has a part on each; the longest is the one that is shown, in whatever order they are finished.
 */
export function settleRecording(phase: WebinarPhase, by: Recorder | null): WebinarEvent[] {
  if (phase.phase !== 'ended' || !phase.channel || phase.cancelled) return [];
  const { recording, recordedBy } = phase;
  // What is deleted is not there again because somebody comes late with it.
  if (recording === 'deleting' || recording === 'deleted') return [];
  if (!by) return recording === 'pending' ? [{ type: 'webinar.recordingSettled', recorded: false }] : [];
  if (recording === 'ready' && (!recordedBy || recordedBy.durationMs >= by.durationMs)) return [];
  return [{ type: 'webinar.recordingSettled', recorded: true, by }];
}

/**
 * Where a finished recording is served: by the broadcaster that has it, at the address it has today. Under another name, it
 * is still the one at the same address, or the only one there is. null: it is not known who has it.
 */
export function originOfRecording(phase: WebinarPhase, broadcasters: readonly MediaNode[]): string | null {
  if (phase.phase !== 'ended' || !phase.recordedBy) return null;
  const { nodeId, originUrl } = phase.recordedBy;
  const there = broadcasters.flatMap((node) =>
    node.description.kind === 'broadcaster' ? [{ id: node.nodeId, url: node.description.originUrl }] : [],
  );
  const itself = there.find(({ id }) => id === nodeId);
  const only = there.length === 1 && !there.some(({ url }) => url === originUrl) ? there[0] : undefined;
  return itself?.url ?? only?.url ?? originUrl;
}
