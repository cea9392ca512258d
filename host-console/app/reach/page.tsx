import type { Metadata } from 'next';
import { ReachPage } from '../../components/ready/reach-page.tsx';

export const metadata: Metadata = { title: 'Network check' };

export default function Page() {
  return <ReachPage />;
}
