/**
 * Everything two parts of Rostrum have to agree on. Browser bundles import the files they need by path
 * (`@rostrum/contracts/layout`), so that validators stay out of them.
 */
export * from './apply-delta.ts';
export * from './camera-layers.ts';
export * from './cards.ts';
export * from './consent.ts';
export * from './display-text.ts';
export * from './errors.ts';
export * from './http-api.ts';
export * from './ids.ts';
export * from './layout.ts';
export * from './lines.ts';
export * from './measurements.ts';
export * from './media.ts';
export * from './media-right.ts';
export * from './media-urls.ts';
export * from './moment.ts';
export * from './network-quality.ts';
export * from './network-verdict.ts';
export * from './node-socket.ts';
export * from './person-socket.ts';
export * from './profile.ts';
export * from './protocol.ts';
export * from './publishing.ts';
export * from './recording.ts';
export * from './recording-edit.ts';
export * from './role-words.ts';
export * from './roles.ts';
export * from './scene.ts';
export * from './screen-codec.ts';
export * from './skeleton.ts';
export * from './text.ts';
export * from './token.ts';
export * from './view.ts';
export {
  AnswerText,
  type Hand,
  KeptAnswer,
  KeptName,
  KeptQuestion,
  KeptTitle,
  type LiveChannel,
  type LoggedEvent,
  type MadeLink,
  Moderation,
  type Person,
  PersonName,
  ProfileName as ProfileNameSchema,
  type Question,
  type QuestionStatus,
  QuestionText,
  Recorder,
  RecordingState,
  SENT_OUT_MS,
  WebinarEvent,
  type WebinarPhase,
  type WebinarState,
  WebinarTitle,
} from './webinar.ts';
