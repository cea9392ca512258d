/** What crew and panelists have among themselves. */
export default {
  chat: {
    title: 'Backstage chat',
    hint: 'Only the crew and the panelists read this.',
    open: 'Chat',
    close: 'Close the chat',
    unread: '{count, plural, one {# unread message} other {# unread messages}}',
    empty: 'Nothing was written yet',
    emptyHint: 'Greet each other, or say who comes first.',
    field: 'Message to everybody backstage',
    placeholder: 'Write backstage…',
    send: 'Send',
    keys: 'Enter sends, Shift + Enter begins a new line',
    away: 'The connection is lost. What you write stays here until it is back.',
    unsay: 'Take away the message by {name}',
    you: 'You',
    below: '{count, plural, one {# new message below} other {# new messages below}}',
    news: 'Backstage, {name}: {text}',
  },
} as const;
