import type { Metadata } from 'next';
import { SetupPage } from '../../components/account/setup-page.tsx';

export const metadata: Metadata = { title: 'Owner account' };

export default function Page() {
  return <SetupPage />;
}
