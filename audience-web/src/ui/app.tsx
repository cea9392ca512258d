import { isolate } from '@rostrum/contracts/lines';
import type { MyHand } from '@rostrum/contracts/view';
import { useEffect, useRef, useState } from 'preact/hooks';
import { locale, t } from '../messages.ts';
import { formatMoment } from '../player/format.ts';
import type { WatchSession } from '../room/session.ts';
import { createVisit } from '../stage/visit.ts';
import { AppHeader } from './app-header.tsx';
import type { Beside } from './beside.ts';
import { Contained } from './contained.tsx';
import { HandCard } from './hand.tsx';
import { MainView } from './main-view.tsx';
import { useName } from './name-field.tsx';
import { Problem } from './problem.tsx';
import { Questions } from './questions.tsx';
import { Tabs } from './tabs.tsx';
import { useLazy } from './use-lazy.ts';
import { useMedia, useOffline, useStore } from './use-store.ts';

interface AppProps {
  readonly session: WatchSession;
  readonly webinarId: string;
  /** In another site's page: nothing but the picture. */
  readonly embedded: boolean;
}

/** Where the connection is lost for a blink, nobody needs to know. */
const TELL_LOSS_AFTER_MS = 1200;
const WIDE = '(min-width: 60rem)';

const loadEntrance = () => import('../lobby/passcode-form.tsx');
const loadCheck = () => import('../stage/device-check.tsx');

export function App({ session, webinarId, embedded }: AppProps) {
  const problem = useStore(session.state, (s) => s.problem);
  const title = useStore(session.state, (s) => s.view?.title ?? s.remembered?.title ?? null);
  const phase = useStore(session.state, (s) => (s.view ?? s.remembered)?.phase.phase ?? null);
  const hand = useStore(session.state, (s) => s.view?.self.hand ?? 'down');
  const role = useStore(session.state, (s) => s.view?.self.role ?? 'attendee');
  const wide = useMedia(WIDE);
  const [visit] = useState(() => createVisit(session));
  const step = useStore(visit.state, (s) => s.step);
  const guest = useStore(session.state, (s) => s.view?.self.guest ?? false);
  // Whether people of the audience are asked to the stage at all.
  const asked = useStore(session.state, (s) => s.view?.plan.whoMaySpeak !== 'none');
  const name = useName(session);
  const checks = step === 'checking' || step === 'joining';
  const check = useLazy(checks, loadCheck);
  const entrance = useLazy(problem === 'passcode', loadEntrance);
  const [beside, setBeside] = useState<Beside | null>(null);
  const handBefore = useRef<MyHand>('down');

  useEffect(() => {
    document.title = title === null ? t.product : t.pageTitle(isolate(title));
  }, [title]);

  useEffect(() => {
    if (hand === 'accepted' && handBefore.current !== 'accepted') visit.open();
    handBefore.current = hand;
  }, [hand, visit]);
  useEffect(() => {
    if (!guest) visit.notGuest();
  }, [guest, visit]);
  useEffect(() => () => visit.close(), [visit]);

  if (problem === 'passcode') return entrance && <entrance.PasscodeForm session={session} />;
  if (problem !== null)
    return (
      <Problem
        problem={problem}
        registerUrl={`${session.coordinatorUrl() ?? ''}/w/${webinarId}`}
        onGuest={() => session.watchAsGuest()}
      />
    );

  const picture = (
    <Contained of={phase} instead={<Broken />}>
      <MainView
        session={session}
        visit={visit}
        webinarId={webinarId}
        embedded={embedded}
        onBeside={setBeside}
      />
    </Contained>
  );
  if (embedded) return <main class="embedded">{picture}</main>;

  const questions = (
    <Questions session={session} webinarId={webinarId} open={phase !== 'ended'} name={name} />
  );
  const handCard =
    role === 'attendee' && phase !== 'ended' && (asked || hand !== 'down') ? (
      <HandCard
        session={session}
        hand={hand}
        live={phase === 'live'}
        name={name}
        onStage={step === 'arriving' || step === 'there'}
        onOpenInvitation={() => visit.open()}
      />
    ) : null;

  return (
    <div class="app">
      <a class="skip-link" href="#take-part">
        {t.skipToQuestions}
      </a>
      <AppHeader session={session} live={phase === 'live'} />
      <main class="layout">
        <div class="main-col">
          {picture}
          <div class="under">
            <div>
              <h1 class="title">
                <bdi>{title ?? ''}</bdi>
              </h1>
              <Since session={session} />
              {beside && <div class="beside-under">{beside.under}</div>}
            </div>
            {wide && handCard}
          </div>
        </div>
        <aside class="side" id="take-part" aria-label={t.tabs.label}>
          <Tabs
            label={t.tabs.label}
            tabs={[
              ...(beside?.tabs ?? []),
              { id: 'questions', label: t.tabs.questions, content: questions },
              ...(handCard && !wide
                ? [{ id: 'hand', label: t.tabs.hand, content: handCard, mark: hand !== 'down' }]
                : []),
            ]}
          />
        </aside>
      </main>
      <ConnectionBanner session={session} />
      {checks && check && <check.DeviceCheck session={session} visit={visit} />}
    </div>
  );
}

/** In the picture's place. The coordinator's next word of the phase has it drawn anew. */
function Broken() {
  return (
    <div class="picture">
      <section class="screen" role="alert">
        <div class="screen-inner">
          <p class="screen-title">{t.broken.title}</p>
          <p class="muted">{t.broken.text}</p>
          <button type="button" class="button primary" onClick={() => location.reload()}>
            {t.reload}
          </button>
        </div>
      </section>
    </div>
  );
}

const clockTime = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });

function Since({ session }: { session: WatchSession }) {
  const text = useStore(session.state, ({ view }) =>
    view?.phase.phase === 'live' ? t.liveSince(formatMoment(clockTime, view.phase.sinceUnixMs)) : '',
  );
  return <p class="title-meta">{text}</p>;
}

function ConnectionBanner({ session }: { session: WatchSession }) {
  const broken = useStore(session.state, (s) => s.connection === 'reconnecting');
  // A socket takes half a minute to notice a pulled cable; the browser knows at once.
  const offline = useOffline();
  const lost = broken || offline;
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), TELL_LOSS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div class="banner-place" role="status">
      {shown && (
        <p class="banner">
          <span class="spinner" aria-hidden="true" />
          {t.connectionLost}
        </p>
      )}
    </div>
  );
}
