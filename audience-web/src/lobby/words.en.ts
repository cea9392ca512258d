/** Words of those who wait: apart from `messages.ts`, which comes before the first picture of a live channel. */
export const en = {
  startsIn: (time: string) => `Starts in ${time}`,
  startsSoon: 'Starts any moment now',
  stays: 'Stay here: it begins in this very picture.',
  check: 'Check your sound',
  again: 'Play it again',
  listen: 'You should hear three notes…',
  silent: 'Nothing heard? Look at the volume of this device, and at where its sound goes.',
  blocked: 'This browser plays no sound here. Look at its settings for this page.',
  passcodeTitle: 'This webinar has a passcode',
  passcodeText: 'You find it in your invitation.',
  passcode: 'Passcode',
  passcodeRefused: 'That is not the passcode. Please look at your invitation once more.',
  enter: 'Come in',
};

export type Words = typeof en;
