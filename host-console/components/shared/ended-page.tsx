'use client';

import { Button } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { accessOf } from '@rostrum/contracts/media-urls';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { withToken } from '../../lib/fragment.ts';
import { formatMoment } from '../../lib/time.ts';
import { useToken } from '../../lib/use-token.ts';
import { MessagePage } from './problem-page.tsx';

/** After the end, with the way to the recording. */
export function EndedPage({
  view,
  children,
  wide = false,
}: {
  readonly view: WebinarView;
  /** What the crew makes of the recording, or the way back to those who stayed. */
  readonly children?: ReactNode;
  readonly wide?: boolean;
}) {
  const token = useToken();
  if (view.phase.phase !== 'ended') return null;
  const { recording, recordingUrl, endedUnixMs } = view.phase;
  return (
    <MessagePage title="The webinar has ended" wide={wide}>
      <p>
        <strong>
          <bdi>{view.title}</bdi>
        </strong>{' '}
        ended on {formatMoment(endedUnixMs, undefined)}.
      </p>
      {recordingUrl ? (
        <Button
          component="a"
          href={watchPageOf(recordingUrl, view.webinarId, token)}
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
        >
          Watch the recording
        </Button>
      ) : (
        <p role="status">
          {recording === 'pending'
            ? 'The recording is being prepared. It appears here by itself.'
            : recording === 'ready'
              ? 'The recording is not published.'
              : recording === 'none'
                ? 'There is no recording of it.'
                : 'Its recording was deleted.'}
        </p>
      )}
      {children}
    </MessagePage>
  );
}

/** The watch page plays the recording; it stands beside it on the same origin. A private one asks who comes. */
function watchPageOf(recordingUrl: string, webinarId: string, token: string | null | undefined): string {
  const page = new URL(`/w/${webinarId}`, recordingUrl).href;
  return token && accessOf(webinarId) === 'private' ? withToken(page, token) : page;
}
