/**
 * A camera and a microphone that are drawn and synthesised instead of filmed and recorded: what `getUserMedia` gives to a page after
 * `installSyntheticMedia` ran in it (through Playwright's init script). The function is serialised into the page, so it
 * may refer to nothing outside itself.
 */
export interface SyntheticMedia {
  readonly kind: 'drawn';
  /** Shown large in the picture. */
  readonly name: string;
  /** 0..360: the colour of the person's picture. */
  readonly hue: number;
  /** A steady quiet tone that tells this microphone from others in the mix; null: none. */
  readonly pilotHz: number | null;
  /** Flash and beep once every five seconds (for lip sync). */
  readonly flash: boolean;
  readonly width: number;
  readonly height: number;
}

/** A 720p camera with a silent microphone, unless `extras` say otherwise. */
export function drawnCamera(
  name: string,
  hue: number,
  extras: Partial<Omit<SyntheticMedia, 'kind' | 'name' | 'hue'>> = {},
): SyntheticMedia {
  return {
    kind: 'drawn',
    name,
    hue,
    pilotHz: null,
    flash: false,
    width: 1280,
    height: 720,
    ...extras,
  };
}

/** Geometry of the clock: a strip over the full width and top sixth, 18 cells: white, 16 bits of Unix ms, black. */
export const CLOCK_BITS = 16;
export const CLOCK_CELLS = CLOCK_BITS + 2;
export const CLOCK_HEIGHT_SHARE = 1 / 6;
export const FLASH_EVERY_MS = 5000;
export const FLASH_MS = 100;

export function installSyntheticMedia(options: SyntheticMedia): void {
  // Firefox also runs this in the page that is there before any address is.
  if (!navigator.mediaDevices) return;
  const FRAME_MS = 40;
  const FLASH_MS = 100;
  const FLASH_EVERY = 5000;

  const { width, height } = options;
  const initials = options.name
    .split(/\s+/)
    .map((w) => w[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();

  function draw(kind: 'camera' | 'screen', draw2d: CanvasRenderingContext2D): void {
    const now = Date.now();
    const seconds = now / 1000;
    draw2d.fillStyle = kind === 'camera' ? `hsl(${options.hue} 45% 28%)` : '#f4f5f7';
    draw2d.fillRect(0, 0, width, height);
    if (kind === 'camera') {
      // A head and shoulders that sway: motion for the encoder, a person for the eye.
      const sway = Math.sin(seconds * 1.7 + options.hue) * width * 0.04;
      draw2d.fillStyle = `hsl(${options.hue} 55% 62%)`;
      draw2d.beginPath();
      draw2d.arc(width / 2 + sway, height * 0.47, height * 0.17, 0, 7);
      draw2d.fill();
      draw2d.beginPath();
      draw2d.ellipse(width / 2 + sway * 0.5, height * 1.02, height * 0.36, height * 0.34, 0, 0, 7);
      draw2d.fill();
      draw2d.fillStyle = `hsl(${options.hue} 60% 16%)`;
      draw2d.font = `600 ${Math.round(height * 0.13)}px sans-serif`;
      draw2d.textAlign = 'center';
      draw2d.fillText(initials, width / 2 + sway, height * 0.515);
      draw2d.fillStyle = 'white';
      draw2d.font = `${Math.round(height * 0.055)}px sans-serif`;
      draw2d.fillText(options.name, width / 2, height * 0.27);
    } else {
      draw2d.fillStyle = '#1b2a6b';
      draw2d.textAlign = 'left';
      draw2d.font = `600 ${Math.round(height * 0.09)}px sans-serif`;
      draw2d.fillText('Quarterly results', width * 0.08, height * 0.36);
      for (let i = 0; i < 6; i += 1) {
        const bar = (0.25 + 0.2 * Math.sin(seconds * 0.8 + i)) * height;
        draw2d.fillRect(width * (0.1 + i * 0.13), height * 0.92 - bar, width * 0.08, bar);
      }
    }
    if (options.flash && now % FLASH_EVERY < FLASH_MS) {
      draw2d.fillStyle = 'white';
      draw2d.fillRect(0, height / 2, width, height / 2);
    }
    const cell = width / 18;
    const clock = now % 65_536;
    for (let i = 0; i < 18; i += 1) {
      const bit = i === 0 ? 1 : i === 17 ? 0 : (clock >> (16 - i)) & 1;
      draw2d.fillStyle = bit ? '#ffffff' : '#000000';
      draw2d.fillRect(Math.floor(i * cell), 0, Math.ceil(cell), height / 6);
    }
  }

  function video(kind: 'camera' | 'screen'): MediaStreamTrack {
    // One each: a screen is shared beside a camera.
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('no 2d canvas');
    draw(kind, context);
    const stream = canvas.captureStream(0);
    const track = stream.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack | undefined;
    if (!track) throw new Error('no canvas track');
    // Firefox has it where an early draft of the specification had it.
    const taker = 'requestFrame' in track ? track : (stream as unknown as CanvasCaptureMediaStreamTrack);
    // A timer in a worker: a page that is not in front may not slow the camera down. Frames fall on whole multiples of
    // 40 ms of the wall clock, so that a flash is drawn at the instant its beep starts. A page that is slower than that leaves
    // some out: each frame waits for the one before it.
    const clockwork = `const next = () => setTimeout(() => postMessage(0), ${FRAME_MS} - (Date.now() % ${FRAME_MS}));
      onmessage = next; next();`;
    const tick = new Worker(URL.createObjectURL(new Blob([clockwork])));
    tick.onmessage = () => {
      if (track.readyState === 'ended') return tick.terminate();
      draw(kind, context);
      taker.requestFrame();
      tick.postMessage(0);
    };
    return track;
  }

  async function voice(): Promise<MediaStreamTrack> {
    const audio = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
    await audio.resume();
    const out = audio.createMediaStreamDestination();
    /** Audio time at which the wall clock shows `unixMs`. */
    const audioTimeAt = (unixMs: number): number => audio.currentTime + (unixMs - Date.now()) / 1000;

    if (options.pilotHz !== null) {
      const tone = audio.createOscillator();
      tone.frequency.value = options.pilotHz;
      const level = audio.createGain();
      level.gain.value = 0.05;
      tone.connect(level).connect(out);
      tone.start();
    }
    if (options.flash) {
      const beep = audio.createOscillator();
      beep.frequency.value = 1000;
      const level = audio.createGain();
      level.gain.value = 0;
      beep.connect(level).connect(out);
      beep.start();
      let scheduled = 0;
      setInterval(() => {
        const next = (Math.floor(Date.now() / FLASH_EVERY) + 1) * FLASH_EVERY;
        // Late enough that the two clocks cannot drift apart before it sounds, early enough to be exact.
        if (next === scheduled || next - Date.now() > 500) return;
        scheduled = next;
        const at = audioTimeAt(next);
        level.gain.setValueAtTime(0.6, at);
        level.gain.setValueAtTime(0, at + FLASH_MS / 1000);
      }, 100);
    }
    const track = out.stream.getAudioTracks()[0];
    if (!track) throw new Error('no audio track');
    return track;
  }

  const devices: MediaDeviceInfo[] = (
    [
      ['videoinput', 'Drawn camera'],
      ['audioinput', 'Spoken microphone'],
    ] as const
  ).map(([kind, label]) => ({
    kind,
    label,
    deviceId: `synthetic-${kind}`,
    groupId: 'synthetic',
    toJSON: () => ({}),
  }));

  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const tracks: MediaStreamTrack[] = [];
    if (constraints?.video) tracks.push(video('camera'));
    if (constraints?.audio) tracks.push(await voice());
    return new MediaStream(tracks);
  };
  navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([video('screen')]);
  navigator.mediaDevices.enumerateDevices = async () => devices;
}
