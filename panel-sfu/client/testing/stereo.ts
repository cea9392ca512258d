/** Sound of two sides, and what comes of each. */

/** One tone on the left, another on the right. */
export function twoTones(leftHz: number, rightHz: number): MediaStreamTrack {
  const audio = new AudioContext();
  const sides = new ChannelMergerNode(audio, { numberOfInputs: 2 });
  [leftHz, rightHz].forEach((frequency, side) => {
    const oscillator = new OscillatorNode(audio, { frequency });
    oscillator.connect(sides, 0, side);
    oscillator.start();
  });
  const out = new MediaStreamAudioDestinationNode(audio, { channelCount: 2 });
  sides.connect(out);
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new Error('no track');
  return track;
}

/** How loud a tone is on either side of a track, dB; the same from call to call. */
export function sidesOf(track: MediaStreamTrack): (hertz: number) => { left: number; right: number } {
  const stream = new MediaStream([track]);
  // Chromium gives Web Audio nothing of a remote track that no element plays.
  const element = new Audio();
  element.muted = true;
  element.srcObject = stream;
  const audio = new AudioContext();
  const split = new ChannelSplitterNode(audio, { numberOfOutputs: 2 });
  new MediaStreamAudioSourceNode(audio, { mediaStream: stream }).connect(split);
  const sides = [0, 1].map((side) => {
    const analyser = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 });
    split.connect(analyser, side);
    return analyser;
  });
  return (hertz) => {
    const [left, right] = sides.map((analyser) => {
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      const at = Math.round((hertz * analyser.fftSize) / audio.sampleRate);
      return Math.max(...levels.subarray(at - 2, at + 3));
    });
    return { left: left ?? Number.NEGATIVE_INFINITY, right: right ?? Number.NEGATIVE_INFINITY };
  };
}
