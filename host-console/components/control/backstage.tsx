'use client';

import { ActionIcon, Button, Menu, Switch, Tooltip } from '@mantine/core';
import type { PersonView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { IconArrowBackUp, IconMessages, IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { useUnread } from '../../lib/backstage.ts';
import { MUTING, RECORDED } from '../../lib/messages.ts';
import { backstage, isRecorded, roleWord, SPEAKING_DB } from '../../lib/people.ts';
import { ShowPlan } from '../backstage/show-plan.tsx';
import { StaysUntil } from '../backstage/stays-until.tsx';
import { UnreadBadge } from '../backstage/unread-badge.tsx';
import { Names } from '../shared/names.tsx';
import { PersonTile } from '../shared/person-tile.tsx';
import { Recorded } from '../shared/recorded.tsx';
import classes from './backstage.module.css';
import { useControl } from './context.ts';
import room from './control.module.css';
import { PersonMenu } from './person-menu.tsx';

/** Everybody on the stage, with the switch that takes them on air. */
export function Backstage({ chat, onChat }: { readonly chat: boolean; readonly onChat: () => void }) {
  const { view, presence, stage, send } = useControl();
  const t = useTranslations('backstage.chat');
  const unread = useUnread(view, chat);
  const ended = view.phase.phase === 'ended';
  const selfId = view.self.personId;
  const onAir = useMemo(() => view.scene?.onAir.map((p) => p.personId) ?? [], [view.scene]);
  const { present, away } = useMemo(() => {
    const sending = new Set(stage.remotes.map((r) => r.personId));
    if (stage.camera || stage.mic || stage.screen) sending.add(selfId);
    return backstage(view.people, sending, new Set(presence?.onStage ?? []), onAir);
  }, [view.people, presence, stage, onAir, selfId]);

  return (
    <div className={classes.backstage}>
      <div className={room.panelHead}>
        <h2>
          Backstage <span className={classes.count}>{present.length}</span>
        </h2>
        <p className={classes.note} data-ended={ended || undefined}>
          {ended ? (
            <StaysUntil view={view} />
          ) : (
            'They see and hear each other. Viewers only get who is on air.'
          )}
        </p>
        <Button
          className={classes.chat}
          size="xs"
          variant={chat ? 'light' : 'default'}
          aria-expanded={chat}
          aria-keyshortcuts="c"
          leftSection={<IconMessages size={16} aria-hidden />}
          rightSection={unread > 0 ? <UnreadBadge count={unread} /> : null}
          onClick={onChat}
        >
          {t('open')}
        </Button>
      </div>
      {present.length === 0 ? (
        <div className={classes.empty}>
          <strong>Nobody is here yet</strong>
          <span>Panelists appear as soon as they join by their link. You can join too, below.</span>
        </div>
      ) : (
        <ul className={classes.strip}>
          {present.map((person) => (
            <li key={person.personId}>
              <PersonCard person={person} onAir={onAir.includes(person.personId)} />
            </li>
          ))}
        </ul>
      )}
      {away.length > 0 ? (
        <p className={room.muted}>
          Not here: <Names of={away.map((p) => p.name)} />
        </p>
      ) : null}
      <ShowPlan />
      <Switch
        size="sm"
        label={MUTING.en.mayUnmute}
        description={MUTING.en.mayUnmuteHint}
        checked={view.rules.mayUnmute}
        onChange={(event) => void send('unmuting:set', { mayUnmute: event.currentTarget.checked })}
      />
      {ended ? null : (
        <div className={classes.tracks}>
          <Switch
            size="sm"
            label={RECORDED.en.tracks}
            description={RECORDED.en.tracksHint}
            checked={view.rules.tracks}
            onChange={(event) => void send('tracks:set', { record: event.currentTarget.checked })}
          />
          <Recorded view={view} send={send} />
        </div>
      )}
    </div>
  );
}

function PersonCard({ person, onAir }: { readonly person: PersonView; readonly onAir: boolean }) {
  const { view, stage, session, quality, send, direct, videoOf } = useControl();
  const { personId, name } = person;
  const network = quality[personId] ?? null;
  const self = personId === view.self.personId;
  const live = view.phase.phase === 'live';
  const remote = self
    ? null
    : (stage.remotes.find((r) => r.personId === personId && r.source === 'camera') ?? null);
  const camera = self ? stage.camera : remote;
  const mic = self ? stage.mic : stage.remotes.find((r) => r.personId === personId && r.source === 'mic');
  const sharing = self
    ? stage.screen !== null
    : stage.remotes.some((r) => r.personId === personId && r.source === 'screen');
  const recorded = isRecorded(person);
  const muted = mic ? mic.paused : null;
  const speaking =
    muted === false && stage.speakers.levels.some((l) => l.personId === personId && l.levelDb > SPEAKING_DB);
  return (
    <PersonTile
      tiles={session.tiles}
      personId={personId}
      name={name}
      role={person.role}
      track={videoOf(personId, 'camera')}
      sends={camera ? !camera.paused : false}
      remote={remote}
      stage={stage}
      self={self}
      muted={muted}
      speaking={speaking}
      sharing={sharing}
      network={network}
      air={onAir && view.phase.phase !== 'ended' ? (live ? 'air' : 'next') : null}
    >
      {view.phase.phase === 'ended' ? null : (
        <Switch
          className={classes.switch}
          // Red means that viewers see it; before going live it is only a choice.
          color={live ? 'air' : 'accent'}
          size="sm"
          checked={onAir}
          disabled={!onAir && !recorded}
          title={recorded ? undefined : RECORDED.en.notOnAir(isolate(name))}
          onChange={(event) => void direct('air:set', { personId, onAir: event.currentTarget.checked })}
          label="On air"
          aria-label={`${isolate(name)} on air`}
        />
      )}
      {person.guest ? <span className={classes.role}>{roleWord(person)}</span> : null}
      <ConsentMark person={person} kept={view.rules.tracks} />
      {self ? null : <MuteButton person={person} heard={muted === false} />}
      {self ? null : (
        <PersonMenu personId={personId} name={name} role={roleWord(person)} network={network}>
          {person.guest ? (
            <Menu.Item
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              onClick={() => void send('guest:return', { personId })}
            >
              Send back {isolate(name)}
            </Menu.Item>
          ) : null}
        </PersonMenu>
      )}
    </PersonTile>
  );
}

/** Who is not recorded, and why; whose own tracks are kept. */
function ConsentMark({ person, kept }: { readonly person: PersonView; readonly kept: boolean }) {
  const words = RECORDED.en;
  const { consent } = person;
  if (!isRecorded(person)) {
    return (
      <span className={classes.unrecorded}>
        {consent?.recording === 'refused' ? words.refused : words.unasked}
      </span>
    );
  }
  return kept && consent?.tracks === 'given' ? (
    <span className={classes.role}>{words.tracksKept}</span>
  ) : null;
}

/** Mutes, so that they are not heard whatever they do; or lifts that. */
function MuteButton({ person, heard }: { readonly person: PersonView; readonly heard: boolean }) {
  const { send } = useControl();
  const { personId, name, muted } = person;
  const words = MUTING.en;
  const who = isolate(name);
  return (
    <Tooltip label={muted ? words.unmute : heard ? words.mute : `${words.noSound}. ${words.mute}`}>
      <ActionIcon
        variant={muted ? 'light' : 'subtle'}
        color={heard ? 'plain' : 'warn'}
        aria-pressed={muted}
        aria-label={muted ? words.unmuteOf(who) : words.muteOf(who)}
        onClick={() => void send(muted ? 'person:unmute' : 'person:mute', { personId })}
      >
        {heard ? <IconMicrophone size={18} aria-hidden /> : <IconMicrophoneOff size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
