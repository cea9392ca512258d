'use client';

import { ActionIcon, Button, TextInput } from '@mantine/core';
import type { RecordingCut } from '@rostrum/contracts';
import { CUTS_MAX } from '@rostrum/contracts/recording-limits';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useId, useRef, useState } from 'react';
import { type CutDraft, type CutProblem, cutOf, draftOf, type ShowSpan } from '../../lib/cut-drafts.ts';
import { notifyDone } from '../../lib/notify.ts';
import { formatShowTime } from '../../lib/show-time.ts';
import type { Send } from '../../lib/use-command.ts';
import classes from './recording.module.css';
import type { TakeMoment } from './recording-panel.tsx';

const PROBLEMS: Readonly<Record<CutProblem, string>> = {
  'not-a-time': 'Times are such as 0:12:30.',
  'ends-before-it-begins': 'It ends before it begins.',
  'cuts-everything': 'Say where it begins, or where it ends.',
};

/** What is left out: a list that is applied as a whole. */
export function CutsEditor({
  cuts,
  span,
  live,
  send,
  take,
}: {
  readonly cuts: readonly RecordingCut[];
  readonly span: ShowSpan;
  readonly live: boolean;
  readonly send: Send;
  readonly take: TakeMoment | null;
}) {
  const made = useRef(0);
  const fresh = (from: string, to: string): CutDraft => {
    made.current += 1;
    return { id: `draft ${made.current}`, from, to };
  };
  /** null: nothing is changed here. */
  const [changed, setChanged] = useState<readonly CutDraft[] | null>(null);
  const [tried, setTried] = useState(false);
  const drafts = changed ?? cuts.map((cut, i) => draftOf(cut, span, `kept ${i}`));

  const change = (id: string, what: Partial<CutDraft>): void =>
    setChanged(drafts.map((draft) => (draft.id === id ? { ...draft, ...what } : draft)));
  const apply = async (): Promise<void> => {
    setTried(true);
    const wanted = drafts.map((draft) => cutOf(draft, span));
    if (wanted.some((cut) => typeof cut === 'string')) return;
    if (!(await send('recording:setCuts', { cuts: wanted.filter((cut) => typeof cut !== 'string') }))) return;
    setChanged(null);
    setTried(false);
    notifyDone(live ? 'The cuts are made when the webinar ends.' : 'The recording is cut anew in a moment.');
  };

  return (
    <section className={classes.part} aria-label="Cuts">
      <h2 className={classes.heading}>Cuts</h2>
      <p className={classes.muted}>
        {live
          ? 'Made when the webinar ends: until then the recording plays from its beginning as it was shown.'
          : 'Left out of what is played. Nothing is lost: a cut that you remove is taken back.'}{' '}
        Times count from going live. A cut takes whole pieces of about two seconds.
      </p>
      <form
        className={classes.part}
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        {drafts.length > 0 ? (
          <ol className={classes.list}>
            {drafts.map((draft, i) => (
              <CutRow
                key={draft.id}
                number={i + 1}
                draft={draft}
                problem={tried ? problemOf(cutOf(draft, span)) : null}
                take={take}
                onChange={(what) => change(draft.id, what)}
                onRemove={() => setChanged(drafts.filter(({ id }) => id !== draft.id))}
              />
            ))}
          </ol>
        ) : null}
        <div className={classes.row}>
          <Button
            variant="default"
            disabled={drafts.length >= CUTS_MAX}
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => {
              const at = take?.() ?? null;
              setChanged([...drafts, fresh(at === null ? '' : formatShowTime(at), '')]);
            }}
          >
            Add a cut
          </Button>
          {changed ? (
            <>
              <Button type="submit">Apply cuts</Button>
              <Button
                variant="default"
                onClick={() => {
                  setChanged(null);
                  setTried(false);
                }}
              >
                Discard changes
              </Button>
            </>
          ) : null}
        </div>
      </form>
    </section>
  );
}

const problemOf = (cut: RecordingCut | CutProblem): string | null =>
  typeof cut === 'string' ? PROBLEMS[cut] : null;

function CutRow({
  number,
  draft,
  problem,
  take,
  onChange,
  onRemove,
}: {
  readonly number: number;
  readonly draft: CutDraft;
  readonly problem: string | null;
  readonly take: TakeMoment | null;
  readonly onChange: (what: Partial<CutDraft>) => void;
  readonly onRemove: () => void;
}) {
  const problemId = useId();
  const field = (side: 'from' | 'to', label: string, placeholder: string) => (
    <div className={classes.taken}>
      <TextInput
        className={classes.narrow}
        label={label}
        aria-label={`Cut ${number}: ${label.toLowerCase()}`}
        placeholder={placeholder}
        value={draft[side]}
        error={problem !== null}
        aria-describedby={problem === null ? undefined : problemId}
        onChange={(event) => onChange({ [side]: event.currentTarget.value })}
      />
      {take ? (
        <Button
          variant="default"
          aria-label={`Cut ${number}: ${label.toLowerCase()} what is playing now`}
          onClick={() => {
            const ms = take();
            if (ms !== null) onChange({ [side]: formatShowTime(ms) });
          }}
        >
          Now playing
        </Button>
      ) : null}
    </div>
  );
  return (
    <li className={classes.cut}>
      <div className={classes.row}>
        {field('from', 'From', 'the beginning')}
        {field('to', 'To', 'the end')}
        <ActionIcon
          className={classes.remove}
          variant="subtle"
          color="plain"
          size="lg"
          aria-label={`Remove cut ${number}`}
          onClick={onRemove}
        >
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </div>
      {problem === null ? null : (
        <p id={problemId} className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </li>
  );
}
