'use client';

import { Names } from '../shared/names.tsx';
import { ProgramPicture } from '../shared/program-picture.tsx';
import { useControl } from './context.ts';
import classes from './program.module.css';

/** The picture as viewers get it, framed in red while it is on the air. */
export function Program() {
  const { view, videoOf, session, serverOffsetMs } = useControl();
  if (!view.scene) return null;
  const live = view.phase.phase === 'live';
  const names = view.scene.onAir.map((p) => p.name);
  return (
    <div className={classes.frame} data-live={live || undefined}>
      <div className={classes.picture}>
        <ProgramPicture
          scene={view.scene}
          videoOf={videoOf}
          tiles={session.tiles}
          selfId={view.self.personId}
          serverOffsetMs={serverOffsetMs}
        />
      </div>
      <div className={classes.foot}>
        <strong className={classes.state}>{live ? 'On air' : 'Preview'}</strong>
        <span className={classes.names} data-testid="on-air-names">
          {names.length > 0 ? (
            <Names of={names} />
          ) : live ? (
            'Nobody: viewers see the holding slide'
          ) : (
            'Nobody in the picture yet'
          )}
        </span>
      </div>
    </div>
  );
}
