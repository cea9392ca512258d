'use client';

import { Button } from '@mantine/core';
import type { ShowHealth } from '@rostrum/contracts';
import { IconGauge, IconMoonStars } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { HEALTH } from '../../lib/messages.ts';
import { describeHealth, describeShed } from '../../lib/show-health.ts';
import { formatAge } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { useRoomState } from '../../lib/use-room.ts';
import { useControl } from './context.ts';
import classes from './trouble-strip.module.css';

const GOOD_NEWS_MS = 8000;

/** What troubles the show, in a line that comes and goes; and the question of a show that went on without anybody. */
export function TroubleStrip() {
  const { session } = useControl();
  const { health } = useRoomState(session.room);
  return (
    <>
      <div role="status" aria-live="polite">
        {health ? <Trouble health={health} /> : null}
      </div>
      {health?.unattended ? <Unattended forMs={health.unattended.forMs} /> : null}
    </>
  );
}

function Trouble({ health }: { readonly health: ShowHealth }) {
  const { serverOffsetMs } = useControl();
  const now = useNow(1000, serverOffsetMs);
  const good = useGoodNews(describeShed(health.shed) !== null);
  const line = describeHealth(health);
  if (!line) return good ? <div className={classes.good}>{HEALTH.en.fullAgain}</div> : null;
  return (
    <div className={classes.strip}>
      <IconGauge size={18} aria-hidden />
      <span>{line.text}</span>
      {line.sinceUnixMs === null ? null : (
        // Not read out every second.
        <span className={classes.time} aria-hidden>
          {Math.max(0, Math.round((now - line.sinceUnixMs) / 1000))} s
        </span>
      )}
    </div>
  );
}

/** True for a moment after something that was left out came back. */
function useGoodNews(less: boolean): boolean {
  const [was, setWas] = useState(less);
  const [good, setGood] = useState(false);
  if (was !== less) {
    setWas(less);
    setGood(was);
  }
  useEffect(() => {
    if (!good) return;
    const timer = setTimeout(() => setGood(false), GOOD_NEWS_MS);
    return () => clearTimeout(timer);
  }, [good]);
  return good;
}

function Unattended({ forMs }: { readonly forMs: number }) {
  const { view, send, busy } = useControl();
  const mayEnd = view.self.role !== 'moderator';
  return (
    <section className={classes.strip} aria-label="Still live?">
      <IconMoonStars size={18} aria-hidden />
      <span>{HEALTH.en.unattended(formatAge(0, forMs))}</span>
      <span className={classes.buttons}>
        {mayEnd ? (
          <Button
            size="compact-sm"
            variant="outline"
            color="air"
            loading={busy.has('webinar:end')}
            onClick={() => void send('webinar:end', {})}
          >
            End it
          </Button>
        ) : null}
        <Button
          size="compact-sm"
          variant="default"
          loading={busy.has('webinar:keepLive')}
          onClick={() => void send('webinar:keepLive', {})}
        >
          Keep it live
        </Button>
      </span>
    </section>
  );
}
