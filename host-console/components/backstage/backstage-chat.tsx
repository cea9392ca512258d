'use client';

import { ActionIcon, Button, Textarea, Tooltip } from '@mantine/core';
import type { BackstageMessage, WebinarView } from '@rostrum/contracts';
import { BACKSTAGE_TEXT_MAX } from '@rostrum/contracts/backstage-limits';
import { isolate } from '@rostrum/contracts/lines';
import { isBlank } from '@rostrum/contracts/text';
import type { RoomState } from '@rostrum/room-client/room';
import { IconSend2, IconTrash, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { newMessageId, saidSince, useKeptText } from '../../lib/backstage.ts';
import { isCrew } from '../../lib/people.ts';
import type { Send } from '../../lib/use-command.ts';
import { RoleMark } from '../shared/role-mark.tsx';
import classes from './backstage-chat.module.css';

/** Nearer to its end than this, the list follows what is new, px. */
const AT_END_PX = 48;

/** What crew and panelists write to each other. */
export function BackstageChat({
  view,
  connection,
  send,
  onClose,
}: {
  readonly view: WebinarView;
  readonly connection: RoomState['connection'];
  readonly send: Send;
  readonly onClose: () => void;
}) {
  const t = useTranslations('backstage.chat');
  const messages = view.backstage?.messages ?? [];
  return (
    <section className={classes.chat} aria-label={t('title')}>
      <header className={classes.head}>
        <div>
          <h2>{t('title')}</h2>
          <p>{t('hint')}</p>
        </div>
        <ActionIcon variant="subtle" color="plain" aria-label={t('close')} onClick={onClose}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </header>
      <Messages view={view} messages={messages} send={send} />
      <Writing view={view} away={connection !== 'connected'} send={send} />
    </section>
  );
}

function Messages({
  view,
  messages,
  send,
}: {
  readonly view: WebinarView;
  readonly messages: readonly BackstageMessage[];
  readonly send: Send;
}) {
  const t = useTranslations('backstage.chat');
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const newest = messages.at(-1);
  /** Up to when one has seen them: what came while one looks at older ones is below. */
  const [seenUnixMs, setSeen] = useState(newest?.saidUnixMs ?? 0);
  const selfId = view.self.personId;
  const below = saidSince(messages, selfId, seenUnixMs).length;
  const toEnd = (): void => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  };
  useEffect(() => {
    if (!newest) return;
    // Whoever wrote something wants to see it there.
    if (!follows.current && newest.personId !== selfId) return;
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setSeen(newest.saidUnixMs);
  }, [newest, selfId]);
  return (
    <div className={classes.messages}>
      <div
        ref={list}
        className={classes.list}
        role="log"
        aria-live="polite"
        aria-label={t('title')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
          if (follows.current && newest) setSeen(newest.saidUnixMs);
        }}
      >
        {messages.length === 0 ? (
          <p className={classes.empty}>
            <strong>{t('empty')}</strong>
            <span>{t('emptyHint')}</span>
          </p>
        ) : (
          <ul>
            {messages.map((message) => (
              <Message key={message.messageId} view={view} message={message} send={send} />
            ))}
          </ul>
        )}
      </div>
      {below > 0 ? (
        <Button className={classes.below} size="compact-sm" onClick={toEnd}>
          {t('below', { count: below })}
        </Button>
      ) : null}
    </div>
  );
}

function Message({
  view,
  message: { messageId, personId, name, role, text, saidUnixMs },
  send,
}: {
  readonly view: WebinarView;
  readonly message: BackstageMessage;
  readonly send: Send;
}) {
  const t = useTranslations('backstage.chat');
  const format = useFormatter();
  const mine = personId === view.self.personId;
  return (
    <li className={classes.message} data-mine={mine || undefined}>
      <div className={classes.meta}>
        <strong>{mine ? t('you') : <bdi>{name}</bdi>}</strong>
        {mine ? null : <RoleMark role={role} />}
        <time dateTime={new Date(saidUnixMs).toISOString()}>
          {format.dateTime(saidUnixMs, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}
        </time>
        {isCrew(view.self) ? (
          <Tooltip label={t('unsay', { name: isolate(name) })}>
            <ActionIcon
              className={classes.unsay}
              variant="subtle"
              color="plain"
              size="sm"
              aria-label={t('unsay', { name: isolate(name) })}
              onClick={() => void send('backstage:unsay', { messageId })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </div>
      <p dir="auto">{text}</p>
    </li>
  );
}

function Writing({
  view,
  away,
  send,
}: {
  readonly view: WebinarView;
  readonly away: boolean;
  readonly send: Send;
}) {
  const t = useTranslations('backstage.chat');
  const [text, setText] = useKeptText(`backstage.draft.${view.webinarId}`);
  const [sending, setSending] = useState(false);
  /** Of what is in the field: sent again after a lost answer it is the same message. */
  const id = useRef({ text: '', messageId: '' });
  const say = async (): Promise<void> => {
    if (sending || away || isBlank(text)) return;
    if (id.current.text !== text) id.current = { text, messageId: newMessageId() };
    setSending(true);
    const done = await send('backstage:say', { messageId: id.current.messageId, text });
    setSending(false);
    // What did not arrive stays.
    if (done) setText('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // With an input method, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void say();
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void say();
      }}
    >
      <Textarea
        aria-label={t('field')}
        placeholder={t('placeholder')}
        description={away ? t('away') : undefined}
        inputWrapperOrder={['input', 'description']}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={BACKSTAGE_TEXT_MAX}
        value={text}
        readOnly={sending}
        title={t('keys')}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <ActionIcon
        type="submit"
        size={36}
        loading={sending}
        disabled={away || isBlank(text)}
        aria-label={t('send')}
      >
        <IconSend2 size={18} aria-hidden />
      </ActionIcon>
    </form>
  );
}
