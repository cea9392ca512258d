import type { Metadata } from 'next';
import { RegistrationsPage } from '../../../../components/registrations/registrations-page.tsx';

export const metadata: Metadata = { title: 'Registrations' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params;
  return <RegistrationsPage webinarId={id} />;
}
