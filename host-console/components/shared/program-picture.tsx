'use client';

import type { Scene } from '@rostrum/contracts';
import {
  BACKDROP,
  lowerThirdShapes,
  plateShapes,
  slideShapes,
  tileShapes,
  wordsOf,
} from '@rostrum/contracts/cards';
import {
  layoutScene,
  type NamePlate,
  type Rect,
  type SceneLayout,
  type Tile,
} from '@rostrum/contracts/layout';
import { isolate } from '@rostrum/contracts/lines';
import { CANVAS } from '@rostrum/contracts/profile';
import type { Slide } from '@rostrum/contracts/scene';
import { type CSSProperties, useRef } from 'react';
import { textWidth } from '../../lib/text-width.ts';
import type { TileDemand } from '../../lib/tile-demand.ts';
import { useNow } from '../../lib/use-now.ts';
import { useTileDemand } from '../../lib/use-tile-demand.ts';
import { Drawing } from './drawing.tsx';
import classes from './program-picture.module.css';
import { TrackVideo } from './track-video.tsx';

const WHOLE: Rect = { x: 0, y: 0, width: CANVAS.width, height: CANVAS.height };
const share = (n: number): string => `${n * 100}%`;
const BACKGROUND =
  `radial-gradient(${share(BACKDROP.radius)} ${share(BACKDROP.radius)} at ${share(BACKDROP.cx)} ${share(BACKDROP.cy)}, ` +
  `${BACKDROP.inner}, ${BACKDROP.outer})`;

/** A person's video as the page has it: null while none is sent or none has come. */
export type VideoOf = (personId: string, source: 'camera' | 'screen') => MediaStreamTrack | null;

/** The scene drawn from live tracks by the compositor's own layout and look, in any size of 16:9. */
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
    <div className={classes.canvas} style={{ background: BACKGROUND }}>
      {layout.tiles.map((tile) => (
        <SceneTile
          key={`${tile.kind}:${tile.personId}`}
          tile={tile}
          track={videoOf(tile.personId, tile.kind)}
          tiles={tiles}
          self={tile.personId === selfId}
        />
      ))}
      {layout.tiles.map((tile) =>
        // A card without a picture bears the name itself.
        tile.plate && videoOf(tile.personId, tile.kind) ? (
          <Plate key={`${tile.kind}:${tile.personId}`} plate={tile.plate} name={tile.name} />
        ) : null,
      )}
      {lowerThird ? <Third third={lowerThird} /> : null}
      {slide?.kind === 'countdown' ? (
        <Countdown slide={slide} title={scene.title} offsetMs={serverOffsetMs} />
      ) : slide ? (
        <FullSlide slide={slide} title={scene.title} nowUnixMs={0} />
      ) : null}
    </div>
  );
}

function FullSlide(props: { readonly slide: Slide; readonly title: string; readonly nowUnixMs: number }) {
  const shapes = slideShapes(props.slide, props.title, props.nowUnixMs, textWidth);
  return (
    <div style={placed(WHOLE)} data-kind={props.slide.kind}>
      <Drawing shapes={shapes} view={WHOLE} label={wordsOf(shapes)} />
    </div>
  );
}

function Countdown(props: { readonly slide: Slide; readonly title: string; readonly offsetMs: number }) {
  const now = useNow(250, props.offsetMs);
  return <FullSlide slide={props.slide} title={props.title} nowUnixMs={now} />;
}

function Third({ third }: { readonly third: NonNullable<SceneLayout['lowerThird']> }) {
  const shapes = lowerThirdShapes(third, textWidth);
  return (
    <div className={classes.over} style={placed(third)}>
      <Drawing shapes={shapes} view={{ ...third, x: 0, y: 0 }} label={wordsOf(shapes)} />
    </div>
  );
}

/** Nothing to a screen reader: the card below the video has the same name. */
function Plate({ plate, name }: { readonly plate: NamePlate; readonly name: string }) {
  const { width, shapes } = plateShapes(plate, name, textWidth);
  const { x, y, height } = plate;
  return (
    <div className={classes.over} style={placed({ x, y, width, height })}>
      <Drawing shapes={shapes} view={{ x: 0, y: 0, width, height }} label={null} />
    </div>
  );
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
      style={{ ...placed(tile), zIndex: tile.z }}
    >
      <Drawing shapes={tileShapes(tile, textWidth)} view={tile} label={labelOf(tile)} />
      {track ? <TrackVideo track={track} /> : null}
    </div>
  );
}

const labelOf = (tile: Tile): string =>
  tile.kind === 'camera' ? tile.name : `Screen of ${isolate(tile.name)}`;

/** Canvas pixels as shares of the picture, whatever its size. */
function placed(rect: Rect): CSSProperties {
  return {
    left: `${(rect.x / CANVAS.width) * 100}%`,
    top: `${(rect.y / CANVAS.height) * 100}%`,
    width: `${(rect.width / CANVAS.width) * 100}%`,
    height: `${(rect.height / CANVAS.height) * 100}%`,
  };
}
