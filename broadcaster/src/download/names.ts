/** What downloads are called, on disk, in addresses and to those who save them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attachment, fileNameOf } from '@rostrum/service-kit/file-name';
import { z } from 'zod';

export const DOWNLOADS_FOLDER = 'download';
/** Relative to the channel's folder, and to that of the recording's address. */
export const downloadName = (rendition: string): string => `${DOWNLOADS_FOLDER}/${rendition}.mp4`;
/** The rendition that a name is the download of; undefined: it is none. */
export const downloadOf = (name: string): string | undefined =>
  /^download\/([A-Za-z0-9_-]{1,32})\.mp4$/.exec(name)?.[1];

/** Of `about.json`, as much as is read. */
const About = z.object({ title: z.string() });

/** `Content-Disposition`, by the title that is told of the recording. @param folder of the channel */
export async function dispositionOf(folder: string, rendition: string): Promise<string> {
  const title = await readFile(join(folder, 'about.json'), 'utf8')
    .then((text) => About.parse(JSON.parse(text)).title)
    .catch(() => ''); // nothing is told of it (yet)
  return attachment(`${fileNameOf(title) || 'Recording'} ${rendition}.mp4`);
}
