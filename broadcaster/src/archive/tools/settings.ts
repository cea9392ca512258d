import { resolve } from 'node:path';
import { parseSettings } from '@rostrum/service-kit/settings';
import { z } from 'zod';
import { archiveDirOf, SettingsSchema, s3PlaceOf } from '../../settings.ts';
import type { S3Place } from '../publish/s3.ts';

const { shape } = SettingsSchema;

/** Of the broadcaster's settings those that say where recordings are. */
const ToolSettings = z.object({
  ROSTRUM_DATA_DIR: shape.ROSTRUM_DATA_DIR,
  ROSTRUM_S3_BUCKET: shape.ROSTRUM_S3_BUCKET,
  ROSTRUM_S3_PREFIX: shape.ROSTRUM_S3_PREFIX,
  ROSTRUM_S3_REGION: shape.ROSTRUM_S3_REGION,
  ROSTRUM_S3_ENDPOINT: shape.ROSTRUM_S3_ENDPOINT,
  ROSTRUM_S3_PATH_STYLE: shape.ROSTRUM_S3_PATH_STYLE,
});

export interface ToolPlaces {
  readonly archiveDir: string;
  readonly s3: S3Place | undefined;
}

/** Throws a `SettingsError`. */
export function readToolSettings(env: NodeJS.ProcessEnv): ToolPlaces {
  const s = parseSettings(ToolSettings, env, { secrets: [] });
  return { archiveDir: archiveDirOf(resolve(s.ROSTRUM_DATA_DIR)), s3: s3PlaceOf(s) };
}
