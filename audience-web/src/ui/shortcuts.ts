import { keepIn } from '@rostrum/room-client/keep';
import { useEffect } from 'preact/hooks';
import type { Player } from '../player/player.ts';
import { toggleFullScreen } from './full-screen.ts';

const keep = keepIn(() => localStorage);

/** Single keys may get in the way of speech input (WCAG 2.1.4), so they can be turned off. */
export const shortcutsOn = (): boolean => keep.read('shortcuts') !== 'off';
export const setShortcuts = (on: boolean): void => keep.write('shortcuts', on ? null : 'off');

const STEP_S = 5;
const VOLUME_STEP = 0.1;

/**
 * Keys act while the player, or nothing at all, has the focus; in a recording's contents those that mean nothing there. Never while
 * somebody types.
 */
export function useShortcuts(
  player: Player,
  video: HTMLVideoElement,
  region: HTMLElement,
  /** Keys that mean something else here: whether it was one. */
  own: ((key: string) => boolean) | undefined,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      const inPlayer = region.contains(target);
      if (!shortcutsOn() || event.ctrlKey || event.metaKey || event.altKey) return;
      const inPlaces = target instanceof HTMLInputElement ? null : target.closest('.contents');
      const scrolls = event.key.startsWith('Arrow') || event.key === ' ';
      if (
        (!inPlayer && target !== document.body && (!inPlaces || scrolls)) ||
        document.querySelector('dialog[open]')
      )
        return;
      if (target instanceof HTMLInputElement && scrolls) return;
      if (target instanceof HTMLButtonElement && event.key === ' ') return;
      const key = event.key.toLowerCase();
      if (!own?.(key) && !act(key)) return;
      event.preventDefault();
    };
    const act = (key: string): boolean => {
      const { muted, volume, status } = player.state.get();
      switch (key) {
        case ' ':
        case 'k':
          if (status === 'paused') player.play();
          else player.pause();
          return true;
        case 'm':
          player.setMuted(!muted);
          return true;
        case 'f':
          toggleFullScreen(region, video);
          return true;
        case 'l':
          player.goLive();
          return true;
        case 'arrowleft':
          player.seekBy(-STEP_S);
          return true;
        case 'arrowright':
          player.seekBy(STEP_S);
          return true;
        case 'arrowup':
          player.setVolume(volume + VOLUME_STEP);
          return true;
        case 'arrowdown':
          player.setVolume(volume - VOLUME_STEP);
          return true;
        default:
          return false;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [player, video, region, own]);
}
