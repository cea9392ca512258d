'use client';

import { Button } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { IconPlayerPlay } from '@tabler/icons-react';
import { formatMoment } from '../../lib/time.ts';
import { MessagePage } from './problem-page.tsx';

/** After the end, with the way to the recording. */
export function EndedPage({ view }: { readonly view: WebinarView }) {
  if (view.phase.phase !== 'ended') return null;
  const { recording, recordingUrl, endedUnixMs } = view.phase;
  return (
    <MessagePage title="The webinar has ended">
      <p>
        <strong>
          <bdi>{view.title}</bdi>
        </strong>{' '}
        ended on {formatMoment(endedUnixMs, undefined)}.
      </p>
      {recordingUrl ? (
        <Button
          component="a"
          href={watchPageOf(recordingUrl, view.webinarId)}
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
        >
          Watch the recording
        </Button>
      ) : (
        <p role="status">
          {recording === 'pending'
            ? 'The recording is being prepared. It appears here by itself.'
            : 'There is no recording of it.'}
        </p>
      )}
    </MessagePage>
  );
}

/** The watch page plays the recording; it stands beside it on the same origin. */
const watchPageOf = (recordingUrl: string, webinarId: string): string =>
  new URL(`/w/${webinarId}`, recordingUrl).href;
