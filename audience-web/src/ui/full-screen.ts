/** iPhones know full screen for the video alone, by WebKit's own call. */
interface WebKitVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

export const isFullScreen = (): boolean => document.fullscreenElement !== null;

export function toggleFullScreen(region: HTMLElement, video: HTMLVideoElement): void {
  const report = (error: unknown): void => console.info('rostrum: full screen refused', error);
  if (document.fullscreenElement) document.exitFullscreen().catch(report);
  else if (document.fullscreenEnabled) region.requestFullscreen().catch(report);
  else (video as WebKitVideo).webkitEnterFullscreen?.();
}

export function togglePictureInPicture(video: HTMLVideoElement): void {
  const report = (error: unknown): void => console.info('rostrum: picture in picture refused', error);
  if (document.pictureInPictureElement) document.exitPictureInPicture().catch(report);
  else video.requestPictureInPicture().catch(report);
}
