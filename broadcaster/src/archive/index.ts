export {
  ArchiveError,
  begunWith,
  type ChannelArchive,
  hasRecording,
  openChannelArchive,
  type RecordingSummary,
} from './archive.ts';
export { archiveMetrics } from './metrics.ts';
