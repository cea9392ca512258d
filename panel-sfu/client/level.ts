/** Calls back some 15 times a second with the loudness of `track`, 0 to 1. The answer ends it, with silence. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // Browsers start it only after a press somewhere, and iOS stops it for a phone call; to ask again does no harm.
    if (context.state !== 'running') context.resume().catch(() => undefined);
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close().catch(() => undefined);
    onLevel(0);
  };
}

const FLOOR_DB = -55;
const CEILING_DB = -10;

/** Root mean square on a decibel scale: 0 at -55 dB full scale and below, 1 at -10 dB. Pure. */
export function levelOf(samples: Float32Array): number {
  const meanSquare = samples.reduce((sum, s) => sum + s * s, 0) / Math.max(1, samples.length);
  if (meanSquare === 0) return 0;
  const db = 10 * Math.log10(meanSquare);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}
