export default {
  open: 'Türen öffnen',
  openHint:
    'Wer kommt, sieht Titel und Countdown, bis Sie live gehen. Niemand auf der Bühne ist zu sehen oder zu hören.',
  opened: 'Türen offen',
  waiting: '{count, plural, =0 {niemand wartet} one {# Person wartet} other {# warten}}',
  settings: 'Türen',
  close: 'Türen schließen',
  closeHint: 'Wer wartet, sieht wieder den Countdown der Seite, ohne Bild.',
  music: 'Musik, bis Sie live gehen',
  musicHint: 'Leise Akkorde, frei von Rechten.',
  byThemselves: 'Von selbst öffnen',
  minutesBefore: 'Minuten vor Beginn',
  asUsual: 'wie hier üblich',
  never: 'Nur wenn jemand sie öffnet',
} as const;
