'use client';

import type { Scene } from '@rostrum/contracts';
import { layoutScene, type Tile } from '@rostrum/contracts/layout';
import { type CSSProperties, useRef } from 'react';
import { initials } from '../../lib/people.ts';
import type { TileDemand } from '../../lib/tile-demand.ts';
import { formatCountdown } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { useTileDemand } from '../../lib/use-tile-demand.ts';
import classes from './program-picture.module.css';
import { TrackVideo } from './track-video.tsx';

const CANVAS = { width: 1280, height: 720 } as const;

/** A person's video as the page has it: null while none is sent or none has come. */
export type VideoOf = (personId: string, source: 'camera' | 'screen') => MediaStreamTrack | null;

/** The scene drawn from live tracks by the compositor's own layout function, in any size of 16:9. */
export function ProgramPicture({
  scene,
  videoOf,
  tiles,
  selfId,
  serverOffsetMs,
}: {
  readonly scene: Scene;
  readonly videoOf: VideoOf;
  readonly tiles: TileDemand;
  readonly selfId: string;
  readonly serverOffsetMs: number;
}) {
  const layout = layoutScene(scene);
  const { slide, lowerThird } = layout;
  return (
    <div className={classes.canvas}>
      {layout.tiles.map((tile) => (
        <SceneTile
          key={`${tile.kind}:${tile.personId}`}
          tile={tile}
          track={videoOf(tile.personId, tile.kind)}
          tiles={tiles}
          self={tile.personId === selfId}
        />
      ))}
      {lowerThird ? (
        <div className={classes.lowerThird} style={placed(lowerThird)}>
          <strong>{lowerThird.title}</strong>
          {lowerThird.subtitle ? <span>{lowerThird.subtitle}</span> : null}
        </div>
      ) : null}
      {slide ? (
        <div className={classes.slide}>
          <strong>{slide.title}</strong>
          {slide.kind === 'countdown' ? (
            <Countdown untilUnixMs={slide.untilUnixMs} offsetMs={serverOffsetMs} />
          ) : slide.subtitle ? (
            <span>{slide.subtitle}</span>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Countdown({ untilUnixMs, offsetMs }: { readonly untilUnixMs: number; readonly offsetMs: number }) {
  const now = useNow(250, offsetMs);
  return <span className={classes.countdown}>{formatCountdown(untilUnixMs, now)}</span>;
}

function SceneTile({
  tile,
  track,
  tiles,
  self,
}: {
  readonly tile: Tile;
  readonly track: MediaStreamTrack | null;
  readonly tiles: TileDemand;
  readonly self: boolean;
}) {
  const ref = useRef<HTMLDivElement>(null);
  useTileDemand(ref, tiles, tile.personId, tile.kind, !self);
  return (
    <div ref={ref} className={classes.tile} data-kind={tile.kind} style={{ ...placed(tile), zIndex: tile.z }}>
      {track ? <TrackVideo track={track} /> : null}
      {track ? null : (
        <div className={classes.noPicture}>
          <span className={classes.initials} aria-hidden>
            {initials(tile.name)}
          </span>
          <span>{tile.name}</span>
        </div>
      )}
      {track && tile.nameCard ? <span className={classes.nameCard}>{tile.name}</span> : null}
    </div>
  );
}

/** Canvas pixels as shares of the picture, whatever its size. */
function placed(rect: { x: number; y: number; width: number; height: number }): CSSProperties {
  return {
    left: `${(rect.x / CANVAS.width) * 100}%`,
    top: `${(rect.y / CANVAS.height) * 100}%`,
    width: `${(rect.width / CANVAS.width) * 100}%`,
    height: `${(rect.height / CANVAS.height) * 100}%`,
  };
}
