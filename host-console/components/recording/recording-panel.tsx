'use client';

import { Switch } from '@mantine/core';
import type { RecordingDownload, RecordingView, WebinarView } from '@rostrum/contracts';
import { accessOf } from '@rostrum/contracts/media-urls';
import { useCallback, useRef } from 'react';
import type { ShowSpan } from '../../lib/cut-drafts.ts';
import { formatShowTime } from '../../lib/show-time.ts';
import type { Send } from '../../lib/use-command.ts';
import { CutsEditor } from './cuts-editor.tsx';
import { DownloadsList } from './downloads-list.tsx';
import { MarksEditor } from './marks-editor.tsx';
import classes from './recording.module.css';
import { RecordingPreview } from './recording-preview.tsx';

/** Milliseconds since it went live; null: nothing is shown that has a moment. */
export type TakeMoment = () => number | null;

/** What becomes of the recording: while it is live and afterwards. */
export function RecordingPanel({
  view,
  files,
  send,
}: {
  readonly view: WebinarView;
  /** To download, as far as is known. */
  readonly files: readonly RecordingDownload[];
  readonly send: Send;
}) {
  const { recording, phase, self } = view;
  const shown = useRef<TakeMoment>(() => null);
  const take = useCallback<TakeMoment>(() => shown.current(), []);
  if (!recording || phase.phase === 'scheduled') {
    return <p className={classes.muted}>What is shown is recorded from going live on.</p>;
  }
  const live = phase.phase === 'live';
  const span: ShowSpan = {
    sinceUnixMs: recording.sinceUnixMs,
    endedUnixMs: phase.phase === 'ended' ? phase.endedUnixMs : null,
  };
  const url = phase.phase === 'ended' ? phase.recordingUrl : null;
  // A private one is played where its right is: on the watch page.
  const previewUrl = url !== null && accessOf(view.webinarId) === 'open' ? url : null;
  const mayShape = self.role === 'host';
  return (
    <div className={classes.panel}>
      {mayShape ? <Publish recording={recording} live={live} send={send} /> : null}
      {previewUrl ? (
        <RecordingPreview
          // What was cut is another thing to play.
          key={JSON.stringify(recording.cuts)}
          url={previewUrl}
          sinceUnixMs={recording.sinceUnixMs}
          onMoment={(moment) => {
            shown.current = moment;
          }}
        />
      ) : null}
      <MarksEditor recording={recording} live={live} send={send} take={previewUrl ? take : null} />
      {mayShape ? (
        <CutsEditor
          cuts={recording.cuts}
          span={span}
          live={live}
          send={send}
          take={previewUrl ? take : null}
        />
      ) : null}
      {mayShape ? (
        <DownloadsList
          recording={recording}
          files={files}
          recordingUrl={previewUrl}
          live={live}
          send={send}
        />
      ) : null}
      {live ? null : <Chapters recording={recording} />}
    </div>
  );
}

function Publish({
  recording,
  live,
  send,
}: {
  readonly recording: RecordingView;
  readonly live: boolean;
  readonly send: Send;
}) {
  return (
    <section className={classes.part} aria-label="Publishing">
      <Switch
        label="Published"
        checked={recording.published}
        onChange={(event) => void send('recording:publish', { published: event.currentTarget.checked })}
        description={
          recording.published
            ? 'Whoever may watch the webinar can play its recording.'
            : live
              ? 'Nobody can play the recording. The live stream goes on.'
              : 'Nobody can play it, not even here. Copies that caches hold end within seconds.'
        }
      />
    </section>
  );
}

const KINDS = {
  start: 'Start',
  question: 'Question',
  slides: 'Screen or slide',
  speaker: 'Speaker',
  mark: 'Mark',
} as const;

function Chapters({ recording }: { readonly recording: RecordingView }) {
  const isCut = (atUnixMs: number): boolean =>
    recording.cuts.some(({ fromUnixMs, toUnixMs }) => fromUnixMs <= atUnixMs && atUnixMs < toUnixMs);
  return (
    <section className={classes.part} aria-label="Chapters">
      <h2 className={classes.heading}>Chapters</h2>
      <p className={classes.muted}>
        From the questions you answered live, screens, slides, who was in front, and your marks.
      </p>
      <ol className={classes.chapters}>
        {recording.chapters.map(({ atUnixMs, title, kind }) => (
          <li key={`${atUnixMs} ${kind} ${title}`}>
            <span className={classes.time}>{formatShowTime(atUnixMs - recording.sinceUnixMs)}</span>
            <span className={classes.chapter}>
              <bdi>{title}</bdi>
              <span className={classes.kind}>
                {KINDS[kind]}
                {isCut(atUnixMs) ? ', cut' : ''}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
