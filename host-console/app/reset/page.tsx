import type { Metadata } from 'next';
import { ResetPage } from '../../components/account/mailed-pages.tsx';

export const metadata: Metadata = { title: 'New password' };

export default function Page() {
  return <ResetPage />;
}
