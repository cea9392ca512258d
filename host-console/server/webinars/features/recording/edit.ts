/** Decisions about a webinar's recording, and what they do to it. As `decide` and `fold`: pure. */
import {
  MARKS_MAX,
  type RecordingCut,
  type RecordingEdit,
  type RecordingEvent,
  type RecordingMark,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import type { ParsedCommand } from '../../commands.ts';
import { conflict, notFound } from '../../refusals.ts';

type RecordingCommand = Extract<ParsedCommand, { name: `recording:${string}` }>;

/** A moment this long before it went live can still be in the recording: the picture began before the log said so. */
const BEFORE_MS = 60_000;

export function editRecording(state: WebinarState, command: RecordingCommand): readonly RecordingEvent[] {
  const { phase, edit } = state;
  if (phase.phase === 'scheduled') throw conflict('nothing of it has been live yet');
  if (phase.phase === 'ended' && (phase.recording === 'none' || phase.channel === null)) {
    throw conflict('there is no recording of it');
  }
  switch (command.name) {
    case 'recording:mark': {
      const { markId, title, atUnixMs } = command.input;
      if (edit.marks.some((mark) => mark.markId === markId)) return [];
      if (edit.marks.length >= MARKS_MAX) {
        throw new RostrumError('limit-reached', `a recording has at most ${MARKS_MAX} marks`);
      }
      if (atUnixMs === undefined) {
        if (phase.phase !== 'live') throw conflict('the webinar has ended: say which moment is meant');
        return [{ type: 'recording.marked', markId, title }];
      }
      const since = phase.channel?.sinceUnixMs ?? 0;
      const until = phase.phase === 'ended' ? phase.endedUnixMs + BEFORE_MS : Number.POSITIVE_INFINITY;
      if (atUnixMs < since - BEFORE_MS || atUnixMs > until) {
        throw new RostrumError('bad-input', 'that moment is not in the recording', { field: 'atUnixMs' });
      }
      return [{ type: 'recording.marked', markId, title, atUnixMs }];
    }
    case 'recording:renameMark': {
      const { markId, title } = command.input;
      const mark = edit.marks.find((one) => one.markId === markId);
      if (!mark) throw notFound('no such mark', 'markId');
      return mark.title === title ? [] : [{ type: 'recording.markRenamed', markId, title }];
    }
    case 'recording:removeMark': {
      const { markId } = command.input;
      const there = edit.marks.some((mark) => mark.markId === markId);
      return there ? [{ type: 'recording.markRemoved', markId }] : [];
    }
    case 'recording:setCuts': {
      const cuts = joined(command.input.cuts);
      return JSON.stringify(cuts) === JSON.stringify(edit.cuts)
        ? []
        : [{ type: 'recording.cutsChanged', cuts }];
    }
    case 'recording:publish': {
      const { published } = command.input;
      if (published === edit.published) return [];
      return [{ type: published ? 'recording.published' : 'recording.unpublished' }];
    }
    case 'recording:wantDownloads': {
      const renditions = [...new Set(command.input.renditions)];
      const same = renditions.toSorted().join(' ') === edit.downloads.toSorted().join(' ');
      return same ? [] : [{ type: 'recording.downloadsWanted', renditions }];
    }
  }
}

/** In order, and those that touch each other as one. */
export function joined(cuts: readonly RecordingCut[]): RecordingCut[] {
  const result: RecordingCut[] = [];
  for (const { fromUnixMs, toUnixMs } of cuts.toSorted((a, b) => a.fromUnixMs - b.fromUnixMs)) {
    const last = result.at(-1);
    if (last && fromUnixMs <= last.toUnixMs) last.toUnixMs = Math.max(last.toUnixMs, toUnixMs);
    else result.push({ fromUnixMs, toUnixMs });
  }
  return result;
}

export function afterEdit(
  edit: RecordingEdit,
  event: RecordingEvent,
  seq: number,
  atUnixMs: number,
): RecordingEdit {
  const { marks } = edit;
  const change = (what: Partial<RecordingEdit>): RecordingEdit => ({ ...edit, ...what, revision: seq });
  switch (event.type) {
    case 'recording.marked': {
      const { markId, title } = event;
      const others = marks.filter((mark) => mark.markId !== markId);
      const mark = { markId, atUnixMs: event.atUnixMs ?? atUnixMs, title };
      return change({ marks: inOrder([...others, mark]) });
    }
    case 'recording.markRenamed':
      return change({
        marks: marks.map((mark) => (mark.markId === event.markId ? { ...mark, title: event.title } : mark)),
      });
    case 'recording.markRemoved':
      return change({ marks: marks.filter((mark) => mark.markId !== event.markId) });
    case 'recording.cutsChanged':
      return change({ cuts: event.cuts });
    case 'recording.published':
      return change({ published: true });
    case 'recording.unpublished':
      return change({ published: false });
    case 'recording.downloadsWanted':
      return change({ downloads: event.renditions });
  }
}

const inOrder = (marks: readonly RecordingMark[]): RecordingMark[] =>
  marks.toSorted((a, b) => a.atUnixMs - b.atUnixMs);

/** With the part of the story that changed, if it did. */
export const withStory = (edit: RecordingEdit, story: RecordingEdit['story'], seq: number): RecordingEdit =>
  story === edit.story ? edit : { ...edit, story, revision: seq };
