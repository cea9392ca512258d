'use client';

import { SegmentedControl } from '@mantine/core';
import type { QuestionView, RulesView } from '@rostrum/contracts';
import { type ReactNode, useMemo, useState } from 'react';
import { MODERATION } from '../../lib/messages.ts';
import { isHeld, isOpen, type QuestionOrder, sortQuestions } from '../../lib/questions.ts';
import { useNow } from '../../lib/use-now.ts';
import { Contained } from '../shared/contained.tsx';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';
import { DoneQuestion, HeldQuestion, OpenQuestion } from './question-card.tsx';

/** What waits for approval, the queue of questions, by votes or by age, and what became of the others. */
export function QuestionsPanel() {
  const { view, serverOffsetMs } = useControl();
  const [order, setOrder] = useState<QuestionOrder>('votes');
  const now = useNow(20_000, serverOffsetMs);
  const { questions } = view;
  const held = useMemo(() => sortQuestions(questions.filter(isHeld), 'age'), [questions]);
  const open = useMemo(() => sortQuestions(questions.filter(isOpen), order), [questions, order]);
  const done = useMemo(
    () =>
      sortQuestions(
        questions.filter((q) => !isOpen(q) && !isHeld(q)),
        'age',
      ).reverse(),
    [questions],
  );
  return (
    <>
      <Moderation />
      {held.length > 0 ? (
        <>
          <h3 className={classes.subhead}>{MODERATION.en.waiting(held.length)}</h3>
          <Questions label={MODERATION.en.waiting(held.length)} of={held}>
            {(question) => <HeldQuestion question={question} now={now} />}
          </Questions>
        </>
      ) : null}
      <div className={classes.head} data-below={held.length > 0 || undefined}>
        <SegmentedControl
          size="xs"
          aria-label="Sort questions"
          value={order}
          onChange={(value) => setOrder(value as QuestionOrder)}
          data={[
            { value: 'votes', label: 'Most votes' },
            { value: 'age', label: 'Oldest' },
          ]}
        />
      </div>
      {open.length === 0 ? (
        <div className={classes.empty}>
          <strong>No open questions</strong>
          <span>What viewers ask on the watch page appears here at once.</span>
        </div>
      ) : (
        <Questions label="Open questions" of={open}>
          {(question) => <OpenQuestion question={question} now={now} />}
        </Questions>
      )}
      {done.length > 0 ? (
        <>
          <h3 className={classes.subhead}>Dealt with</h3>
          <Questions label="Questions dealt with" of={done}>
            {(question) => <DoneQuestion question={question} now={now} />}
          </Questions>
        </>
      ) : null}
    </>
  );
}

/** Whether what is asked is seen at once, or approved first. */
function Moderation() {
  const { view, send } = useControl();
  const words = MODERATION.en;
  const { moderation } = view.rules;
  return (
    <div className={classes.moderation}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={words.title}
        value={moderation}
        onChange={(value) => void send('moderation:set', { moderation: value as RulesView['moderation'] })}
        data={[
          { value: 'open', label: words.open },
          { value: 'moderated', label: words.moderated },
        ]}
      />
      <p>{moderation === 'open' ? words.openHint : words.moderatedHint}</p>
    </div>
  );
}

function Questions({
  label,
  of,
  children,
}: {
  readonly label: string;
  readonly of: readonly QuestionView[];
  readonly children: (question: QuestionView) => ReactNode;
}) {
  return (
    <ul className={classes.list} aria-label={label}>
      {of.map((question) => (
        <li key={question.questionId}>
          <Contained of={question} instead={null}>
            {children(question)}
          </Contained>
        </li>
      ))}
    </ul>
  );
}
