import type { Metadata } from 'next';
import { ReportPage } from '../../../../components/report/report-page.tsx';

export const metadata: Metadata = { title: 'Attendance' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  return <ReportPage webinarId={(await params).id} />;
}
