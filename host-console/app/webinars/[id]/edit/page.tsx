import type { Metadata } from 'next';
import { EditorPage } from '../../../../components/editor/editor-page.tsx';

export const metadata: Metadata = { title: 'Edit' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params;
  return <EditorPage webinarId={id} />;
}
