import type { Metadata } from 'next';
import { ControlPage } from '../../components/control/control-room.tsx';

export const metadata: Metadata = { title: 'Control room' };

export default function Page() {
  return <ControlPage />;
}
