import { isolate } from '@rostrum/contracts/lines';
import type { QuestionView } from '@rostrum/contracts/view';
import { useId, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { OutgoingQuestion } from '../room/outbox.ts';
import { ordered, type QuestionOrder } from '../room/question-order.ts';
import type { WatchSession } from '../room/session.ts';
import { AskForm } from './ask-form.tsx';
import { Contained } from './contained.tsx';
import { CheckIcon, QuestionIcon, UpIcon } from './icons.tsx';
import { type NameEntry, NameField } from './name-field.tsx';
import { RoleMark } from './role-mark.tsx';
import { useStore } from './use-store.ts';

interface QuestionsProps {
  readonly session: WatchSession;
  readonly webinarId: string;
  readonly open: boolean;
  readonly name: NameEntry;
}

const NONE: readonly QuestionView[] = [];

export function Questions({ session, webinarId, open, name }: QuestionsProps) {
  const [order, setOrder] = useState<QuestionOrder>('votes');
  const questions = useStore(session.state, (s) => s.view?.questions ?? NONE);
  const outbox = useStore(session.state, (s) => s.outbox);
  const votes = useStore(session.state, (s) => s.votes);
  const moderated = useStore(session.state, (s) => s.view?.rules.moderation === 'moderated');
  const id = useId();
  const here = new Set(questions.map((q) => q.questionId));
  const pending = outbox.filter((q) => !here.has(q.questionId));

  return (
    <section class="questions" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{t.questions.title}</h2>
        <label class="sort">
          <span class="sr-only">{t.questions.sort}</span>
          <select
            value={order}
            onChange={(event) => setOrder(event.currentTarget.value === 'age' ? 'age' : 'votes')}
          >
            <option value="votes">{t.questions.byVotes}</option>
            <option value="age">{t.questions.byAge}</option>
          </select>
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section class="questions-scroll" tabIndex={0} aria-label={t.questions.list}>
        {questions.length + pending.length === 0 && (
          <div class="empty">
            <QuestionIcon />
            <p class="empty-title">{t.questions.empty}</p>
            {open && !moderated && <p class="muted">{t.questions.emptyText}</p>}
          </div>
        )}
        <ul class="question-list">
          {pending.map((q) => (
            <PendingCard key={q.questionId} question={q} session={session} name={name} />
          ))}
          {ordered(questions, order).map((q) => (
            <Contained key={q.questionId} of={q} instead={null}>
              <QuestionCard
                question={q}
                pendingVote={votes[q.questionId]}
                onVote={(vote) => session.vote(q.questionId, vote)}
              />
            </Contained>
          ))}
        </ul>
      </section>
      {open ? (
        <AskForm
          session={session}
          name={name}
          draftKey={`draft.${webinarId}`}
          hint={moderated ? t.questions.heldHint : null}
        />
      ) : (
        <p class="muted panel-foot">{t.questions.closed}</p>
      )}
    </section>
  );
}

function QuestionCard(props: {
  readonly question: QuestionView;
  readonly pendingVote: boolean | undefined;
  readonly onVote: (vote: boolean) => void;
}) {
  const { question: q, pendingVote, onVote } = props;
  const voted = pendingVote ?? q.voted;
  const counted = q.votes + (pendingVote === undefined || pendingVote === q.voted ? 0 : pendingVote ? 1 : -1);
  const count = Math.max(0, counted);
  const settled = q.status === 'answered' || q.status === 'dismissed';
  return (
    <li class={`question ${q.status}`}>
      <button
        type="button"
        class="vote"
        aria-pressed={voted}
        aria-label={t.questions.upvote(isolate(q.text), count)}
        disabled={settled || q.status === 'held'}
        onClick={() => onVote(!voted)}
      >
        <UpIcon />
        <span>{count}</span>
      </button>
      <div class="question-body">
        <p class="question-meta">
          <strong>{q.mine ? t.questions.you : <bdi>{q.name}</bdi>}</strong>
          <RoleMark role={q.role} />
          <StatusBadge question={q} />
        </p>
        <p class="question-text" dir="auto">
          {q.text}
        </p>
        {q.answer !== null && q.answer !== '' && (
          <div class="answer">
            <p class="answer-label">{t.questions.answer}</p>
            <p dir="auto">{q.answer}</p>
          </div>
        )}
      </div>
    </li>
  );
}

function StatusBadge({ question: { status, mine, answer } }: { question: QuestionView }) {
  switch (status) {
    case 'held':
      return <span class="badge warn">{t.questions.held}</span>;
    case 'new':
      return mine ? <span class="badge">{t.questions.new}</span> : null;
    case 'answering':
      return <span class="badge accent">{t.questions.answering}</span>;
    case 'answered':
      return (
        <span class="badge good">
          <CheckIcon />
          {answer ? t.questions.answered : t.questions.answeredLive}
        </span>
      );
    case 'dismissed':
      return mine ? <span class="badge">{t.questions.dismissed}</span> : null;
  }
}

function PendingCard(props: {
  readonly question: OutgoingQuestion;
  readonly session: WatchSession;
  readonly name: NameEntry;
}) {
  const { question: q, session, name } = props;
  const again = async (): Promise<void> => {
    if (!name.busy && (await name.taken())) session.askAgain(q.questionId);
  };
  const refusal =
    q.refusal === 'limit-reached'
      ? t.questions.refusedLimit
      : q.refusal === 'name-taken'
        ? t.questions.refusedName
        : t.questions.refused;
  return (
    <li class="question pending">
      <div class="question-body">
        <p class="question-meta">
          <strong>{t.questions.you}</strong>
          <span class={`badge ${q.status === 'refused' ? 'warn' : ''}`} role="status">
            {q.status === 'sending'
              ? t.questions.sending
              : q.status === 'waiting'
                ? t.questions.waiting
                : refusal}
          </span>
        </p>
        <p class="question-text" dir="auto">
          {q.text}
        </p>
        {q.status === 'refused' && q.refusal === 'name-taken' && <NameField entry={name} />}
        {q.status === 'refused' && (
          <p class="question-actions">
            <button type="button" class="button small" onClick={() => void again()}>
              {t.questions.again}
            </button>
            <button type="button" class="button small" onClick={() => session.forget(q.questionId)}>
              {t.questions.remove}
            </button>
          </p>
        )}
      </div>
    </li>
  );
}
