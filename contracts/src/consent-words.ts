/**
 * What people on the stage are asked before they are recorded, and what they answer with. One place for all pages, since the log
 * keeps which wording was answered. Free of validators.
 */

/** To be raised with every change of `asked` that changes what is agreed to. */
export const CONSENT_TEXT_VERSION = 1;

/** Which wording a webinar's people are asked by: its own, where it has one, stands above these. */
export const consentVersionOf = ({ consentVersion }: { readonly consentVersion?: number }): number =>
  consentVersion ?? CONSENT_TEXT_VERSION;

interface ConsentWords {
  /** What is agreed to. */
  readonly asked: {
    readonly recorded: string;
    readonly recording: string;
    readonly byJoining: string;
    readonly tracks: string;
    readonly tracksMore: string;
  };
  readonly joinUnrecorded: string;
  /** What follows from a no. */
  readonly unrecorded: string;
  readonly agree: string;
  readonly tracksAsked: string;
  readonly keep: string;
  readonly doNotKeep: string;
  readonly record: string;
  readonly keepTracks: string;
  readonly takenBack: string;
  readonly erase: string;
  readonly erasing: string;
}

export const CONSENT_WORDS = {
  en: {
    asked: {
      recorded: 'This session is recorded',
      recording:
        'While you are on air, your picture, your sound and what you share go into the recording, which can be watched again later.',
      byJoining: 'By joining the stage you agree to that. You can take it back at any time.',
      tracks: 'Keep my own tracks too',
      tracksMore:
        'Your camera, microphone and screen, each for itself, while the session is live and you are on the stage: also when you are not on air. The crew can edit the recording with them. You take part just the same without.',
    },
    joinUnrecorded: 'Join without being recorded',
    unrecorded:
      'You are not recorded, so you cannot be taken on air. The others on the stage see and hear you.',
    agree: 'Agree to be recorded',
    tracksAsked: 'The crew would like to keep your own tracks too.',
    keep: 'Keep them',
    doNotKeep: 'Do not keep them',
    record: 'Record me while I am on air',
    keepTracks: 'Keep my own tracks',
    takenBack: 'Nothing more of them is kept.',
    erase: 'Delete what was kept of them',
    erasing: 'The crew was asked to delete them.',
  },
  de: {
    asked: {
      recorded: 'Diese Sitzung wird aufgezeichnet',
      recording:
        'Solange Sie auf Sendung sind, kommen Ihr Bild, Ihr Ton und was Sie teilen in die Aufzeichnung, die man später ansehen kann.',
      byJoining: 'Mit dem Betreten der Bühne stimmen Sie dem zu. Sie können das jederzeit zurücknehmen.',
      tracks: 'Auch meine Einzelspuren behalten',
      tracksMore:
        'Kamera, Mikrofon und Bildschirm, jedes für sich, solange die Sitzung läuft und Sie auf der Bühne sind: auch wenn Sie nicht auf Sendung sind. Damit kann das Team die Aufzeichnung bearbeiten. Sie machen ohne das genauso mit.',
    },
    joinUnrecorded: 'Ohne Aufzeichnung auf die Bühne',
    unrecorded:
      'Sie werden nicht aufgezeichnet und kommen deshalb nicht auf Sendung. Die anderen auf der Bühne sehen und hören Sie.',
    agree: 'Der Aufzeichnung zustimmen',
    tracksAsked: 'Das Team möchte auch Ihre Einzelspuren behalten.',
    keep: 'Behalten',
    doNotKeep: 'Nicht behalten',
    record: 'Mich aufzeichnen, solange ich auf Sendung bin',
    keepTracks: 'Meine Einzelspuren behalten',
    takenBack: 'Von ihnen wird nichts mehr behalten.',
    erase: 'Löschen, was davon behalten wurde',
    erasing: 'Das Team wurde gebeten, sie zu löschen.',
  },
} as const satisfies Record<string, ConsentWords>;
