import type {
  ClosingReason,
  ErrorCode,
  HandshakeRefusal,
  NetworkWord,
  PublishProblem,
  WithheldSource,
} from '@rostrum/contracts';
import type { DeviceKind, DeviceProblem } from '@rostrum/panel-sfu/client/devices';
import type { NoPicture } from '@rostrum/panel-sfu/client/no-picture';

/** Troubles that arise in the browser itself. */
export type DeviceCode = `device-${DeviceProblem}` | 'screen-unavailable';
export type PageProblem = 'offline' | 'no-token' | 'copy-failed' | 'joined-elsewhere' | 'broadcaster-full';
export type ProblemCode = ErrorCode | HandshakeRefusal | ClosingReason | DeviceCode | PageProblem;

/** Words for one problem: what it is, and what the person can do about it. */
export interface Wording {
  readonly title: string;
  readonly hint: string;
}

type Catalogue = Readonly<Record<ProblemCode, Wording>>;

const en: Catalogue = {
  'bad-input': { title: 'That was not accepted', hint: 'Check what you entered and try again.' },
  unauthenticated: {
    title: 'This link is not valid here',
    hint: 'Ask for a new link, and open it exactly as you got it.',
  },
  forbidden: { title: 'You may not do that', hint: 'Your link does not carry this right. Ask the host.' },
  'not-found': { title: 'This is no longer there', hint: 'Someone else may have removed it a moment ago.' },
  conflict: {
    title: 'Somebody was faster',
    hint: 'Things changed at the same moment. Look again; this page is already up to date.',
  },
  'rate-limited': { title: 'A little too fast', hint: 'Wait a few seconds and try again.' },
  'too-large': { title: 'That is too long', hint: 'Shorten it and try again.' },
  'not-on-stage': { title: 'Not on the stage', hint: 'Join the stage first, then try again.' },
  'name-taken': {
    title: 'This name looks like somebody else’s',
    hint: 'It reads like one of the crew or the stage, or like the mark of a role. Choose another one.',
  },
  'no-consent': {
    title: 'They are not recorded',
    hint: 'The programme is recorded, and this person has not agreed to be in it. They can agree on their page.',
  },
  muted: { title: 'The crew muted you', hint: 'Ask to speak; the crew lifts it.' },
  'media-unsupported': {
    title: 'This browser cannot send that',
    hint: 'Use a current Chrome, Edge, Firefox or Safari.',
  },
  'limit-reached': {
    title: 'The stage is full',
    hint: 'At most 12 people can be on it. Free a place first.',
  },
  'broadcaster-full': {
    title: 'The broadcaster has no room for another webinar',
    hint: 'Its machine carries as many as it can. End one that is over, or ask whoever runs Rostrum for another machine.',
  },
  'too-many-connections': {
    title: 'You are here in too many windows',
    hint: 'This one was closed for the newest. Close some of them, then reload this page.',
  },
  'no-sfu': {
    title: 'The stage is not ready yet',
    hint: 'The media service is starting or being replaced. Joining is tried again by itself.',
  },
  'no-broadcaster': {
    title: 'The broadcaster is not ready yet',
    hint: 'Going live needs it. It is being started; try again in a few seconds.',
  },
  'node-timeout': {
    title: 'A media service took too long',
    hint: 'It may still happen. Wait a moment and look before you try again.',
  },
  'node-lost': {
    title: 'A media service was lost',
    hint: 'Another takes over; the stage comes back by itself.',
  },
  unavailable: {
    title: 'No answer from the server',
    hint: 'The connection is being restored. What you did may not have arrived.',
  },
  pending: {
    title: 'It takes longer',
    hint: 'The broadcaster is slow to start. The webinar goes live by itself when it is ready; this page shows it.',
  },
  internal: { title: 'Something went wrong on the server', hint: 'It was written to the log. Try again.' },

  'protocol-mismatch': { title: 'This page is out of date', hint: 'Reload it to get the current version.' },
  'token-invalid': {
    title: 'This link is not valid',
    hint: 'It may have been cut off when it was copied. Ask for a new one.',
  },
  'signed-out': { title: 'You are signed out', hint: 'Sign in again to go on.' },
  'token-expired': { title: 'This link has expired', hint: 'Ask the host for a new one.' },
  revoked: { title: 'This link was taken back', hint: 'Ask the host for a new one.' },
  'webinar-unknown': {
    title: 'This webinar does not exist',
    hint: 'It may have been deleted. Ask the host.',
  },
  removed: {
    title: 'You were removed from this webinar',
    hint: 'If that was a mistake, ask the host for a new link.',
  },
  'sent-out': {
    title: 'You were removed from this webinar for a few minutes',
    hint: 'You can come back in by reloading this page then.',
  },

  'device-denied': {
    title: 'The browser does not let this page use it',
    hint: 'Allow camera and microphone at the left of the address bar, then try again.',
  },
  'device-missing': { title: 'None found', hint: 'Connect one, then try again.' },
  'device-busy': {
    title: 'Another program uses it',
    hint: 'Close the other program or call, then try again.',
  },
  'device-insecure': {
    title: 'Not on an unencrypted page',
    hint: 'Browsers open cameras only over https. Ask the host for an https link.',
  },
  'device-failed': { title: 'It did not start', hint: 'Unplug it and connect it again, or choose another.' },
  'device-unplugged': {
    title: 'It was disconnected',
    hint: 'Connect it again, or use another. Whether you are muted stays as it is.',
  },
  'device-taken': {
    title: 'It stopped',
    hint: 'Another program took it, or it failed. Close the other program, then try again.',
  },
  'device-withdrawn': {
    title: 'The browser no longer lets this page use it',
    hint: 'Allow it again at the left of the address bar, then try again.',
  },
  'device-interrupted': {
    title: 'Nothing comes of it',
    hint: 'A call, a switch or a cover holds it back. It goes on by itself after that, or try again.',
  },
  'screen-unavailable': {
    title: 'The screen could not be shared',
    hint: 'The system or the browser refused. Check the permission for screen recording.',
  },

  offline: {
    title: 'You are offline',
    hint: 'Your network is gone. This page stays as it is and reconnects by itself.',
  },
  'no-token': {
    title: 'This page opens with a link',
    hint: 'Open the link you were given, complete with everything after the # sign.',
  },
  'joined-elsewhere': {
    title: 'You joined from another window',
    hint: 'Your link is on the stage there now. Join here to bring it back.',
  },
  'copy-failed': { title: 'Not copied', hint: 'Select the link and copy it by hand.' },
};

const UNPUBLISHED: Readonly<Record<PublishProblem, string>> = {
  credentials: 'its credentials are wrong or have expired',
  forbidden: 'its credentials may not write there',
  'no-bucket': 'the bucket is not there',
  region: "the bucket's region is another",
  clock: "the broadcaster's clock is wrong",
  unreachable: 'the storage cannot be reached',
  'slow-down': 'the storage asks for patience',
  failing: 'the storage has an error of its own',
  refused: "the storage refuses it (the broadcaster's log says why)",
};

interface HealthWords {
  readonly starting: string;
  readonly notStarted: (why: string) => string;
  readonly broadcasterLost: string;
  readonly pictureFails: string;
  readonly recordingFails: string;
  readonly diskFull: (usedPercent: number) => string;
  readonly diskLow: (usedPercent: number) => string;
  readonly unpublished: (problem: PublishProblem | null, behindMinutes: number) => string;
  readonly broadcasterLate: string;
  readonly broadcasterBusy: string;
  readonly stageLost: string;
  readonly stageLate: string;
  readonly stageBusy: string;
  readonly smallCameras: string;
  readonly halfRate: string;
  readonly soundOnly: string;
  readonly only: (rendition: string, slow: boolean) => string;
  readonly off: (renditions: readonly string[], slow: boolean) => string;
  readonly fullAgain: string;
  readonly withheld: (whose: string, reason: WithheldSource['reason'], others: number) => string;
  /** `age` as of `formatAge`. */
  readonly unattended: (age: string) => string;
}

const tooSlow = "The broadcaster's machine is too slow";
const atHalfRate = (slow: boolean): string => (slow ? ', at half the pictures a second' : '');

const WITHHELD: Readonly<Record<WithheldSource['reason'], string>> = {
  'too-large': ': its picture is too large. Sharing it smaller helps',
  'too-small': ': its picture is too small',
  unsupported: ': it comes in a form that is not broadcast. Another browser may help',
  malformed: ': what comes of it is broken. Sharing it again may help',
  quarantined: ', because the picture broke down twice with it',
};

/** How a show fares, for its crew: what is the matter and what it means, so that nobody has to guess or to click. */
export const HEALTH = {
  en: {
    starting: 'Going live takes longer than usual. It happens by itself.',
    notStarted: (why) => `The webinar did not go live: ${why}. Try again.`,
    broadcasterLost: 'The broadcaster is gone. The stream goes on when it is back, which is seen to.',
    recordingFails:
      'The recording cannot be written just now. Viewers see all of it; what is shown is kept for about a quarter of an hour.',
    diskFull: (percent) =>
      `The disk of the recordings is full (${percent} %). The stream goes on; the recording may not. Make room on it now.`,
    diskLow: (percent) => `The disk of the recordings is filling up (${percent} %). Make room on it soon.`,
    unpublished: (problem, minutes) => {
      const behind = minutes > 0 ? `The copy of the recording in the bucket is ${minutes} min behind` : '';
      if (problem === null) return `${behind}. It is on the disk, and the rest follows by itself.`;
      const why = UNPUBLISHED[problem];
      return `${behind || 'The recording does not reach its bucket'}: ${why}. It is on the disk, and goes up when that is over.`;
    },
    pictureFails:
      'The picture cannot be made just now: it breaks off again and again. It is tried on; take off air who came last.',
    broadcasterLate: 'The broadcaster is late to answer: viewers may wait for it, then the stream goes on.',
    broadcasterBusy: "The broadcaster's machine is busy: changes to the picture take longer.",
    stageLost: 'The stage is gone. Everybody is back on it by themselves as soon as it stands again.',
    stageLate: 'The stage is late to answer: whoever is on it stays on it.',
    stageBusy: "The stage's machine is busy: joining and muting take longer.",
    smallCameras: "The broadcaster's machine is busy: cameras are taken in a smaller size for now.",
    halfRate: `${tooSlow}: half the pictures a second for now.`,
    soundOnly: `${tooSlow}: only the sound for now.`,
    only: (rendition, slow) => `${tooSlow}: only sound and ${rendition} for now${atHalfRate(slow)}.`,
    off: (renditions, slow) =>
      `${tooSlow}: ${renditions.join(' and ')} ${renditions.length === 1 ? 'is' : 'are'} off for now${atHalfRate(slow)}.`,
    fullAgain: 'Back to the full picture.',
    withheld: (whose, reason, others) =>
      `${whose} is not in the broadcast${WITHHELD[reason]}.${others === 0 ? '' : ` Nor ${others === 1 ? 'is' : 'are'} ${others} more.`}`,
    unattended: (age) => `This webinar is live, and nobody was here for ${age}. Is it over?`,
  },
} as const satisfies Record<string, HealthWords>;

interface NetworkWords {
  /** For a mark on somebody's picture. */
  readonly short: Readonly<Record<NetworkWord, string>>;
  readonly own: Readonly<Record<NetworkWord, string>>;
  /** `who` is isolated where it has to be. */
  readonly of: (who: string, word: NetworkWord, badly: boolean) => string;
  readonly sends: (numbers: string) => string;
  readonly gets: (numbers: string) => string;
  readonly layers: (sent: number, of: number) => string;
  readonly loss: (percent: string) => string;
  readonly roundTrip: (ms: number) => string;
  readonly madeUp: (percent: string) => string;
  readonly relayed: (protocol: string) => string;
}

/** How networks on the stage fare. */
export const NETWORK = {
  en: {
    short: {
      fine: 'Good',
      'upload-weak': 'Weak upload',
      'download-weak': 'Weak download',
      'both-weak': 'Weak network',
      'machine-busy': 'Slow machine',
      'far-away': 'Long delay',
    },
    own: {
      fine: 'Good connection',
      'upload-weak': 'Your upload is weak: others see a smaller picture',
      'download-weak': 'Your download is weak: you see a smaller picture',
      'both-weak': 'Your connection is weak, both ways',
      'machine-busy': 'Your machine is too slow to send the full picture',
      'far-away': 'The way to the stage is long: answers come late',
    },
    of(who, word, badly) {
      const very = badly ? 'very ' : '';
      switch (word) {
        case 'fine':
          return `${who}’s connection is good`;
        case 'upload-weak':
          return `${who}’s upload is ${very}weak`;
        case 'download-weak':
          return `${who}’s download is ${very}weak`;
        case 'both-weak':
          return `${who}’s connection is ${very}weak, both ways`;
        case 'machine-busy':
          return `${who}’s machine is too slow to send the full picture`;
        case 'far-away':
          return `${who} is ${very}far away: answers come late`;
      }
    },
    sends: (numbers) => `Sends ${numbers}`,
    gets: (numbers) => `Gets ${numbers}`,
    layers: (sent, of) => `${sent} of ${of} sizes`,
    loss: (percent) => `${percent} lost`,
    roundTrip: (ms) => `${ms} ms there and back`,
    madeUp: (percent) => `${percent} of the sound made up`,
    relayed: (protocol) => `Through a relay, over ${protocol}`,
  },
} as const satisfies Record<string, NetworkWords>;

/** Why somebody's picture is not seen, on its tile: for whoever looks at it. */
export const NO_PICTURE = {
  en: {
    codec: 'Your browser cannot show this picture',
    'sound-alone': 'Sound only: your network is weak',
    'own-network': 'No new picture: your network is weak',
    'their-network': 'No new picture: their network is weak',
    still: 'The picture stands still',
    none: 'No picture arrives',
  },
} as const satisfies Record<string, Readonly<Record<NoPicture, string>>>;

interface ModerationWords {
  readonly title: string;
  readonly open: string;
  readonly moderated: string;
  readonly openHint: string;
  readonly moderatedHint: string;
  readonly waiting: (n: number) => string;
  readonly held: string;
  readonly approve: string;
  /** `who` is isolated. */
  readonly approveOf: (who: string) => string;
  readonly more: (who: string) => string;
  readonly sendOut: (who: string) => string;
  readonly sendOutHint: string;
  readonly ban: (who: string) => string;
  readonly banTitle: (who: string) => string;
  readonly banHint: string;
  readonly keep: string;
  readonly banned: (who: string) => string;
  readonly wasSentOut: (who: string) => string;
}

/** Questions that wait, and people who have to go. */
export const MODERATION = {
  en: {
    title: 'New questions',
    open: 'Seen at once',
    moderated: 'Approved first',
    openHint: 'What viewers ask is on everybody’s page at once.',
    moderatedHint: 'Only you see what viewers ask, until one of the crew approves it.',
    waiting: (n) => `Waiting for approval (${n})`,
    held: 'Waits for approval',
    approve: 'Approve',
    approveOf: (who) => `Approve the question by ${who}`,
    more: (who) => `More for ${who}`,
    sendOut: (who) => `Remove ${who}`,
    sendOutHint: 'For 5 minutes; what they asked stays.',
    ban: (who) => `Ban ${who}`,
    banTitle: (who) => `Ban ${who}?`,
    banHint:
      'They do not come back, under whatever name, and their open questions and their hand go. This cannot be taken back.',
    keep: 'Keep them',
    banned: (who) => `${who} is banned.`,
    wasSentOut: (who) => `${who} is out for 5 minutes.`,
  },
} as const satisfies Record<string, ModerationWords>;

interface MutingWords {
  readonly mute: string;
  readonly unmute: string;
  readonly muteOf: (who: string) => string;
  readonly unmuteOf: (who: string) => string;
  readonly noSound: string;
  readonly mayUnmute: string;
  readonly mayUnmuteHint: string;
  readonly asks: string;
  readonly letSpeak: string;
  readonly letSpeakOf: (who: string) => string;
  readonly decline: string;
  readonly youAreMuted: string;
  readonly speakAgain: string;
  readonly askHint: string;
  readonly ask: string;
  readonly asked: string;
  readonly takeBack: string;
}

/** Who was muted by the crew, and how they are heard again. */
export const MUTING = {
  en: {
    mute: 'Mute',
    unmute: 'Lift the mute',
    muteOf: (who) => `Mute ${who}`,
    unmuteOf: (who) => `Lift the mute of ${who}`,
    noSound: 'No sound comes from here',
    mayUnmute: 'Who you mute may unmute themselves',
    mayUnmuteHint: 'Off: they ask, and one of the crew lifts it.',
    asks: 'Muted, asks to speak',
    letSpeak: 'Let them speak',
    letSpeakOf: (who) => `Let ${who} speak`,
    decline: 'Decline',
    youAreMuted: 'muted you',
    speakAgain: 'Unmute when you want to speak.',
    askHint: 'Nobody hears you until the crew lifts it.',
    ask: 'Ask to speak',
    asked: 'You asked to speak. The crew sees it.',
    takeBack: 'Never mind',
  },
} as const satisfies Record<string, MutingWords>;

interface RecordedWords {
  readonly tracks: string;
  readonly tracksHint: string;
  readonly unasked: string;
  readonly refused: string;
  readonly notOnAir: (who: string) => string;
  readonly tracksKept: string;
}

/** Who agreed to be recorded, for the crew. */
export const RECORDED = {
  en: {
    tracks: 'Keep everybody’s own tracks too',
    tracksHint: 'Camera, microphone and screen unmixed, of those who agree. Everybody on the stage is asked.',
    unasked: 'Not asked to be recorded yet',
    refused: 'Does not want to be recorded',
    notOnAir: (who) => `${who} has not agreed to be recorded, and cannot go on air.`,
    tracksKept: 'Own tracks kept',
  },
} as const satisfies Record<string, RecordedWords>;

interface LinkWords {
  readonly title: string;
  readonly none: string;
  readonly columns: Readonly<
    Record<'name' | 'role' | 'made' | 'expires' | 'state' | 'connections' | 'actions', string>
  >;
  readonly states: Readonly<Record<'good' | 'revoked' | 'removed' | 'expired', string>>;
  readonly revoke: string;
  /** `age` as of `formatAge`. */
  readonly expiresIn: (age: string) => string;
  readonly ago: (age: string) => string;
  readonly revokeOf: (who: string) => string;
  readonly ban: string;
  readonly banOf: (who: string) => string;
  readonly banTitle: (who: string) => string;
  readonly banHint: string;
  readonly revokeAll: string;
  readonly revokeAllTitle: string;
  readonly revokeAllHint: string;
  readonly keep: string;
  readonly revoked: string;
  readonly allRevoked: string;
  readonly banned: string;
  readonly owner: string;
  readonly ownerTitle: string;
  readonly ownerHint: string;
  readonly ownerDone: string;
}

/** Links that were made, and how they are taken back. */
export const LINKS = {
  en: {
    title: 'Links that were made',
    none: 'None yet.',
    columns: {
      name: 'Name',
      role: 'Role',
      made: 'Made',
      expires: 'Expires',
      state: 'State',
      connections: 'Connected',
      actions: 'Actions',
    },
    states: { good: 'Good', revoked: 'Revoked', removed: 'Banned', expired: 'Expired' },
    revoke: 'Revoke',
    expiresIn: (age) => `in ${age}`,
    ago: (age) => (age === 'now' ? age : `${age} ago`),
    revokeOf: (who) => `Revoke the link of ${who}`,
    ban: 'Ban',
    banOf: (who) => `Ban ${who}`,
    banTitle: (who) => `Ban ${who}?`,
    banHint: 'They do not come back by any link they have. You can make them a new one.',
    revokeAll: 'Revoke all links',
    revokeAllTitle: 'Revoke all links of this webinar?',
    revokeAllHint:
      'Everybody is disconnected, the crew and the audience too. Those on the watch page come back by themselves; everybody else needs a new link.',
    keep: 'Keep them',
    revoked: 'The link is revoked.',
    allRevoked: 'All links are revoked.',
    banned: 'The person is banned.',
    owner: 'Revoke owner links',
    ownerTitle: 'Revoke every link to this dashboard?',
    ownerHint:
      'Every other browser and every copy of your link is signed out. This page goes on with a new link: keep it, it is in the address bar.',
    ownerDone: 'Only this page has a link to the dashboard now, and who runs ./rostrum status on the server.',
  },
} as const satisfies Record<string, LinkWords>;

interface DeviceWords {
  readonly names: Readonly<Record<DeviceKind, string>>;
  readonly both: string;
  readonly speaker: string;
  readonly opening: string;
  readonly off: string;
  readonly tryAgain: string;
  readonly use: (device: string) => string;
  readonly useIt: string;
  readonly connected: (device: string) => string;
  readonly outputLost: (device: string) => string;
  readonly outputLostHint: string;
  readonly understood: string;
  readonly turn: string;
  readonly sound: string;
  readonly sounding: string;
  readonly record: string;
  readonly recording: string;
  readonly speakNow: string;
  readonly ownRecording: string;
  readonly trialFailed: string;
}

/** Camera, microphone and speaker: which to use, and whether they work. */
export const DEVICES = {
  en: {
    names: { camera: 'Camera', mic: 'Microphone' },
    both: 'Camera and microphone',
    speaker: 'Speaker',
    opening: 'Opening…',
    off: 'Off',
    tryAgain: 'Try again',
    use: (device) => `Use ${device}`,
    useIt: 'Use it',
    connected: (device) => `${device} was connected.`,
    outputLost: (device) => `No sound goes to ${device} any more`,
    outputLostHint: 'You hear the stage through the system’s own speaker.',
    understood: 'OK',
    turn: 'Switch camera',
    sound: 'Play a sound',
    sounding: 'Listen…',
    record: 'Record 3 seconds',
    recording: 'Recording…',
    speakNow: 'Say something: you will hear it in a moment.',
    ownRecording: 'What you just recorded',
    trialFailed: 'This browser could not do that.',
  },
} as const satisfies Record<string, DeviceWords>;

const CATALOGUES = { en } as const satisfies Record<string, Catalogue>;
export type Language = keyof typeof CATALOGUES;

/** The words for a problem. Codes this page does not know (a newer server) get the general wording. */
export function wording(code: string, language: Language = 'en'): Wording {
  const catalogue: Readonly<Partial<Record<string, Wording>>> = CATALOGUES[language];
  return catalogue[code] ?? CATALOGUES[language].internal;
}

/** The words for a stage that cannot be joined. A conflict there means one thing only: the link joined somewhere else. */
export const stageWording = (code: string, language: Language = 'en'): Wording =>
  wording(code === 'conflict' ? 'joined-elsewhere' : code, language);
