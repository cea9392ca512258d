import { t } from '../messages.ts';
import type { SessionProblem } from '../room/session.ts';

/** Nothing can be watched here; what can be done about it. */
export function Problem({
  problem,
  registerUrl,
  onGuest,
}: {
  problem: Exclude<SessionProblem, 'passcode'>;
  /** Where people register for it. */
  registerUrl: string;
  onGuest: () => void;
}) {
  const { title, text } = t.problem[problem];
  return (
    <main class="problem">
      <h1>{title}</h1>
      <p class="muted">{text}</p>
      {(problem === 'link-invalid' || problem === 'link-expired') && (
        <button type="button" class="button primary" onClick={onGuest}>
          {t.watchAsGuest}
        </button>
      )}
      {problem === 'register' && (
        <a class="button primary" href={registerUrl}>
          {t.register}
        </a>
      )}
      {(problem === 'outdated' || problem === 'sent-out' || problem === 'crowded') && (
        <button type="button" class="button primary" onClick={() => location.reload()}>
          {t.reload}
        </button>
      )}
    </main>
  );
}
