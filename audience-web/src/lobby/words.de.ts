import type { Words } from './words.en.ts';

export const de: Words = {
  startsIn: (time) => `Beginnt in ${time}`,
  startsSoon: 'Beginnt jeden Moment',
  stays: 'Bleiben Sie hier: Es beginnt in genau diesem Bild.',
  check: 'Ton prüfen',
  again: 'Noch einmal abspielen',
  listen: 'Sie sollten drei Töne hören …',
  silent: 'Nichts gehört? Sehen Sie nach der Lautstärke dieses Geräts und danach, wohin sein Ton geht.',
  blocked: 'Dieser Browser spielt hier keinen Ton ab. Sehen Sie nach seinen Einstellungen für diese Seite.',
  passcodeTitle: 'Dieses Webinar hat ein Kennwort',
  passcodeText: 'Sie finden es in Ihrer Einladung.',
  passcode: 'Kennwort',
  passcodeRefused: 'Das ist nicht das Kennwort. Bitte sehen Sie noch einmal in Ihre Einladung.',
  enter: 'Eintreten',
};
