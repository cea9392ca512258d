'use client';

import { Anchor, Checkbox, Progress } from '@mantine/core';
import type { RecordingDownload, RecordingView } from '@rostrum/contracts';
import { LADDER } from '@rostrum/contracts/profile';
import { useState } from 'react';
import { formatBytes } from '../../lib/bytes.ts';
import type { Send } from '../../lib/use-command.ts';
import classes from './recording.module.css';

const NAMES: Readonly<Record<string, string>> = { audio: 'Sound alone' };

/** Which renditions are there as files, and how far those are that are not yet. */
export function DownloadsList({
  recording,
  files,
  recordingUrl,
  live,
  send,
}: {
  readonly recording: RecordingView;
  readonly files: readonly RecordingDownload[];
  /** Of its multivariant playlist; null: nobody can play it. */
  readonly recordingUrl: string | null;
  readonly live: boolean;
  readonly send: Send;
}) {
  // Until its word is back: the next tick goes by this one.
  const [draft, setDraft] = useState<readonly string[] | null>(null);
  const wanted = new Set(draft ?? recording.downloads);
  const want = async (rendition: string, on: boolean): Promise<void> => {
    const renditions = LADDER.map(({ name }) => name).filter((name) =>
      name === rendition ? on : wanted.has(name),
    );
    setDraft(renditions);
    await send('recording:wantDownloads', { renditions });
    setDraft((newest) => (newest === renditions ? null : newest));
  };
  return (
    <section className={classes.part} aria-label="Downloads">
      <h2 className={classes.heading}>Files to download</h2>
      <p className={classes.muted}>
        {live
          ? 'What you tick is made once the webinar has ended.'
          : recording.published
            ? 'MP4 files, without what was cut. Whoever may play the recording may download them.'
            : 'None are made while the recording is not published.'}
      </p>
      <ul className={classes.list}>
        {LADDER.map(({ name }) => (
          <li key={name} className={classes.file}>
            <Checkbox
              label={NAMES[name] ?? name}
              checked={wanted.has(name)}
              onChange={(event) => void want(name, event.currentTarget.checked)}
            />
            {wanted.has(name) && !live && recording.published ? (
              <State
                name={NAMES[name] ?? name}
                file={files.find(({ rendition }) => rendition === name)}
                recordingUrl={recordingUrl}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

const FAILED = {
  disk: 'There is no room for it on the disk; it is tried again when there is.',
  damaged: 'The recording has a damaged file. See “archive verify”.',
  internal: 'It could not be made; the broadcaster\u2019s log says why.',
} as const;

function State({
  name,
  file,
  recordingUrl,
}: {
  readonly name: string;
  readonly file: RecordingDownload | undefined;
  readonly recordingUrl: string | null;
}) {
  if (file?.state === 'failed')
    return (
      <p className={classes.muted} role="status">
        {FAILED[file.reason]}
      </p>
    );
  if (file?.state === 'ready')
    return recordingUrl ? (
      <Anchor size="sm" href={new URL(file.path, recordingUrl).href} aria-label={`Download ${name}`}>
        Download, {formatBytes(file.bytes)}
      </Anchor>
    ) : null;
  const percent = Math.floor(100 * (file?.share ?? 0));
  return (
    <Progress.Root size="lg" className={classes.progress}>
      <Progress.Section value={percent} aria-label={`${name} is being made`}>
        <Progress.Label>{percent} %</Progress.Label>
      </Progress.Section>
    </Progress.Root>
  );
}
