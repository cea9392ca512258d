'use client';

import type { WebinarView } from '@rostrum/contracts';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import type { CSSProperties } from 'react';
import { gridShape, SPEAKING_DB } from '../../lib/people.ts';
import type { Session } from '../../lib/use-room.ts';
import { PersonTile } from '../shared/person-tile.tsx';
import type { VideoOf } from '../shared/program-picture.tsx';
import classes from './people-grid.module.css';

/** Everybody on the stage in equal tiles; a shared screen stands large before them. */
export function PeopleGrid({
  session,
  view,
  stage,
  videoOf,
}: {
  readonly session: Session;
  readonly view: WebinarView;
  readonly stage: StageState;
  readonly videoOf: VideoOf;
}) {
  const selfId = view.self.personId;
  const others = [...new Set(stage.remotes.map((r) => r.personId))].sort();
  const people = [selfId, ...others.filter((id) => id !== selfId)];
  const screens = stage.remotes.filter((r) => r.source === 'screen' && r.personId !== selfId);
  const nameOf = (personId: string): string =>
    personId === selfId
      ? view.self.name
      : (view.people.find((p) => p.personId === personId)?.name ??
        view.scene?.onAir.find((p) => p.personId === personId)?.name ??
        'Someone');
  const live = view.phase.phase === 'live';
  const { columns, rows } = gridShape(people.length);

  const person = (personId: string) => {
    const self = personId === selfId;
    const remote = (source: 'camera' | 'mic') =>
      stage.remotes.find((r) => r.personId === personId && r.source === source) ?? null;
    const camera = self ? stage.camera : remote('camera');
    const mic = self ? stage.mic : remote('mic');
    const muted = mic ? mic.paused : null;
    const onAir = view.scene?.onAir.some((p) => p.personId === personId) ?? false;
    return (
      <li key={personId}>
        <PersonTile
          tiles={session.tiles}
          personId={personId}
          name={nameOf(personId)}
          role={
            self ? view.self.role : (view.people.find((p) => p.personId === personId)?.role ?? 'attendee')
          }
          track={videoOf(personId, 'camera')}
          sends={camera ? !camera.paused : false}
          remote={self ? null : remote('camera')}
          stage={stage}
          self={self}
          muted={muted}
          speaking={
            muted === false &&
            stage.speakers.levels.some((l) => l.personId === personId && l.levelDb > SPEAKING_DB)
          }
          air={onAir ? (live ? 'air' : 'next') : null}
        />
      </li>
    );
  };

  return (
    <div className={classes.area} data-screen={screens.length > 0 || undefined}>
      {screens.map((screen) => (
        <div key={screen.producerId} className={classes.screen}>
          <PersonTile
            tiles={session.tiles}
            personId={screen.personId}
            name={nameOf(screen.personId)}
            source="screen"
            track={videoOf(screen.personId, 'screen')}
            sends={!screen.paused}
            remote={screen}
            stage={stage}
            muted={null}
          />
        </div>
      ))}
      <section
        className={classes.fit}
        aria-label="People on the stage"
        tabIndex={screens.length > 0 ? 0 : -1}
      >
        <ul
          className={classes.grid}
          style={{ '--columns': columns, '--rows': rows } as CSSProperties}
          data-count={people.length}
        >
          {people.map(person)}
        </ul>
        {others.length === 0 ? (
          <p className={classes.alone}>You are the first one here. Others appear as they join.</p>
        ) : null}
      </section>
    </div>
  );
}
