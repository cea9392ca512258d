/** An audio worklet: tells the context time, in seconds, at which a sound that passes the filter before it sets in. */
export const beepDetector = `
registerProcessor('beep-detector', class extends AudioWorkletProcessor {
  loudUntil = 0;
  process([[samples]]) {
    const energy = samples ? samples.reduce((sum, s) => sum + s * s, 0) / samples.length : 0;
    if (energy > 0.004) {
      if (currentTime > this.loudUntil) this.port.postMessage(currentTime);
      this.loudUntil = currentTime + 0.05;
    }
    return true;
  }
});`;
