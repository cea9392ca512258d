'use client';

import { Button } from '@mantine/core';
import { IconArrowBackUp, IconCheck } from '@tabler/icons-react';
import { formatAge } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';

/** Raised hands in the order they came, and the guests who are on the stage now. */
export function HandsPanel() {
  const { view, send, serverOffsetMs, presence } = useControl();
  const now = useNow(20_000, serverOffsetMs);
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
          {view.hands.map(({ personId, name, raisedUnixMs }, i) => (
            <li key={personId} className={classes.hand}>
              <span className={classes.place} aria-hidden>
                {i + 1}
              </span>
              <span className={classes.who}>
                <strong title={name}>
                  <bdi>{name}</bdi>
                </strong>
                <span>{formatAge(raisedUnixMs, now)}</span>
              </span>
              <span className={classes.buttons}>
                <Button
                  size="xs"
                  leftSection={<IconCheck size={16} aria-hidden />}
                  aria-label={`Accept ${name}`}
                  onClick={() => void send('hand:accept', { personId })}
                >
                  Accept
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Decline ${name}`}
                  onClick={() => void send('hand:decline', { personId })}
                >
                  Decline
                </Button>
              </span>
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
                  aria-label={`Send back ${name}`}
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
