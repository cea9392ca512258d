'use client';

import type { Scene } from '@rostrum/contracts';
import { layoutScene, type Tile } from '@rostrum/contracts/layout';
import { type CSSProperties, useRef } from 'react';
import { discColour, initials } from '../../lib/people.ts';
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
    <div className={classes.frame}>
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
          <div className={classes.slide} data-kind={slide.kind}>
            <strong>{slide.title || scene.title}</strong>
            {slide.kind === 'countdown' ? (
              <Countdown untilUnixMs={slide.untilUnixMs} offsetMs={serverOffsetMs} />
            ) : slide.subtitle ? (
              <span>{slide.subtitle}</span>
            ) : null}
          </div>
        ) : null}
      </div>
    </div>
  );
}

function Countdown({ untilUnixMs, offsetMs }: { readonly untilUnixMs: number; readonly offsetMs: number }) {
  const now = useNow(250, offsetMs);
  // The output has no leading zero: 4:05.
  const left = formatCountdown(untilUnixMs, now).replace(/^0(?=\d:)/, '');
  return <span className={classes.countdown}>{left}</span>;
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
    <div
      ref={ref}
      className={classes.tile}
      data-kind={tile.kind}
      data-person={tile.personId}
      style={{ ...placed(tile), zIndex: tile.z, ...measures(tile) }}
    >
      {tile.kind === 'camera' ? (
        <div className={classes.card}>
          <span className={classes.initials} style={{ background: discColour(tile.personId) }} aria-hidden>
            {initials(tile.name)}
          </span>
          <span className={classes.cardName}>{tile.name}</span>
        </div>
      ) : (
        <div className={classes.screenCard}>{tile.name} shares a screen</div>
      )}
      {track ? <TrackVideo track={track} /> : null}
      {track && tile.nameCard && tile.name ? <span className={classes.plate}>{tile.name}</span> : null}
    </div>
  );
}

/** Sizes that follow the tile, in canvas pixels, as the compositor's name plates and cards have them. */
function measures(tile: Tile): CSSProperties {
  const unit = Math.min(tile.width, tile.height);
  const plate = Math.round(Math.min(26, Math.max(15, tile.height * 0.05)));
  const px = (canvasPx: number): string => `calc(${canvasPx} * var(--px))`;
  return {
    '--plate': px(plate),
    '--margin': px(Math.round(Math.max(8, tile.height * 0.03))),
    '--disc': px(unit * 0.38),
    '--letters': px(unit * 0.152),
    '--card-name': px(unit * 0.075),
  } as CSSProperties;
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
