import { useState } from 'preact/hooks';
import type { WatchSession } from '../room/session.ts';
import { useStore } from '../ui/use-store.ts';
import { w } from './words.ts';

const PASSCODE_MAX = 64;

/** In the page's place, for who comes to a webinar that wants a passcode. It is told to the coordinator, and never in an address. */
export function PasscodeForm({ session }: { readonly session: WatchSession }) {
  const refused = useStore(session.state, (s) => s.passcode === 'refused');
  const asking = useStore(session.state, (s) => s.passcode === 'asking');
  const [passcode, setPasscode] = useState('');
  return (
    <main class="problem">
      <h1>{w.passcodeTitle}</h1>
      <p class="muted" id="passcode-text">
        {w.passcodeText}
      </p>
      <form
        class="passcode"
        onSubmit={(event) => {
          event.preventDefault();
          if (passcode.trim() !== '' && !asking) session.enter(passcode.trim());
        }}
      >
        <label class="passcode-field">
          <span>{w.passcode}</span>
          <input
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={PASSCODE_MAX}
            aria-invalid={refused}
            aria-describedby="passcode-text passcode-refused"
            value={passcode}
            onInput={(event) => setPasscode(event.currentTarget.value)}
          />
        </label>
        <p class="passcode-refused" id="passcode-refused" role="alert">
          {refused && w.passcodeRefused}
        </p>
        <button type="submit" class="button primary" aria-disabled={asking}>
          {w.enter}
        </button>
      </form>
    </main>
  );
}
