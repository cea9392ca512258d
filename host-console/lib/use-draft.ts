import { useState } from 'react';

/**
 * A text field over something others can change too. It follows what is shown as long as nothing else was written here;
 * when it is no longer shown (null), the words stay for the next time.
 */
export function useDraft(shown: string | null): readonly [string, (text: string) => void] {
  const [text, setText] = useState(shown ?? '');
  const [followed, setFollowed] = useState(shown);
  if (shown !== followed) {
    setFollowed(shown);
    if (shown !== null && (text.trim() === '' || text.trim() === followed)) setText(shown);
  }
  return [text, setText];
}
