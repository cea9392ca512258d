/**
 * What a page goes through around the click on "Join the stage" to somebody else's picture. What is prepared in the device check
 * comes before the click, and after `media:join` where it could not be prepared.
 */
export const STAGES = [
  { mark: 'rostrum:click', what: 'the click' },
  { mark: 'rostrum:device-loaded', what: 'device loaded' },
  { mark: 'rostrum:transports-created', what: 'both transports made at the SFU' },
  { mark: 'rostrum:recv-ice', what: 'ICE connected, to receive' },
  { mark: 'rostrum:recv-dtls', what: 'DTLS connected, to receive' },
  { mark: 'rostrum:send-dtls', what: 'DTLS connected, to send' },
  { mark: 'rostrum:stage-join', what: 'the stage client is asked' },
  { mark: 'rostrum:media-joined', what: 'media:join is answered' },
  { mark: 'rostrum:recv-offered', what: 'somebody else’s first track is offered' },
  { mark: 'rostrum:recv-video-offered', what: 'somebody else’s picture is offered' },
  { mark: 'rostrum:first-remote-key-frame', what: 'first key frame is there' },
  { mark: 'rostrum:first-remote-frame', what: 'first frame decoded' },
  { mark: 'rostrum:first-remote-presented', what: 'first frame presented' },
] as const;

export type StageMark = (typeof STAGES)[number]['mark'];

/**
 * Runs in the page before its own scripts. What the stage client does not mark itself is read off the browser's objects: the
 * click, the peer connections' states, the first frame of somebody else that a video element presents. Each is marked once.
 */
export function markJoin(): void {
  const seen = new Set<string>();
  const mark = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    performance.mark(name);
  };
  const remote = new WeakSet<MediaStreamTrack>();
  const watched = new WeakSet<HTMLVideoElement>();

  addEventListener(
    'click',
    ({ target }) => {
      if (target instanceof Element && target.closest('button')?.textContent?.includes('Join the stage')) {
        mark('rostrum:click');
      }
    },
    true,
  );

  const Native = RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    #direction: 'send' | 'recv' | null = null;
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => remote.add(track));
      this.addEventListener('iceconnectionstatechange', () => {
        if (['connected', 'completed'].includes(this.iceConnectionState)) this.#mark('ice');
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') this.#mark('dtls');
      });
    }
    override setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      if (description?.type === 'offer') this.#direction ??= 'send';
      return super.setLocalDescription(description);
    }
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      if (description.type === 'offer') this.#direction ??= 'recv';
      const sdp = description.sdp ?? '';
      if (this.#direction === 'recv' && /^m=(audio|video)/m.test(sdp)) this.#mark('offered');
      if (this.#direction === 'recv' && /^m=video/m.test(sdp)) this.#mark('video-offered');
      return super.setRemoteDescription(description);
    }
    #mark(what: string): void {
      if (this.#direction) mark(`rostrum:${this.#direction}-${what}`);
    }
  };

  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      const stream = video.srcObject;
      if (watched.has(video) || !(stream instanceof MediaStream)) continue;
      if (!stream.getVideoTracks().some((track) => remote.has(track))) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() => mark('rostrum:first-remote-presented'));
    }
  }, 5);
}
