/** What a webinar is, and how far it has come: planned, live, ended; and whether there is a recording of it. */
import {
  Id,
  KeptTitle,
  KeptUnixMs,
  type LiveChannel,
  mediaUrls,
  type PhaseEvent,
  type PhaseState,
  type PhaseView,
  ProfileNameSchema,
  type phaseCommands,
  Recorder,
  RecordingState,
  type WebinarPhase,
} from '@rostrum/contracts';
import { z } from 'zod';
import { conflict } from '../../refusals.ts';
import type { Touch } from '../all.ts';
import type { Feature } from '../feature.ts';
import { inFrame } from '../parts.ts';
import type { FoldedState } from '../state.ts';

export interface PhaseTouch {
  readonly kind: 'phase';
}

const Channel = z.object({ channelId: Id, originUrl: z.string(), sinceUnixMs: z.number() });
const PhasePart: z.ZodType<WebinarPhase> = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('scheduled'), doors: Channel.optional() }),
  z.object({ phase: z.literal('live'), channel: Channel }),
  z.object({
    phase: z.literal('ended'),
    channel: Channel.nullable(),
    endedUnixMs: z.number(),
    recording: RecordingState,
    recordedBy: Recorder.optional(),
    cancelled: z.boolean(),
  }),
]);

const nothing = (): Touch[] => [];
const touched = (): Touch[] => [{ kind: 'phase' }, { kind: 'recording' }];
/** The countdown to it is over. */
const decidedOnAir = (): Touch[] => [...touched(), { kind: 'backstage' }];

export const phase = {
  empty: { title: '', startsAtUnixMs: null, profile: 'standard', phase: { phase: 'scheduled' } },
  decide: {
    'webinar:goLive': ({ phase: { phase } }, { channel }) => {
      if (phase === 'live') return [];
      if (phase === 'ended') throw conflict('the webinar has ended');
      return [{ type: 'webinar.wentLive', ...channel }];
    },
    'webinar:end': ({ phase: { phase } }) => {
      if (phase === 'ended') return [];
      return [{ type: 'webinar.ended', recording: phase === 'live' ? 'pending' : 'none' }];
    },
    'webinar:keepLive': () => [],
    'doors:open': ({ phase, startsAtUnixMs }, { channel }) => {
      if (phase.phase !== 'scheduled') throw conflict(`the webinar is ${phase.phase}`);
      return phase.doors ? [] : [{ type: 'doors.opened', ...channel, forUnixMs: startsAtUnixMs }];
    },
    'doors:close': ({ phase }) =>
      phase.phase === 'scheduled' && phase.doors ? [{ type: 'doors.closed' }] : [],
  },
  apply: {
    'webinar.created': ({ now }, { title, startsAtUnixMs, profile }) => {
      now.title = title;
      now.startsAtUnixMs = startsAtUnixMs;
      now.profile = profile;
    },
    'webinar.wentLive': ({ now }, { channelId, originUrl }, { atUnixMs }) => {
      now.phase = { phase: 'live', channel: { channelId, originUrl, sinceUnixMs: atUnixMs } };
    },
    'doors.opened': ({ now }, { channelId, originUrl }, { atUnixMs }) => {
      if (now.phase.phase !== 'scheduled') return;
      now.phase = { phase: 'scheduled', doors: { channelId, originUrl, sinceUnixMs: atUnixMs } };
    },
    'doors.closed': ({ now }) => {
      if (now.phase.phase === 'scheduled') now.phase = { phase: 'scheduled' };
    },
    'webinar.ended': ({ now }, { recording }, { atUnixMs }) => {
      now.phase = ended(now.phase, atUnixMs, recording ?? 'ready');
    },
    'webinar.recordingSettled': ({ now }, { by, recorded }) => {
      if (now.phase.phase !== 'ended' || !now.phase.channel) return;
      const { recordedBy: _, ...rest } = now.phase;
      now.phase = { ...rest, ...(by && { recordedBy: by }), recording: recorded ? 'ready' : 'none' };
    },
    'recording.deleted': ({ now }) => {
      if (now.phase.phase === 'ended') now.phase = { ...now.phase, recording: 'deleting' };
    },
    'recording.erased': ({ now }) => {
      if (now.phase.phase !== 'ended') return;
      const { recordedBy: _, ...rest } = now.phase;
      now.phase = { ...rest, recording: 'deleted' };
    },
    'webinar.cancelled': ({ now }, _event, { atUnixMs }) => {
      const after = ended(now.phase, atUnixMs, 'none');
      now.phase = after.phase === 'ended' ? { ...after, cancelled: true } : after;
    },
  },
  touches: {
    'webinar.created': nothing,
    'webinar.wentLive': decidedOnAir,
    'doors.opened': touched,
    'doors.closed': touched,
    'webinar.ended': decidedOnAir,
    'webinar.recordingSettled': touched,
    'recording.deleted': touched,
    'recording.erased': touched,
    'webinar.cancelled': decidedOnAir,
  },
  deltas: {
    phase: (_touch, { state, originUrl }, deltas) =>
      deltas.add('phase', { type: 'phase', phase: phaseView(state, originUrl) }),
  },
  view: ({ state, originUrl }) => ({
    title: state.title,
    startsAtUnixMs: state.startsAtUnixMs,
    profile: state.profile,
    phase: phaseView(state, originUrl),
  }),
  kept: {
    title: inFrame(KeptTitle),
    startsAtUnixMs: inFrame(KeptUnixMs),
    profile: inFrame(ProfileNameSchema),
    phase: inFrame(PhasePart),
  },
} satisfies Feature<PhaseEvent['type'], keyof typeof phaseCommands, PhaseState, PhaseTouch['kind']>;

function ended(before: WebinarPhase, atUnixMs: number, recording: RecordingState): WebinarPhase {
  switch (before.phase) {
    case 'scheduled':
      return { phase: 'ended', channel: null, endedUnixMs: atUnixMs, recording: 'none', cancelled: false };
    case 'live':
      return { phase: 'ended', channel: before.channel, endedUnixMs: atUnixMs, recording, cancelled: false };
    case 'ended':
      return before;
  }
}

export function phaseView(state: FoldedState, originUrl: string | null): PhaseView {
  const urls = (channel: LiveChannel) => mediaUrls(originUrl ?? channel.originUrl);
  switch (state.phase.phase) {
    case 'scheduled': {
      const { doors } = state.phase;
      if (!doors) return { phase: 'scheduled' };
      const { channelId, sinceUnixMs } = doors;
      return { phase: 'scheduled', doors: { sinceUnixMs, playlistUrl: urls(doors).live(channelId) } };
    }
    case 'live': {
      const { channel } = state.phase;
      return {
        phase: 'live',
        sinceUnixMs: channel.sinceUnixMs,
        playlistUrl: urls(channel).live(channel.channelId),
      };
    }
    case 'ended': {
      const { channel, recording, endedUnixMs } = state.phase;
      const ready = channel && recording === 'ready' && state.edit.published;
      return {
        phase: 'ended',
        endedUnixMs,
        recording,
        recordingUrl: ready ? urls(channel).recording(channel.channelId) : null,
      };
    }
  }
}
