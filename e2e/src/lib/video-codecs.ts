/** What makes a browser another in the codecs it has, as scripts for its pages. They run there, and refer to nothing outside themselves. */

/** In the page: offers of video carry AV1 alone, which no room takes. */
export function sendNothingButAv1(): void {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
    const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
    if (kind === 'video' && init?.direction === 'sendonly')
      transceiver.setCodecPreferences(all.filter(({ mimeType }) => mimeType === 'video/AV1'));
    return transceiver;
  };
}

/** In the page: offers of video carry H.264 alone, and so does what the browser says it can send. */
export function sendNothingButH264(): void {
  const only = (codecs: readonly RTCRtpCodec[]) =>
    codecs.filter(({ mimeType }) => /^video\/(h264|rtx)$/i.test(mimeType));
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
    if (kind === 'video' && init?.direction === 'sendonly')
      transceiver.setCodecPreferences(only(RTCRtpReceiver.getCapabilities('video')?.codecs ?? []));
    const { sent = [] } = window as { sent?: RTCRtpSender[] };
    Object.assign(window, { sent: [...sent, transceiver.sender] });
    return transceiver;
  };
  const capabilities = RTCRtpSender.getCapabilities;
  RTCRtpSender.getCapabilities = (kind) => {
    const all = capabilities.call(RTCRtpSender, kind);
    return all && kind === 'video' ? { ...all, codecs: only(all.codecs) } : all;
  };
}

/** In the page: no video is offered or taken as H.264, as in a Firefox whose module for it never came. */
export function speakNoH264(): void {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
    const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
    if (kind === 'video')
      transceiver.setCodecPreferences(all.filter(({ mimeType }) => !/h264/i.test(mimeType)));
    return transceiver;
  };
}
