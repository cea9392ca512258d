/** Messages where there is no SMTP server: files that any mail program opens. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Message } from './compose.ts';
import { type Delivery, shortAnswer } from './delivery.ts';

/** In `folder`, which it makes. They hold links that let people in: nobody but this user reads them. */
export const folderDelivery = (folder: string): Delivery => ({
  kind: 'folder',
  async deliver({ messageId, raw }: Message) {
    const file = `${messageId.slice(1).split('@')[0]}.eml`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const part = join(folder, `.${file}.part`);
      await writeFile(part, raw, { mode: 0o600, flush: true });
      await rename(part, join(folder, file));
      return { kind: 'filed', file };
    } catch (error) {
      return { kind: 'deferred', reason: shortAnswer(String(error)), because: 'server' };
    }
  },
  close: () => undefined,
});
