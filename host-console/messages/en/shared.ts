/** What stands on every page. */
export default {
  language: 'Language',
  languages: { en: 'English', de: 'Deutsch' },
  theme: { dark: 'Use the dark theme', light: 'Use the light theme' },
  offline: {
    title: 'You are offline',
    hint: 'Your network is gone. This page stays as it is and reconnects by itself.',
  },
  notFound: {
    title: 'There is no page here',
    hint: 'Check the address, or open the link you were given once more.',
  },
  stumbled: {
    title: 'This page stumbled',
    hint: 'The webinar itself is not affected. Opening the page again usually mends it.',
    again: 'Open it again',
  },
} as const;
