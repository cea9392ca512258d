'use client';

import { isolate } from '@rostrum/contracts/lines';
import { useEffect, useRef, useState } from 'react';
import { useControl } from './context.ts';

/** Tells screen readers of new hands and questions; what was there at first is not news. */
export function Announcer() {
  const { view } = useControl();
  const known = useRef<{ hands: ReadonlySet<string>; questions: ReadonlySet<string> } | null>(null);
  const [news, setNews] = useState('');
  useEffect(() => {
    const hands = new Set(view.hands.map((h) => h.personId));
    const questions = new Set(view.questions.map((q) => q.questionId));
    const before = known.current;
    known.current = { hands, questions };
    if (!before) return;
    const words = [
      ...view.hands
        .filter((h) => !before.hands.has(h.personId))
        .map((h) => `${isolate(h.name)} raised a hand.`),
      ...view.questions
        .filter((q) => !before.questions.has(q.questionId))
        .map((q) => `Question by ${isolate(q.name)}: ${isolate(q.text)}`),
    ];
    if (words.length > 0) setNews(words.length > 3 ? `${words.length} new requests.` : words.join(' '));
  }, [view.hands, view.questions]);
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label="News from the audience">
      {news}
    </div>
  );
}
