import type { Metadata } from 'next';
import { StagePage } from '../../components/stage/stage-page.tsx';

export const metadata: Metadata = { title: 'Stage' };

export default function Page() {
  return <StagePage />;
}
