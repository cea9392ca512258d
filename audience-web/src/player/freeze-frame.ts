/** Holds the last picture over the video while its source is replaced, so that viewers see a still and no black. */
export function createFreezeFrame(
  video: HTMLVideoElement,
  canvas: HTMLCanvasElement,
): { readonly hold: () => void; readonly release: () => void } {
  return {
    hold() {
      if (!canvas.hidden || video.videoWidth === 0 || video.readyState < 2) return;
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext('2d')?.drawImage(video, 0, 0);
      canvas.hidden = false;
    },
    release() {
      canvas.hidden = true;
    },
  };
}
