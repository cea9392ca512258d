export {
  ArchiveError,
  type ChannelArchive,
  hasRecording,
  openChannelArchive,
  type RecordingSummary,
} from './archive.ts';
