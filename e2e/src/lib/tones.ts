/** In a page: how far each tone stands out of the sound around it, dB, in the next 0.7 s of what flows from `source`. */
export async function tonesIn(source: AudioNode, frequenciesHz: readonly number[]): Promise<number[]> {
  const { context } = source;
  const analyser = new AnalyserNode(context, { fftSize: 32_768, smoothingTimeConstant: 0 });
  source.connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 900));
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(spectrum);
  source.disconnect(analyser);
  const binHz = context.sampleRate / analyser.fftSize;
  return frequenciesHz.map((hz) => {
    const at = Math.round(hz / binHz);
    const peak = Math.max(...spectrum.slice(at - 2, at + 3));
    const around = [...spectrum.slice(at - 120, at - 8), ...spectrum.slice(at + 9, at + 121)].toSorted(
      (a, b) => a - b,
    );
    const level = peak - (around[Math.floor(around.length / 2)] ?? 0);
    // Digital silence has no neighbourhood to stand out of.
    return Number.isFinite(level) ? level : 0;
  });
}
