import { screenRequest } from '@rostrum/panel-sfu/client/device-opening';
import type { StageClient } from '@rostrum/panel-sfu/client/stage';
import { useCallback } from 'react';
import { notifyProblem } from './notify.ts';

/** Starts and stops sharing a screen, with its sound where the browser offers it. */
export function useScreenShare(stage: StageClient): {
  readonly available: boolean;
  readonly toggle: () => void;
} {
  const toggle = useCallback(() => {
    if (stage.getState().screen) {
      stage.stopScreen();
      return;
    }
    const ask = async (): Promise<void> => {
      try {
        const stream = await navigator.mediaDevices.getDisplayMedia(screenRequest());
        stage.shareScreen(stream);
      } catch (error) {
        // The person closed the browser's dialog: that is an answer, not a problem.
        if (error instanceof Error && error.name === 'NotAllowedError' && !/system/i.test(error.message))
          return;
        notifyProblem('screen-unavailable');
      }
    };
    void ask();
  }, [stage]);
  // Phones have no screen sharing.
  const available = typeof navigator !== 'undefined' && 'getDisplayMedia' in (navigator.mediaDevices ?? {});
  return { available, toggle };
}
