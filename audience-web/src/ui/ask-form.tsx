import { isBlank, lengthOf } from '@rostrum/contracts/text';
import { keepIn } from '@rostrum/room-client/keep';
import { useId, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { WatchSession } from '../room/session.ts';
import { type NameEntry, NameField } from './name-field.tsx';

const MAX_LENGTH = 500;
const SHOW_LEFT_BELOW = 100;
const keep = keepIn(() => sessionStorage);

/** The draft outlives lost connections and reloads; it goes only when the question went. */
export function AskForm(props: {
  readonly session: WatchSession;
  readonly name: NameEntry;
  readonly draftKey: string;
  /** What becomes of a question; null: nothing to be said. */
  readonly hint: string | null;
}) {
  const { session, name, draftKey, hint } = props;
  const [text, setText] = useState(() => keep.read(draftKey) ?? '');
  const id = useId();
  const write = (value: string): void => {
    setText(value);
    keep.write(draftKey, value === '' ? null : value);
  };
  const submit = async (): Promise<void> => {
    const question = text.trim();
    if (isBlank(question) || name.busy || !(await name.taken())) return;
    session.ask(question);
    write('');
  };
  const left = MAX_LENGTH - lengthOf(text);
  return (
    <form
      class="ask panel-foot"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label class="sr-only" for={id}>
        {t.questions.label}
      </label>
      <textarea
        id={id}
        rows={2}
        maxLength={MAX_LENGTH}
        dir="auto"
        placeholder={t.questions.placeholder}
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void submit();
          }
        }}
      />
      {text !== '' && <NameField entry={name} />}
      {hint !== null && <p class="muted small">{hint}</p>}
      <div class="ask-row">
        <span class="muted small" aria-live="polite">
          {left < SHOW_LEFT_BELOW ? t.questions.left(left) : ''}
        </span>
        <button type="submit" class="button primary" disabled={isBlank(text) || name.busy}>
          {t.questions.ask}
        </button>
      </div>
    </form>
  );
}
