/** What findings of `outside.ts` are told with, in the languages of the pages' catalogues: what is so, and what to do. */
import type { Finding } from './outside.ts';

export interface FindingWords {
  /** One sentence without its full stop. */
  readonly told: string;
  /** null: nothing is to be done. */
  readonly mend: string | null;
}

type Words = {
  readonly [A in Finding['about']]: {
    readonly [I in Extract<Finding, { about: A }>['is']]: (
      finding: Extract<Finding, { about: A }>,
    ) => FindingWords;
  };
};

const good = (told: string): FindingWords => ({ told, mend: null });
const why = (reason: string | null): string => (reason === null ? '' : ` (${reason})`);
const gigabytes = (bytes: number | null): string => ((bytes ?? 0) / 1e9).toFixed(0);

const OF_EN = { console: 'the console', media: 'the watch page', turn: 'the TURN server' } as const;
const OF_DE = {
  console: 'die Konsole',
  media: 'die Zuschauerseite',
  turn: 'der TURN-Server',
} as const;
const SETTING = {
  console: 'ROSTRUM_PUBLIC_URL',
  media: 'ROSTRUM_ORIGIN_PUBLIC_URL',
  turn: 'ROSTRUM_TURN_HOST',
} as const;

const en: Words = {
  name: {
    good: ({ host, of, addresses }) => good(`${host} (${OF_EN[of]}) leads here: ${addresses.join(', ')}`),
    unresolved: ({ host, of }) => ({
      told: `${host} (${OF_EN[of]}) has no address`,
      mend: 'add an A or AAAA record for it at your DNS provider',
    }),
    private: ({ host, of, addresses }) => ({
      told: `${host} (${OF_EN[of]}) leads to ${addresses.join(', ')}, which nobody outside reaches`,
      mend: 'have its DNS record point at the public address of this machine',
    }),
    elsewhere: ({ host, of, addresses }) => ({
      told: `${host} (${OF_EN[of]}) leads to ${addresses.join(', ')}, none of them an address of this machine`,
      mend: 'right where a CDN, a proxy or a NAT stands before it; else have the DNS record point here',
    }),
    local: ({ host, of }) => ({
      told: `${OF_EN[of]} is told as ${host}, which only this machine reaches`,
      mend: `set ${SETTING[of]} to the address that people open`,
    }),
  },
  certificate: {
    good: ({ host, daysLeft }) => good(`the certificate of ${host} is valid for ${daysLeft} more days`),
    soon: ({ host, daysLeft }) => ({
      told: `the certificate of ${host} expires in ${daysLeft} days`,
      mend: 'renew it, or see why its renewal has not run',
    }),
    expired: ({ host }) => ({ told: `the certificate of ${host} has expired`, mend: 'renew it' }),
    otherName: ({ host }) => ({
      told: `the certificate at ${host} is for another name`,
      mend: 'get one that names it, and point ROSTRUM_TLS_CERT and ROSTRUM_TLS_KEY at it',
    }),
    untrusted: ({ host, reason }) => ({
      told: `browsers do not trust the certificate of ${host}${why(reason)}`,
      mend: 'get one from a public authority, with its whole chain in the file',
    }),
    none: ({ host, of }) => ({
      told: `${host} (${OF_EN[of]}) has no HTTPS, and browsers give no camera without`,
      mend: 'set ROSTRUM_TLS_CERT and ROSTRUM_TLS_KEY, or put a proxy with HTTPS before it',
    }),
    unreachable: ({ host, of, reason }) => ({
      told: `nothing answers at ${host} (${OF_EN[of]})${why(reason)}`,
      mend: 'start Rostrum, and open the port in the firewall',
    }),
  },
  announced: {
    good: ({ address }) => good(`browsers are told ${address} for camera and sound`),
    private: ({ address }) => ({
      told: `browsers are told ${address} for camera and sound, which nobody outside reaches`,
      mend: 'set ROSTRUM_SFU_ANNOUNCED_IP to the public address',
    }),
    local: ({ address }) => ({
      told: `browsers are told ${address} for camera and sound, which only this machine reaches`,
      mend: 'set ROSTRUM_CONSOLE_HOST=0.0.0.0 and ROSTRUM_SFU_ANNOUNCED_IP to the public address',
    }),
  },
  turn: {
    good: ({ host }) => good(`the TURN server answers at ${host}`),
    none: () => ({
      told: 'there is no TURN server: panelists behind strict firewalls do not get in',
      mend: 'start with --turn, or set ROSTRUM_TURN_URLS',
    }),
    unreachable: ({ host, reason }) => ({
      told: `the TURN server does not answer at ${host}${why(reason)}`,
      mend: 'open its ports in the firewall (docs/turn.md)',
    }),
  },
  mail: {
    good: ({ host }) => good(`${host} takes mail`),
    folder: () => ({
      told: 'no mail is sent: messages lie in the outbox folder',
      mend: 'set ROSTRUM_SMTP_URL and ROSTRUM_MAIL_FROM (docs/mail.md)',
    }),
    refused: ({ host, reason }) => ({
      told: `${host} takes no mail from here${why(reason)}`,
      mend: 'see to name, port, user and password in ROSTRUM_SMTP_URL',
    }),
  },
  disk: {
    good: ({ freeBytes, hours }) => good(`${gigabytes(freeBytes)} GB are free: ${hours} hours of recordings`),
    little: ({ freeBytes, hours }) => ({
      told: `${gigabytes(freeBytes)} GB are free: ${hours} hours of recordings`,
      mend: 'delete recordings, or point ROSTRUM_DATA_DIR at a larger disk',
    }),
    slow: ({ slowestSyncMs }) => ({
      told: `the disk took ${slowestSyncMs} ms for a small write`,
      mend: 'every answer waits for such a write: use a local disk for ROSTRUM_DATA_DIR',
    }),
    unwritable: () => ({
      told: 'the data folder cannot be written to',
      mend: 'see to the owner of ROSTRUM_DATA_DIR, and to whether its disk is full or read-only',
    }),
  },
  node: {
    good: ({ of }) => good(of === 'stage' ? 'the stage is there' : 'the broadcaster is there'),
    none: ({ of }) => ({
      told:
        of === 'stage'
          ? 'no stage is connected: nobody can come on it'
          : 'no broadcaster is connected: nothing can go live',
      mend: './rostrum status, and the log of what does not run',
    }),
  },
  clock: {
    good: () => good('the clock follows a time server'),
    free: () => ({
      told: 'the clock follows no time server',
      mend: 'turn it on: timedatectl set-ntp true',
    }),
    unknown: () => ({
      told: 'nothing here says whether the clock follows a time server',
      mend: 'compare it with another one: links, certificates and mails go by it',
    }),
  },
  cookies: {
    good: () => good('private webinars can be played: the cookie reaches stream and console'),
    apart: ({ hosts }) => ({
      told: `${hosts.join(' and ')} share no cookie: private webinars cannot be played`,
      mend: 'give both names under one domain, and set ROSTRUM_COOKIE_DOMAIN to it',
    }),
    foreign: ({ domain, hosts }) => ({
      told: `ROSTRUM_COOKIE_DOMAIN is ${domain}, which ${hosts.join(' and ')} are not both under`,
      mend: 'set it to the domain that both names end with',
    }),
  },
  cdn: {
    good: () => good('CloudFront is as the settings say'),
    none: () => good('no CDN is set up: viewers come to this machine'),
    differs: () => ({
      told: 'CloudFront is not as the settings say',
      mend: './rostrum cdn plan, then apply',
    }),
    refused: ({ reason }) => ({
      told: `CloudFront cannot be asked${why(reason)}`,
      mend: './rostrum cdn plan',
    }),
  },
};

const de: Words = {
  name: {
    good: ({ host, of, addresses }) => good(`${host} (${OF_DE[of]}) führt hierher: ${addresses.join(', ')}`),
    unresolved: ({ host, of }) => ({
      told: `${host} (${OF_DE[of]}) hat keine Adresse`,
      mend: 'legen Sie bei Ihrem DNS-Anbieter einen A- oder AAAA-Eintrag an',
    }),
    private: ({ host, of, addresses }) => ({
      told: `${host} (${OF_DE[of]}) führt zu ${addresses.join(', ')}, was von außen niemand erreicht`,
      mend: 'lassen Sie den DNS-Eintrag auf die öffentliche Adresse dieses Rechners zeigen',
    }),
    elsewhere: ({ host, of, addresses }) => ({
      told: `${host} (${OF_DE[of]}) führt zu ${addresses.join(', ')}, keine davon eine Adresse dieses Rechners`,
      mend: 'richtig, wo ein CDN, ein Proxy oder ein NAT davor steht; sonst lassen Sie den DNS-Eintrag hierher zeigen',
    }),
    local: ({ host, of }) => ({
      told: `${OF_DE[of]} wird als ${host} genannt, was nur dieser Rechner erreicht`,
      mend: `setzen Sie ${SETTING[of]} auf die Adresse, die man öffnet`,
    }),
  },
  certificate: {
    good: ({ host, daysLeft }) => good(`das Zertifikat von ${host} gilt noch ${daysLeft} Tage`),
    soon: ({ host, daysLeft }) => ({
      told: `das Zertifikat von ${host} läuft in ${daysLeft} Tagen ab`,
      mend: 'erneuern Sie es, oder sehen Sie nach, warum das nicht von selbst geschah',
    }),
    expired: ({ host }) => ({ told: `das Zertifikat von ${host} ist abgelaufen`, mend: 'erneuern Sie es' }),
    otherName: ({ host }) => ({
      told: `das Zertifikat bei ${host} gilt für einen anderen Namen`,
      mend: 'beschaffen Sie eines mit diesem Namen, und nennen Sie es in ROSTRUM_TLS_CERT und ROSTRUM_TLS_KEY',
    }),
    untrusted: ({ host, reason }) => ({
      told: `Browser vertrauen dem Zertifikat von ${host} nicht${why(reason)}`,
      mend: 'beschaffen Sie eines von einer öffentlichen Stelle, mit der ganzen Kette in der Datei',
    }),
    none: ({ host, of }) => ({
      told: `${host} (${OF_DE[of]}) hat kein HTTPS, und ohne geben Browser keine Kamera frei`,
      mend: 'setzen Sie ROSTRUM_TLS_CERT und ROSTRUM_TLS_KEY, oder stellen Sie einen Proxy mit HTTPS davor',
    }),
    unreachable: ({ host, of, reason }) => ({
      told: `bei ${host} (${OF_DE[of]}) antwortet nichts${why(reason)}`,
      mend: 'starten Sie Rostrum, und öffnen Sie den Port in der Firewall',
    }),
  },
  announced: {
    good: ({ address }) => good(`Browsern wird für Bild und Ton ${address} genannt`),
    private: ({ address }) => ({
      told: `Browsern wird für Bild und Ton ${address} genannt, was von außen niemand erreicht`,
      mend: 'setzen Sie ROSTRUM_SFU_ANNOUNCED_IP auf die öffentliche Adresse',
    }),
    local: ({ address }) => ({
      told: `Browsern wird für Bild und Ton ${address} genannt, was nur dieser Rechner erreicht`,
      mend: 'setzen Sie ROSTRUM_CONSOLE_HOST=0.0.0.0 und ROSTRUM_SFU_ANNOUNCED_IP auf die öffentliche Adresse',
    }),
  },
  turn: {
    good: ({ host }) => good(`der TURN-Server antwortet bei ${host}`),
    none: () => ({
      told: 'es gibt keinen TURN-Server: wer hinter einer strengen Firewall sitzt, kommt nicht auf die Bühne',
      mend: 'starten Sie mit --turn, oder setzen Sie ROSTRUM_TURN_URLS',
    }),
    unreachable: ({ host, reason }) => ({
      told: `der TURN-Server antwortet bei ${host} nicht${why(reason)}`,
      mend: 'öffnen Sie seine Ports in der Firewall (docs/turn.md)',
    }),
  },
  mail: {
    good: ({ host }) => good(`${host} nimmt Nachrichten an`),
    folder: () => ({
      told: 'es wird keine Post verschickt: Nachrichten liegen im Ausgangsordner',
      mend: 'setzen Sie ROSTRUM_SMTP_URL und ROSTRUM_MAIL_FROM (docs/mail.md)',
    }),
    refused: ({ host, reason }) => ({
      told: `${host} nimmt von hier keine Nachrichten an${why(reason)}`,
      mend: 'prüfen Sie Name, Port, Benutzer und Kennwort in ROSTRUM_SMTP_URL',
    }),
  },
  disk: {
    good: ({ freeBytes, hours }) =>
      good(`${gigabytes(freeBytes)} GB sind frei: ${hours} Stunden Aufzeichnung`),
    little: ({ freeBytes, hours }) => ({
      told: `${gigabytes(freeBytes)} GB sind frei: ${hours} Stunden Aufzeichnung`,
      mend: 'löschen Sie Aufzeichnungen, oder legen Sie ROSTRUM_DATA_DIR auf eine größere Platte',
    }),
    slow: ({ slowestSyncMs }) => ({
      told: `die Platte brauchte für einen kleinen Schreibvorgang ${slowestSyncMs} ms`,
      mend: 'jede Antwort wartet auf einen solchen: nehmen Sie für ROSTRUM_DATA_DIR eine Platte im Rechner',
    }),
    unwritable: () => ({
      told: 'in den Datenordner kann nicht geschrieben werden',
      mend: 'sehen Sie nach, wem ROSTRUM_DATA_DIR gehört und ob die Platte voll oder schreibgeschützt ist',
    }),
  },
  node: {
    good: ({ of }) => good(of === 'stage' ? 'die Bühne ist da' : 'der Sender ist da'),
    none: ({ of }) => ({
      told:
        of === 'stage'
          ? 'keine Bühne ist verbunden: niemand kann sie betreten'
          : 'kein Sender ist verbunden: nichts kann live gehen',
      mend: './rostrum status, und das Protokoll dessen, was nicht läuft',
    }),
  },
  clock: {
    good: () => good('die Uhr folgt einem Zeitserver'),
    free: () => ({
      told: 'die Uhr folgt keinem Zeitserver',
      mend: 'schalten Sie es ein: timedatectl set-ntp true',
    }),
    unknown: () => ({
      told: 'nichts sagt hier, ob die Uhr einem Zeitserver folgt',
      mend: 'vergleichen Sie sie mit einer anderen: Links, Zertifikate und Nachrichten gehen nach ihr',
    }),
  },
  cookies: {
    good: () => good('private Webinare lassen sich abspielen: das Cookie erreicht Stream und Konsole'),
    apart: ({ hosts }) => ({
      told: `${hosts.join(' und ')} teilen kein Cookie: private Webinare lassen sich nicht abspielen`,
      mend: 'geben Sie beiden Namen unter einer Domain, und setzen Sie ROSTRUM_COOKIE_DOMAIN auf sie',
    }),
    foreign: ({ domain, hosts }) => ({
      told: `ROSTRUM_COOKIE_DOMAIN ist ${domain}, worunter ${hosts.join(' und ')} nicht beide liegen`,
      mend: 'setzen Sie es auf die Domain, mit der beide Namen enden',
    }),
  },
  cdn: {
    good: () => good('CloudFront ist, wie die Einstellungen es sagen'),
    none: () => good('kein CDN ist eingerichtet: Zuschauer kommen zu diesem Rechner'),
    differs: () => ({
      told: 'CloudFront ist nicht, wie die Einstellungen es sagen',
      mend: './rostrum cdn plan, dann apply',
    }),
    refused: ({ reason }) => ({
      told: `CloudFront lässt sich nicht fragen${why(reason)}`,
      mend: './rostrum cdn plan',
    }),
  },
};

const FINDING_WORDS = { en, de };

export function findingWords(finding: Finding, locale: keyof typeof FINDING_WORDS): FindingWords {
  const words = FINDING_WORDS[locale][finding.about] as Readonly<
    Record<string, (finding: Finding) => FindingWords>
  >;
  const of = words[finding.is];
  if (!of) throw new Error(`no words for ${finding.about} ${finding.is}`);
  return of(finding);
}
