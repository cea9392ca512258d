/** Three notes of a chord, one after the other, as loud as speech. Hertz. */
const NOTES = [392, 494, 587] as const;
const NOTE_S = 0.35;
const LOUDNESS = 0.25;

/** Plays them. Resolves when they are over; rejects where the browser plays nothing. Call it in a press. */
export async function playNotes(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const ended = NOTES.map((hertz, i) => {
      const tone = context.createOscillator();
      const gain = context.createGain();
      const fromS = context.currentTime + i * NOTE_S;
      tone.frequency.value = hertz;
      // From silence and back to it: a wave that is cut clicks.
      gain.gain.setValueAtTime(0, fromS);
      gain.gain.linearRampToValueAtTime(LOUDNESS, fromS + 0.02);
      gain.gain.linearRampToValueAtTime(0, fromS + NOTE_S);
      tone.connect(gain).connect(context.destination);
      tone.start(fromS);
      tone.stop(fromS + NOTE_S);
      return new Promise((resolve) => tone.addEventListener('ended', resolve));
    });
    await Promise.all(ended);
  } finally {
    await context.close();
  }
}
