import type { Metadata } from 'next';
import { Dashboard } from '../components/dashboard/dashboard.tsx';

export const metadata: Metadata = { title: 'Webinars' };

export default function Page() {
  return <Dashboard />;
}
