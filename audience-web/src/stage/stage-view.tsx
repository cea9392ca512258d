import type { PersonView, WebinarView } from '@rostrum/contracts/view';
import { noPicture } from '@rostrum/panel-sfu/client/no-picture';
import type { RemoteTrack, StageClient, StageState } from '@rostrum/panel-sfu/client/stage';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { MicOffIcon } from '../ui/icons.tsx';
import { RoleMark } from '../ui/role-mark.tsx';
import { useStore } from '../ui/use-store.ts';
import { StageControls } from './stage-controls.tsx';
import { type TileRect, tileGrid } from './tile-grid.ts';
import { TrackAudio, TrackVideo } from './track-video.tsx';
import type { StageVisit } from './visit.ts';

interface StageViewProps {
  readonly visit: StageVisit;
  readonly client: StageClient;
  readonly view: WebinarView;
  /** false while the stream is still in front. */
  readonly shown: boolean;
}

interface StageTile {
  readonly key: string;
  readonly personId: string;
  readonly name: string;
  readonly kind: 'camera' | 'screen';
  readonly video: MediaStreamTrack | null;
  /** What is known of that video; null: it is one's own, or there is none. */
  readonly remote: RemoteTrack | null;
  readonly role: PersonView['role'];
  readonly self: boolean;
  readonly muted: boolean;
}

/** The stage as one sees it who stands on it: everybody there, oneself among them, and the controls. */
export function StageView({ visit, client, view, shown }: StageViewProps) {
  const store = useMemo(() => ({ get: client.getState, subscribe: client.subscribe }), [client]);
  const stage = useStore(store, (s) => s);
  const outputId = useStore(visit.devices.state, (s) => s.outputId);
  const area = useRef<HTMLDivElement>(null);
  const size = useSize(area);
  const onAir = view.scene?.onAir.some((p) => p.personId === view.self.personId) ?? false;
  const tiles = tilesOf(stage.remotes, view.people, {
    key: 'self',
    personId: view.self.personId,
    name: t.stage.you,
    kind: 'camera',
    video: stage.cameraOff ? null : (stage.camera?.track ?? null),
    remote: null,
    role: view.self.role,
    self: true,
    muted: stage.micMuted || stage.mic === null,
  });
  const rects = tileGrid(tiles.length, size);

  return (
    <section class={`stage ${shown ? '' : 'under-stream'}`} aria-label={t.stage.onStage} aria-hidden={!shown}>
      <div class="stage-tiles" ref={area}>
        <ul aria-label={t.stage.tiles}>
          {size.width > 0 &&
            tiles.map((tile, i) => {
              const rect = rects[i];
              if (!rect) return null;
              return (
                <Tile
                  key={tile.key}
                  tile={tile}
                  rect={rect}
                  client={client}
                  stage={stage}
                  speaking={stage.speakers.dominant === tile.personId && tile.kind === 'camera'}
                  onFirstFrame={() => {
                    if (!tile.self) visit.seen();
                  }}
                />
              );
            })}
        </ul>
      </div>
      {stage.remotes
        .filter((r) => (r.source === 'mic' || r.source === 'screenAudio') && r.track !== null)
        .map(
          (r) =>
            r.track && (
              <TrackAudio
                key={r.producerId}
                track={r.track}
                outputId={outputId}
                onRefused={visit.devices.outputRefused}
                onPlaying={visit.heard}
              />
            ),
        )}
      <StageControls visit={visit} client={client} view={view} onAir={onAir} />
    </section>
  );
}

function tilesOf(
  remotes: readonly RemoteTrack[],
  people: readonly PersonView[],
  self: StageTile,
): StageTile[] {
  const who = (personId: string): Pick<StageTile, 'name' | 'role'> => {
    const person = people.find((p) => p.personId === personId);
    return { name: person?.name ?? '', role: person?.role ?? 'attendee' };
  };
  const ids = [...new Set(remotes.map((r) => r.personId))];
  const of = (personId: string, source: RemoteTrack['source']): RemoteTrack | null =>
    remotes.find((r) => r.personId === personId && r.source === source) ?? null;
  const tile = (personId: string, kind: StageTile['kind'], muted: boolean): StageTile => {
    const remote = of(personId, kind);
    return {
      key: `${kind}-${personId}`,
      personId,
      ...who(personId),
      kind,
      video: remote?.paused ? null : (remote?.track ?? null),
      remote,
      self: false,
      muted,
    };
  };
  return [
    ...ids.filter((id) => of(id, 'screen')).map((id) => tile(id, 'screen', false)),
    ...ids.map((id) => tile(id, 'camera', of(id, 'mic')?.paused ?? true)),
    self,
  ];
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const firstGrapheme = (name: string): string => [...graphemes.segment(name)][0]?.segment ?? '';

interface TileProps {
  readonly tile: StageTile;
  readonly rect: TileRect;
  readonly client: StageClient;
  readonly stage: StageState;
  readonly speaking: boolean;
  readonly onFirstFrame: () => void;
}

function Tile({ tile, rect, client, stage, speaking, onFirstFrame }: TileProps) {
  const { personId, kind, self, name, remote } = tile;
  const [still, setStill] = useState(false);
  const missing = noPicture(remote, { ...stage, theirs: null, still });
  const heightPx = Math.round(rect.height * devicePixelRatio);
  useEffect(() => {
    if (!self) client.showTile(personId, kind, heightPx);
  }, [client, self, personId, kind, heightPx]);
  useEffect(() => {
    if (self) return;
    return () => client.showTile(personId, kind, null);
  }, [client, self, personId, kind]);
  return (
    <li
      class={`stage-tile ${speaking ? 'speaking' : ''}`}
      style={{ left: rect.x, top: rect.y, width: rect.width, height: rect.height }}
    >
      {tile.video && missing !== 'sound-alone' ? (
        <TrackVideo
          track={tile.video}
          mirrored={self}
          contain={kind === 'screen'}
          label={name}
          onFirstFrame={onFirstFrame}
          // A screen on which nothing happens stands still for good reason.
          onStill={remote && kind === 'camera' ? setStill : undefined}
        />
      ) : (
        <span class="stage-initial" aria-hidden="true">
          {firstGrapheme(name)}
        </span>
      )}
      {missing && <span class="stage-missing">{t.stage.noPicture[missing]}</span>}
      <span class="stage-name">
        {tile.muted && <MicOffIcon />}
        <bdi>{name}</bdi>
        {tile.role === 'panelist' ? null : <RoleMark role={tile.role} />}
        {tile.muted && <span class="sr-only">, {t.stage.muted}</span>}
        {speaking && <span class="sr-only">, {t.stage.speaking}</span>}
      </span>
    </li>
  );
}

function useSize(ref: { readonly current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}
