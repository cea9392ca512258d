'use client';

import type { NetworkVerdict, PersonView } from '@rostrum/contracts';
import { discColour, initials } from '@rostrum/contracts/cards';
import { isolate } from '@rostrum/contracts/lines';
import { noPicture } from '@rostrum/panel-sfu/client/no-picture';
import type { RemoteTrack, StageState } from '@rostrum/panel-sfu/client/stage';
import { IconAntennaBars2, IconMicrophoneOff, IconScreenShare, IconVideoOff } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { NO_PICTURE } from '../../lib/messages.ts';
import type { TileDemand, TileSource } from '../../lib/tile-demand.ts';
import { useTileDemand } from '../../lib/use-tile-demand.ts';
import classes from './person-tile.module.css';
import { NetworkMark } from './quality.tsx';
import { RoleMark } from './role-mark.tsx';
import { TrackVideo } from './track-video.tsx';

export interface PersonTileProps {
  readonly tiles: TileDemand;
  readonly personId: string;
  readonly name: string;
  readonly role?: PersonView['role'];
  readonly source?: TileSource;
  /** null: no picture is sent, or none has come yet. */
  readonly track: MediaStreamTrack | null;
  /** A video is sent, whether or not it arrives. */
  readonly sends: boolean;
  /** What is known of that video where it is somebody else's. */
  readonly remote: RemoteTrack | null;
  readonly stage: Pick<StageState, 'network' | 'quality'>;
  readonly self?: boolean;
  /** null: no microphone at all. */
  readonly muted: boolean | null;
  readonly speaking?: boolean;
  /** Shares a screen besides. */
  readonly sharing?: boolean;
  /** null: nothing is known, or told, of their network. */
  readonly network?: NetworkVerdict | null;
  /** 'air': in the picture of a live webinar; 'next': in the picture, not live yet. */
  readonly air?: 'air' | 'next' | null;
  readonly children?: ReactNode;
}

/** One person's picture, or what stands for it, with who they are, whether they are heard and whether they are on air. */
export function PersonTile({
  tiles,
  personId,
  name,
  role = 'attendee',
  source = 'camera',
  track,
  sends,
  remote,
  stage,
  self = false,
  muted,
  speaking = false,
  sharing = false,
  network = null,
  air = null,
  children,
}: PersonTileProps) {
  const ref = useRef<HTMLDivElement>(null);
  useTileDemand(ref, tiles, personId, source, sends && !self);
  const isScreen = source === 'screen';
  const [still, setStill] = useState(false);
  const missing = noPicture(remote, { ...stage, theirs: network, still });
  // The last picture before one's own network took no more of them is none of now.
  const shown = missing === 'sound-alone' ? null : track;
  return (
    <figure
      className={classes.tile}
      data-air={air ?? undefined}
      data-speaking={speaking || undefined}
      data-screen={isScreen || undefined}
      data-person={personId}
    >
      <div ref={ref} className={classes.picture}>
        {shown ? (
          <TrackVideo
            track={shown}
            mirrored={self && !isScreen}
            // A screen on which nothing happens stands still for good reason.
            onStill={remote && !isScreen ? setStill : undefined}
          />
        ) : (
          <div className={classes.avatar} aria-hidden>
            <span style={{ background: discColour(personId) }}>{initials(name)}</span>
          </div>
        )}
        {air === 'air' ? <span className={classes.airBadge}>On air</span> : null}
        {air === 'next' ? <span className={classes.nextBadge}>In the picture</span> : null}
        <div className={classes.foot}>
          {missing ? (
            <span className={classes.noPicture}>
              {missing === 'codec' ? (
                <IconVideoOff size={14} aria-hidden />
              ) : (
                <IconAntennaBars2 size={14} aria-hidden />
              )}
              {NO_PICTURE.en[missing]}
            </span>
          ) : null}
          {network && !isScreen ? <NetworkMark quality={network} name={isolate(name)} /> : null}
        </div>
      </div>
      <figcaption className={classes.caption}>
        {isScreen ? <IconScreenShare size={16} aria-label="Screen" /> : null}
        <span className={classes.name}>
          {isScreen ? 'Screen of ' : ''}
          <bdi>{name}</bdi>
          {self ? ' (you)' : ''}
        </span>
        {isScreen || role === 'panelist' ? null : <RoleMark role={role} />}
        {isScreen ? null : (
          <span className={classes.marks}>
            {sharing ? <IconScreenShare size={16} role="img" aria-label="Shares a screen" /> : null}
            {sends ? null : <IconVideoOff size={16} role="img" aria-label="Camera off" />}
            {muted === false ? null : (
              <IconMicrophoneOff
                size={16}
                role="img"
                aria-label={muted === null ? 'No microphone' : 'Muted'}
              />
            )}
            {speaking ? <span className={classes.wave} role="img" aria-label="Speaking" /> : null}
          </span>
        )}
      </figcaption>
      {children ? <div className={classes.actions}>{children}</div> : null}
    </figure>
  );
}
