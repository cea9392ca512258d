/** What is said of a recording alone, in English; loaded with it. */
export const en = {
  continueAt: (time: string) => `Continue at ${time}`,
  playFrom: (time: string) => `Play from ${time}`,
  fromBeginning: 'From the beginning',
  backToLive: 'Back to live',
  contents: 'Contents',
  chapters: 'Chapters',
  chapter: (title: string) => `Chapter: ${title}`,
  transcript: 'What was said',
  searchLabel: 'Search chapters and captions',
  searchPlaceholder: 'Find a word',
  hits: (n: number) => (n === 0 ? 'Nothing found' : n === 1 ? '1 place' : `${n} places`),
  captionsOn: 'Show captions',
  captionsOff: 'Hide captions',
  captionsFailed: 'The captions could not be loaded.',
  position: (at: string, of: string, chapter: string) =>
    chapter === '' ? `${at} of ${of}` : `${at} of ${of}, ${chapter}`,
  keys: 'K play, J and L back and forward 10 seconds, arrow keys 5 seconds and volume, 0 to 9 jump, N and P chapters, < and > speed, C captions, M mute, F full screen',
  share: 'Share',
  shareTitle: 'Share this recording',
  shareLink: 'Link',
  shareAt: (time: string) => `Start at ${time}`,
  embed: 'To show it in another page',
  privateHint: 'It is private: only those who have a link of their own can open it.',
  copy: 'Copy',
  copied: 'Copied',
  close: 'Close',
  download: 'Download',
  downloadOf: (rendition: string, size: string) => `${rendition}, ${size}`,
  gone: {
    title: 'This recording is no longer here',
    text: 'It was deleted, or the hosts have taken it back.',
  },
  forbidden: {
    title: 'This recording is private',
    text: 'Please open it by the link you were sent. It may have expired; the hosts can give you another.',
  },
  openHere: 'Open the whole page',
};

export type Words = typeof en;
