import { useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { Dialog } from './dialog.tsx';

interface NameDialogProps {
  readonly purpose: 'question' | 'hand';
  readonly onName: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asked once, when a name is first of use to somebody: with the first question or raised hand. */
export function NameDialog({ purpose, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState('');
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const submit = async (): Promise<void> => {
    setState('busy');
    try {
      await onName(name.trim());
    } catch (error) {
      console.info('rostrum: name not taken', error);
      setState('failed');
    }
  };
  return (
    <Dialog
      title={t.name.title}
      text={purpose === 'question' ? t.name.textQuestion : t.name.textHand}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '' && state !== 'busy') void submit();
        }}
      >
        <label class="field">
          {t.name.label}
          <input
            type="text"
            name="name"
            autocomplete="name"
            maxLength={60}
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="form-error" role="alert">
          {state === 'failed' && t.name.failed}
        </p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t.name.cancel}
          </button>
          <button type="submit" class="button primary" disabled={name.trim() === '' || state === 'busy'}>
            {t.name.confirm}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
