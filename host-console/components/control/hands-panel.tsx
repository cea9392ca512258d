'use client';

import { Button } from '@mantine/core';
import type { HandView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { IconArrowBackUp, IconCheck, IconMicrophone } from '@tabler/icons-react';
import { MUTING } from '../../lib/messages.ts';
import { formatAge } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';

/** Raised hands in the order they came, and the guests who are on the stage now. */
export function HandsPanel() {
  const { view, send, presence } = useControl();
  const guests = view.people.filter((p) => p.guest);
  return (
    <>
      {view.hands.length === 0 ? (
        <div className={classes.empty}>
          <strong>No hands are up</strong>
          <span>Viewers raise them on the watch page. Accepted, they join the stage from there.</span>
        </div>
      ) : (
        <ol className={classes.list} aria-label="Raised hands">
          {view.hands.map((hand, i) => (
            <li key={hand.personId} className={classes.hand}>
              <span className={classes.place} aria-hidden>
                {i + 1}
              </span>
              <RaisedHand hand={hand} />
            </li>
          ))}
        </ol>
      )}
      {guests.length > 0 ? (
        <>
          <h3 className={classes.subhead}>Guests</h3>
          <ul className={classes.list} aria-label="Guests">
            {guests.map(({ personId, name }) => (
              <li key={personId} className={classes.hand}>
                <span className={classes.who}>
                  <strong title={name}>
                    <bdi>{name}</bdi>
                  </strong>
                  <span>{presence?.onStage.includes(personId) ? 'On the stage' : 'Invited, joining'}</span>
                </span>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconArrowBackUp size={16} aria-hidden />}
                  aria-label={`Send back ${isolate(name)}`}
                  onClick={() => void send('guest:return', { personId })}
                >
                  Send back
                </Button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

/** Of the audience: to come to the stage; of the stage: to be heard again. */
function RaisedHand({ hand: { personId, name, raisedUnixMs } }: { readonly hand: HandView }) {
  const { view, send, serverOffsetMs } = useControl();
  const now = useNow(20_000, serverOffsetMs);
  const who = isolate(name);
  const muted = view.people.some((p) => p.personId === personId && p.muted);
  return (
    <>
      <span className={classes.who}>
        <strong title={name}>
          <bdi>{name}</bdi>
        </strong>
        <span>
          {muted ? `${MUTING.en.asks} · ` : null}
          {formatAge(raisedUnixMs, now)}
        </span>
      </span>
      <span className={classes.buttons}>
        <Button
          size="xs"
          leftSection={muted ? <IconMicrophone size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />}
          aria-label={muted ? MUTING.en.letSpeakOf(who) : `Accept ${who}`}
          onClick={() => void send('hand:accept', { personId })}
        >
          {muted ? MUTING.en.letSpeak : 'Accept'}
        </Button>
        <Button
          size="xs"
          variant="default"
          aria-label={`Decline ${who}`}
          onClick={() => void send('hand:decline', { personId })}
        >
          Decline
        </Button>
      </span>
    </>
  );
}
