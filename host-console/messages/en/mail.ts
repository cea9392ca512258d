/** What is mailed. */
export default {
  hello: 'Hello {name},',
  helloNobody: 'Hello,',
  when: '{when} ({zone}), {minutes, plural, one {# minute} other {# minutes}}',
  series: 'It takes place several times: the calendar entry has every date.',
  personal: 'The link is yours alone: please do not pass it on.',
  noButton: 'If the button does not work, open this address: {url}',
  unsubscribe:
    'You get this because this address was registered for the webinar. No more mails about it: {url}',
  asked: 'You get this because somebody who runs this webinar service asked for it.',
  kinds: {
    invitation: {
      subject: '{inviter} invites you to run webinars',
      text: '{inviter} would like you to run webinars together. Open the link to set up your account. Whoever has the link can do so: please do not pass it on.',
      button: 'Set up my account',
    },
    'password-reset': {
      subject: 'A new password',
      text: 'Somebody, you we hope, asked for a new password for this address. The link is good for {minutes, plural, one {# minute} other {# minutes}}. If it was not you, do nothing: your password stays as it is.',
      button: 'Choose a new password',
    },
    'panelist-invited': {
      subject: 'You are invited to speak: {title}',
      text: 'You are invited to speak in “{title}”. The link takes you backstage, where you can try your camera and microphone before it begins. Nothing needs to be installed.',
      button: 'Go backstage',
    },
    'moderator-invited': {
      subject: 'You are invited to moderate: {title}',
      text: 'You are invited to moderate “{title}”. The link takes you to its control room.',
      button: 'Open the control room',
    },
    'registration-confirmed': {
      subject: 'You are registered: {title}',
      text: 'You are registered for “{title}”. The link takes you from the countdown to the webinar, and afterwards to its recording if there is one.',
      button: 'Open the webinar',
    },
    'registration-pending': {
      subject: 'Your registration is being looked at: {title}',
      text: 'Thank you for registering for “{title}”. The organizers look at each registration; you will hear from us as soon as they have.',
      button: 'See my registration',
    },
    'registration-refused': {
      subject: 'Your registration: {title}',
      text: 'Thank you for your interest in “{title}”. Unfortunately the organizers could not give you a place.',
      button: 'See the webinar',
    },
    'registration-waiting': {
      subject: 'You are on the waiting list: {title}',
      text: 'All places for “{title}” are taken. You are on the waiting list, and will hear from us when a place becomes free.',
      button: 'See my registration',
    },
    'reminder-day': {
      subject: 'Reminder: {title}',
      text: '“{title}” is only a day away.',
      button: 'Open the webinar',
    },
    'reminder-hour': {
      subject: 'Starting soon: {title}',
      text: '“{title}” starts within the hour. The page is open already: come in when you like.',
      button: 'Open the webinar',
    },
    'live-now': {
      subject: 'Live now: {title}',
      text: '“{title}” has started.',
      button: 'Watch now',
    },
    'recording-ready': {
      subject: 'The recording is ready: {title}',
      text: 'The recording of “{title}” can be watched now.',
      button: 'Watch the recording',
    },
    'webinar-changed': {
      subject: 'Changed: {title}',
      text: '“{title}” was changed. What stands here holds now, and updates the entry in your calendar.',
      button: 'Open the webinar',
    },
    'webinar-cancelled': {
      subject: 'Cancelled: {title}',
      text: '“{title}” was cancelled and will not take place. We are sorry.',
      button: 'See the webinar',
    },
  },
} as const;
