/**
 * The elements that a compositor's pipelines are made of. It can make no others: what a description could be made to say, or an
 * exploit would like to have, is not there.
 */
export const ELEMENTS = [
  // the mix
  'compositor',
  'audiomixer',
  'gdkpixbufoverlay',
  'tee',
  'queue',
  'capsfilter',
  'appsrc',
  'appsink',
  'videoconvertscale',
  'audioconvert',
  'audioresample',
  'x264enc',
  'avenc_aac',
  // a source
  'rtpsession',
  'rtpjitterbuffer',
  'rtpvp8depay',
  'rtpvp9depay',
  'rtph264depay',
  'rtpopusdepay',
  'h264parse',
  'vp9parse',
  'vp8dec',
  'avdec_vp9',
  'avdec_h264',
  'opusdec',
  'capssetter',
] as const;
