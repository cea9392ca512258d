export default {
  hello: 'Guten Tag {name},',
  helloNobody: 'Guten Tag,',
  when: '{when} ({zone}), {minutes, plural, one {# Minute} other {# Minuten}}',
  series: 'Es findet mehrmals statt: Der Kalendereintrag enthält alle Termine.',
  personal: 'Der Link ist nur für Sie bestimmt: Bitte geben Sie ihn nicht weiter.',
  noButton: 'Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse: {url}',
  unsubscribe:
    'Sie erhalten diese Nachricht, weil diese Adresse für das Webinar angemeldet wurde. Keine weiteren Nachrichten dazu: {url}',
  asked: 'Sie erhalten diese Nachricht, weil jemand, der diesen Webinardienst betreibt, darum gebeten hat.',
  kinds: {
    invitation: {
      subject: '{inviter} lädt Sie ein, Webinare zu veranstalten',
      text: '{inviter} möchte mit Ihnen zusammen Webinare veranstalten. Öffnen Sie den Link, um Ihr Konto einzurichten. Das kann jeder, der den Link hat: Bitte geben Sie ihn nicht weiter.',
      button: 'Mein Konto einrichten',
    },
    'password-reset': {
      subject: 'Ein neues Passwort',
      text: 'Jemand, hoffentlich Sie, hat für diese Adresse ein neues Passwort angefordert. Der Link gilt {minutes, plural, one {# Minute} other {# Minuten}}. Wenn Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.',
      button: 'Neues Passwort wählen',
    },
    'panelist-invited': {
      subject: 'Einladung als Rednerin oder Redner: {title}',
      text: 'Sie sind eingeladen, in „{title}“ zu sprechen. Der Link führt Sie hinter die Bühne, wo Sie Kamera und Mikrofon vorab ausprobieren können. Sie müssen nichts installieren.',
      button: 'Hinter die Bühne',
    },
    'moderator-invited': {
      subject: 'Einladung zur Moderation: {title}',
      text: 'Sie sind eingeladen, „{title}“ zu moderieren. Der Link führt Sie in die Regie.',
      button: 'Regie öffnen',
    },
    'registration-confirmed': {
      subject: 'Sie sind angemeldet: {title}',
      text: 'Sie sind für „{title}“ angemeldet. Der Link führt Sie vom Countdown in das Webinar und danach zur Aufzeichnung, falls es eine gibt.',
      button: 'Webinar öffnen',
    },
    'registration-pending': {
      subject: 'Ihre Anmeldung wird geprüft: {title}',
      text: 'Vielen Dank für Ihre Anmeldung zu „{title}“. Die Veranstalter sehen sich jede Anmeldung an; sobald das geschehen ist, hören Sie von uns.',
      button: 'Meine Anmeldung ansehen',
    },
    'registration-refused': {
      subject: 'Ihre Anmeldung: {title}',
      text: 'Vielen Dank für Ihr Interesse an „{title}“. Leider konnten die Veranstalter Ihnen keinen Platz geben.',
      button: 'Webinar ansehen',
    },
    'registration-waiting': {
      subject: 'Sie stehen auf der Warteliste: {title}',
      text: 'Alle Plätze für „{title}“ sind vergeben. Sie stehen auf der Warteliste und hören von uns, sobald ein Platz frei wird.',
      button: 'Meine Anmeldung ansehen',
    },
    'reminder-day': {
      subject: 'Erinnerung: {title}',
      text: 'Bis zu „{title}“ ist es nur noch ein Tag.',
      button: 'Webinar öffnen',
    },
    'reminder-hour': {
      subject: 'Gleich geht es los: {title}',
      text: '„{title}“ beginnt innerhalb der nächsten Stunde. Die Seite ist schon offen: Kommen Sie, wann Sie mögen.',
      button: 'Webinar öffnen',
    },
    'live-now': {
      subject: 'Jetzt live: {title}',
      text: '„{title}“ hat begonnen.',
      button: 'Jetzt zusehen',
    },
    'recording-ready': {
      subject: 'Die Aufzeichnung ist da: {title}',
      text: 'Die Aufzeichnung von „{title}“ können Sie jetzt ansehen.',
      button: 'Aufzeichnung ansehen',
    },
    'webinar-changed': {
      subject: 'Geändert: {title}',
      text: '„{title}“ wurde geändert. Was hier steht, gilt jetzt, und aktualisiert den Eintrag in Ihrem Kalender.',
      button: 'Webinar öffnen',
    },
    'webinar-cancelled': {
      subject: 'Abgesagt: {title}',
      text: '„{title}“ wurde abgesagt und findet nicht statt. Das tut uns leid.',
      button: 'Webinar ansehen',
    },
  },
} as const;
