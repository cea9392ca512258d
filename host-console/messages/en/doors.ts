/** The doors in the control room: the channel before the show. */
export default {
  open: 'Open the doors',
  openHint: 'Whoever comes sees title and countdown until you go live. Nobody on the stage is seen or heard.',
  opened: 'Doors open',
  waiting: '{count, plural, =0 {nobody waits} one {# waits} other {# wait}}',
  settings: 'Doors',
  close: 'Close the doors',
  closeHint: 'Whoever waits sees the countdown of the page again, without a picture.',
  music: 'Music until you go live',
  musicHint: 'Quiet chords, free of rights.',
  byThemselves: 'Open by themselves',
  minutesBefore: 'minutes before the start',
  asUsual: 'as usual here',
  never: 'Only when somebody opens them',
} as const;
