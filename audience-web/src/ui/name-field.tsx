import { isBlank } from '@rostrum/contracts/text';
import { useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { AdmissionError } from '../room/admission.ts';
import type { WatchSession } from '../room/session.ts';
import { useStore } from './use-store.ts';

/** `taken` answers false when the name did not get through; without a name typed it is simply true. */
export interface NameEntry {
  readonly name: string;
  readonly setName: (name: string) => void;
  /** What went wrong, in words; null: nothing. */
  readonly problem: string | null;
  readonly busy: boolean;
  readonly wanted: boolean;
  readonly taken: () => Promise<boolean>;
}

/** Everybody watches as "Guest" until they first speak up, and may then say who they are. */
export function useName(session: WatchSession): NameEntry {
  // A name takes a connection of its own, and a guest on the stage hangs on theirs.
  const wanted = useStore(session.state, (s) => !s.named && s.view?.self.guest !== true);
  const [name, setName] = useState('');
  const [state, setState] = useState<'idle' | 'busy' | 'failed' | 'refused' | 'taken'>('idle');
  return {
    name,
    setName,
    wanted,
    problem: state === 'idle' || state === 'busy' ? null : t.name[state],
    busy: state === 'busy',
    async taken() {
      if (!wanted || isBlank(name)) return true;
      setState('busy');
      try {
        await session.takeName(name.trim());
        setState('idle');
        return true;
      } catch (error) {
        console.info('rostrum: name not taken', error);
        setState(stateAfter(error));
        return false;
      }
    },
  };
}

function stateAfter(error: unknown): 'failed' | 'refused' | 'taken' {
  if (!(error instanceof AdmissionError)) return 'failed';
  if (error.code === 'bad-name') return 'refused';
  return error.code === 'name-taken' ? 'taken' : 'failed';
}

export function NameField({ entry }: { entry: NameEntry }) {
  if (!entry.wanted) return null;
  return (
    <>
      <label class="name-field">
        <span>{t.name.label}</span>
        <input
          type="text"
          name="name"
          autocomplete="name"
          maxLength={60}
          dir="auto"
          placeholder={t.name.placeholder}
          value={entry.name}
          onInput={(event) => entry.setName(event.currentTarget.value)}
        />
      </label>
      {entry.problem !== null && (
        <p class="form-error" role="alert">
          {entry.problem}
        </p>
      )}
    </>
  );
}
