'use client';

import { Button } from '@mantine/core';
import { MessagePage } from '../components/shared/problem-page.tsx';

/** What stands in the place of a page that broke while drawing. The show itself runs on. */
export default function PageError({ reset }: { readonly reset: () => void }) {
  return (
    <MessagePage title="This page stumbled">
      <p>The webinar itself is not affected. Opening the page again usually mends it.</p>
      <Button onClick={reset}>Open it again</Button>
    </MessagePage>
  );
}
