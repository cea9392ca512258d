export {
  ArchiveError,
  begunWith,
  type ChannelArchive,
  openChannelArchive,
  type RecordingSummary,
} from './archive.ts';
export { archiveMetrics } from './metrics.ts';
