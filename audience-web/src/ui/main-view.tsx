import { useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { Player } from '../player/player.ts';
import type { WatchSession } from '../room/session.ts';
import type { StageVisit } from '../stage/visit.ts';
import { Countdown } from './countdown.tsx';
import { LivePicture } from './live-picture.tsx';
import { PlayerView } from './player-view.tsx';
import { ProbeState } from './probe-state.ts';
import { useRunOut } from './use-run-out.ts';
import { useStore } from './use-store.ts';

interface MainViewProps {
  readonly session: WatchSession;
  readonly visit: StageVisit;
}

/** The place of the picture: countdown, stream, stage, or what remains afterwards. Always 16:9. */
export function MainView({ session, visit }: MainViewProps) {
  const known = useStore(session.state, (s) => s.view ?? s.remembered);
  const startsAtUnixMs = useStore(session.state, (s) => (s.view ?? s.remembered)?.startsAtUnixMs ?? null);
  const offsetMs = useStore(session.state, (s) => s.serverOffsetMs);
  const [player, setPlayer] = useState<Player | null>(null);
  const phase = known?.phase;
  // Who waited for the beginning opened the stream then, and not when they opened the page.
  const openedAtMs = useRef(0);
  if (phase?.phase === 'scheduled') openedAtMs.current = performance.now();
  const playing = useRunOut(phase, player);
  const serverOffsetMs = (): number => session.state.get().serverOffsetMs;

  if (known && playing.kind === 'live') {
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
          />
        )}
      </LivePicture>
    );
  }
  if (known && playing.kind === 'rest') {
    return (
      <div class="picture">
        <ProbeState player={player} state="recording" />
        <PlayerView
          key="rest"
          url={playing.url}
          kind="recording"
          profile={known.profile}
          title={known.title}
          serverOffsetMs={serverOffsetMs}
          onPlayer={setPlayer}
          rest={playing.rest}
        />
      </div>
    );
  }
  if (known && phase?.phase === 'ended' && phase.recordingUrl !== null) {
    return (
      <div class="picture">
        <ProbeState player={player} state="recording" />
        <PlayerView
          key={phase.recordingUrl}
          url={phase.recordingUrl}
          kind="recording"
          profile={known.profile}
          title={known.title}
          serverOffsetMs={serverOffsetMs}
          onPlayer={setPlayer}
          intro={{ title: t.ended.title, text: t.ended.text, play: t.ended.watchRecording }}
        />
      </div>
    );
  }
  if (known && phase?.phase === 'ended') {
    return (
      <div class="picture">
        <ProbeState player={null} state="ended" />
        <section class="screen">
          <div class="screen-inner">
            <h2 class="screen-title">{t.ended.title}</h2>
            <p class="muted">{t.ended.text}</p>
            <p class="muted" role="status">
              {phase.recording === 'pending' ? t.ended.recordingPending : t.ended.noRecording}
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
