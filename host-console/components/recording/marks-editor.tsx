'use client';

import { ActionIcon, Button, TextInput } from '@mantine/core';
import type { RecordingMark, RecordingView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { IconBookmarkPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { newMarkId } from '../../lib/marks.ts';
import { formatShowTime, parseShowTime } from '../../lib/show-time.ts';
import type { Send } from '../../lib/use-command.ts';
import { useDraft } from '../../lib/use-draft.ts';
import classes from './recording.module.css';
import type { TakeMoment } from './recording-panel.tsx';

const TITLE_MAX = 120;

/** Moments that become chapters because somebody said so. */
export function MarksEditor({
  recording,
  live,
  send,
  take,
}: {
  readonly recording: RecordingView;
  readonly live: boolean;
  readonly send: Send;
  /** The moment of the preview; null: there is none. */
  readonly take: TakeMoment | null;
}) {
  const { marks, sinceUnixMs } = recording;
  const [title, setTitle] = useState('');
  const [time, setTime] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  const add = async (): Promise<void> => {
    const ms = time.trim() === '' ? null : parseShowTime(time);
    if (ms === null && (!live || time.trim() !== '')) {
      setProblem('A time such as 0:12:30');
      return;
    }
    const at = ms === null ? {} : { atUnixMs: Math.round(sinceUnixMs + ms) };
    const words = title.trim() || `Mark ${marks.length + 1}`;
    if (!(await send('recording:mark', { markId: newMarkId(), title: words, ...at }))) return;
    setTitle('');
    setTime('');
  };

  return (
    <section className={classes.part} aria-label="Marks">
      <h2 className={classes.heading}>Marks</h2>
      <form
        className={classes.row}
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <TextInput
          className={classes.wide}
          label="Title"
          maxLength={TITLE_MAX}
          value={title}
          placeholder={`Mark ${marks.length + 1}`}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          className={classes.narrow}
          label="At"
          value={time}
          error={problem}
          placeholder={live ? 'now' : '0:00:00'}
          onChange={(event) => {
            setTime(event.currentTarget.value);
            setProblem(null);
          }}
        />
        {take ? (
          <Button
            variant="default"
            onClick={() => {
              const ms = take();
              if (ms !== null) setTime(formatShowTime(ms));
              setProblem(null);
            }}
          >
            Now playing
          </Button>
        ) : null}
        <Button type="submit" variant="light" leftSection={<IconBookmarkPlus size={18} aria-hidden />}>
          Add mark
        </Button>
      </form>
      {marks.length === 0 ? (
        <p className={classes.muted}>
          {live
            ? 'Mark a moment with the K key or the button above the programme: it becomes a chapter.'
            : 'None. Each becomes a chapter.'}
        </p>
      ) : (
        <ul className={classes.list}>
          {marks.map((mark) => (
            <Mark key={mark.markId} mark={mark} sinceUnixMs={sinceUnixMs} send={send} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Mark({
  mark,
  sinceUnixMs,
  send,
}: {
  readonly mark: RecordingMark;
  readonly sinceUnixMs: number;
  readonly send: Send;
}) {
  const { markId } = mark;
  const [title, setTitle] = useDraft(mark.title);
  const time = formatShowTime(mark.atUnixMs - sinceUnixMs);
  const rename = (): void => {
    const words = title.trim();
    if (words === '') setTitle(mark.title);
    else if (words !== mark.title) void send('recording:renameMark', { markId, title: words });
  };
  return (
    <li className={classes.row}>
      <span className={classes.time}>{time}</span>
      <TextInput
        className={classes.wide}
        aria-label={`Title of the mark at ${time}`}
        maxLength={TITLE_MAX}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        onBlur={rename}
        onKeyDown={(event) => {
          if (event.key === 'Enter') rename();
        }}
      />
      <ActionIcon
        variant="subtle"
        color="plain"
        size="lg"
        aria-label={`Remove ${isolate(mark.title)} at ${time}`}
        onClick={() => void send('recording:removeMark', { markId })}
      >
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
    </li>
  );
}
