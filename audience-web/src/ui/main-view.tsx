import { channelPaths } from '@rostrum/contracts/media-urls';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { Player } from '../player/player.ts';
import type { WatchSession } from '../room/session.ts';
import type { StageVisit } from '../stage/visit.ts';
import type { Beside } from './beside.ts';
import { Countdown } from './countdown.tsx';
import { LiveControls } from './live-controls.tsx';
import { LivePicture } from './live-picture.tsx';
import { PlayerView } from './player-view.tsx';
import { ProbeState } from './probe-state.ts';
import { useLazy } from './use-lazy.ts';
import { useRunOut } from './use-run-out.ts';
import { useStore } from './use-store.ts';

interface MainViewProps {
  readonly session: WatchSession;
  readonly visit: StageVisit;
  readonly webinarId: string;
  /** In another site's page: nothing but the picture. */
  readonly embedded: boolean;
  readonly onBeside: (beside: Beside | null) => void;
}

const loadLobby = () => import('../lobby/lobby.tsx');
const loadPlayback = () => import('../playback/playback-view.tsx');

/** The place of the picture: countdown, stream, stage, or what remains afterwards. Always 16:9. */
export function MainView({ session, visit, webinarId, embedded, onBeside }: MainViewProps) {
  const known = useStore(session.state, (s) => s.view ?? s.remembered);
  const startsAtUnixMs = useStore(session.state, (s) => (s.view ?? s.remembered)?.startsAtUnixMs ?? null);
  const offsetMs = useStore(session.state, (s) => s.serverOffsetMs);
  const away = useStore(visit.state, (s) => s.step === 'away');
  const [player, setPlayer] = useState<Player | null>(null);
  // Whoever comes by a link to a moment of what is still live sees that moment first.
  const [looksBack, setLooksBack] = useState<'moment' | 'beginning' | null>(() =>
    new URLSearchParams(location.search).has('t') ? 'moment' : null,
  );
  const phase = known?.phase;
  // Who waited for the beginning opened the stream then, and not when they opened the page.
  const openedAtMs = useRef(0);
  if (phase?.phase === 'scheduled') openedAtMs.current = performance.now();
  const playing = useRunOut(phase, player);
  const serverOffsetMs = (): number => session.state.get().serverOffsetMs;

  /** The recording of what is live grows beside it. */
  const growing =
    phase?.phase === 'live' && looksBack !== null && away
      ? phase.playlistUrl.replace(channelPaths.live(webinarId), channelPaths.recording(webinarId))
      : null;
  const [back, setBack] = useState<string | null>(null);
  if (growing !== null && growing !== back) setBack(growing);
  const recorded = phase?.phase === 'ended' ? phase.recordingUrl : null;
  const pending = phase?.phase === 'ended' && phase.recording === 'pending';
  /** Over the end too, whoever looked back goes on where they are. */
  const goesOn = phase?.phase === 'ended' && back !== null;
  const rest = playing.kind === 'rest' && !goesOn ? playing.rest : null;
  const shownUrl =
    growing ?? (playing.kind === 'live' && !goesOn ? null : (recorded ?? (pending ? back : null)));
  const goLive = (): void => {
    setLooksBack(null);
    setBack(null);
  };
  const playback = useLazy(shownUrl !== null, loadPlayback);

  const live = playing.kind === 'live' && shownUrl === null;
  const before = live && phase?.phase === 'scheduled';
  const lobby = useLazy(before && !embedded, loadLobby);
  const untilUnixMs = useStore(session.state, (s) => s.view?.doors.untilUnixMs ?? null) ?? startsAtUnixMs;
  useEffect(() => {
    if (!live || embedded) return;
    onBeside({
      tabs: [],
      under: before
        ? lobby && <lobby.Lobby untilUnixMs={untilUnixMs} serverOffsetMs={offsetMs} />
        : away &&
          phase?.phase === 'live' && (
            <button type="button" class="button small" onClick={() => setLooksBack('beginning')}>
              {t.player.fromBeginning}
            </button>
          ),
    });
    return () => onBeside(null);
  }, [live, away, embedded, phase?.phase, lobby, untilUnixMs, offsetMs]);

  if (known && playing.kind === 'live' && live) {
    return (
      <LivePicture session={session} visit={visit} player={player}>
        {(silenced) => (
          <PlayerView
            key={playing.url}
            url={playing.url}
            kind="live"
            profile={known.profile}
            title={known.title}
            serverOffsetMs={serverOffsetMs}
            silenced={silenced}
            onPlayer={setPlayer}
            report={{ coordinatorUrl: session.coordinatorUrl, openedAtMs: openedAtMs.current }}
            controls={(parts, shown) => <LiveControls {...parts} shown={shown} before={before} />}
          />
        )}
      </LivePicture>
    );
  }
  if (known && shownUrl !== null && playback) {
    return (
      <div class="picture">
        <ProbeState player={player} state="recording" />
        <playback.PlaybackView
          key={rest ? 'rest' : shownUrl}
          webinarId={webinarId}
          url={shownUrl}
          profile={known.profile}
          title={known.title}
          serverOffsetMs={serverOffsetMs}
          onPlayer={setPlayer}
          begins={rest ? { at: 'rest', rest } : { at: back === null ? 'press' : (looksBack ?? 'beginning') }}
          onLive={growing === null ? null : goLive}
          embedded={embedded}
          onBeside={onBeside}
        />
      </div>
    );
  }
  if (known && phase?.phase === 'ended' && shownUrl === null) {
    return (
      <div class="picture">
        <ProbeState player={null} state="ended" />
        <section class="screen">
          <div class="screen-inner">
            <h2 class="screen-title">{t.ended.title}</h2>
            <p class="muted">{t.ended.text}</p>
            <p class="muted" role="status">
              {t.ended.withoutRecording[phase.recording]}
            </p>
          </div>
        </section>
      </div>
    );
  }
  if (known && phase?.phase === 'scheduled') {
    return (
      <div class="picture">
        <ProbeState player={null} state="countdown" />
        <Countdown title={known.title} startsAtUnixMs={startsAtUnixMs} serverOffsetMs={offsetMs} />
      </div>
    );
  }
  return (
    <div class="picture">
      <ProbeState player={null} state="joining" />
      <section class="screen" role="status">
        <div class="screen-inner">
          <span class="spinner large" aria-hidden="true" />
          <p class="muted">{t.loading}</p>
        </div>
      </section>
    </div>
  );
}
