import type { Metadata } from 'next';
import { MessagePage } from '../components/shared/problem-page.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <MessagePage title="There is no page here">
      <p>Check the address, or open the link you were given once more.</p>
    </MessagePage>
  );
}
