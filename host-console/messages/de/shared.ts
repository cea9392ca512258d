export default {
  language: 'Sprache',
  languages: { en: 'English', de: 'Deutsch' },
  theme: { dark: 'Dunkle Darstellung', light: 'Helle Darstellung' },
  offline: {
    title: 'Sie sind offline',
    hint: 'Ihr Netz ist weg. Diese Seite bleibt, wie sie ist, und verbindet sich von selbst wieder.',
  },
  notFound: {
    title: 'Hier ist keine Seite',
    hint: 'Prüfen Sie die Adresse, oder öffnen Sie den Link, den Sie bekommen haben, noch einmal.',
  },
  stumbled: {
    title: 'Diese Seite ist gestolpert',
    hint: 'Das Webinar selbst ist nicht betroffen. Meist hilft es, die Seite noch einmal zu öffnen.',
    again: 'Noch einmal öffnen',
  },
} as const;
