import type { Metadata } from 'next';
import { ReadyPage } from '../../components/ready/ready-page.tsx';

export const metadata: Metadata = { title: 'Ready?' };

export default function Page() {
  return <ReadyPage />;
}
