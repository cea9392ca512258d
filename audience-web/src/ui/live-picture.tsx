import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../messages.ts';
import type { Player } from '../player/player.ts';
import type { WatchSession } from '../room/session.ts';
import { loadStage } from '../stage/load-stage.ts';
import type { StageVisit } from '../stage/visit.ts';
import { ProbeState } from './probe-state.ts';
import { useLazy } from './use-lazy.ts';
import { useStore } from './use-store.ts';

interface LivePictureProps {
  readonly session: WatchSession;
  readonly visit: StageVisit;
  readonly player: Player | null;
  /** The stream; silent when `silenced`. */
  readonly children: (silenced: boolean) => JSX.Element;
}

const NOTE_MS = 5000;

/** Stream or stage. On the way between them both are here: the stage arrives under the stream, then takes its place. */
export function LivePicture({ session, visit, player, children }: LivePictureProps) {
  const step = useStore(visit.state, (s) => s.step);
  const client = useStore(visit.state, (s) => s.client);
  const stageHeard = useStore(visit.state, (s) => s.stageHeard);
  const view = useStore(session.state, (s) => s.view);
  const StageView = useLazy(step !== 'away', loadStage)?.StageView ?? null;
  const onStage = step === 'there';
  const stagePresent =
    (step === 'arriving' || onStage) && client !== null && view !== null && StageView !== null;

  return (
    <div class={`picture ${onStage ? 'on-stage' : ''}`}>
      <ProbeState player={player} state={onStage ? 'stage' : 'playing'} />
      {!onStage && children(stageHeard)}
      {stagePresent && <StageView visit={visit} client={client} view={view} shown={onStage} />}
      <ReturnedNote visit={visit} />
    </div>
  );
}

function ReturnedNote({ visit }: { visit: StageVisit }) {
  const returned = useStore(visit.state, (s) => s.returned);
  useEffect(() => {
    if (!returned) return;
    const timer = setTimeout(() => visit.state.set({ returned: null }), NOTE_MS);
    return () => clearTimeout(timer);
  }, [returned, visit]);
  return <div role="status">{returned && <p class="pill picture-note">{t.stage.returned[returned]}</p>}</div>;
}
