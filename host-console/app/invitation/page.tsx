import type { Metadata } from 'next';
import { InvitationPage } from '../../components/account/mailed-pages.tsx';

export const metadata: Metadata = { title: 'Invitation' };

export default function Page() {
  return <InvitationPage />;
}
