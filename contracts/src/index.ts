/**
 * Everything two parts of Rostrum have to agree on. Browser bundles import the files they need by path
 * (`@rostrum/contracts/layout`), so that validators stay out of them.
 */
export * from './accounts.ts';
export * from './api-scopes.ts';
export * from './api-v1.ts';
export * from './apply-delta.ts';
export * from './backstage-limits.ts';
export * from './camera-layers.ts';
export * from './cards.ts';
export * from './consent.ts';
export * from './display-text.ts';
export * from './doors-limits.ts';
export * from './errors.ts';
export * from './features/backstage.ts';
export * from './features/consent.ts';
export * from './features/doors.ts';
export * from './features/hands.ts';
export * from './features/links.ts';
export * from './features/people.ts';
export {
  KeptTitle,
  type LiveChannel,
  PhaseEvent,
  type PhaseState,
  PhaseView,
  ProfileName as ProfileNameSchema,
  phaseCommands,
  Recorder,
  RecordingState,
  type WebinarPhase,
  WebinarTitle,
} from './features/phase.ts';
export * from './features/plan.ts';
export * from './features/questions.ts';
export * from './features/recording.ts';
export * from './features/rules.ts';
export * from './features/scene.ts';
export * from './http-api.ts';
export * from './ids.ts';
export * from './layout.ts';
export * from './lines.ts';
export * from './mails.ts';
export * from './measurements.ts';
export * from './media.ts';
export * from './media-right.ts';
export * from './media-urls.ts';
export * from './moment.ts';
export * from './network-quality.ts';
export * from './network-verdict.ts';
export * from './node-socket.ts';
export * from './outside.ts';
export * from './outside-words.ts';
export * from './person-socket.ts';
export * from './plan.ts';
export * from './profile.ts';
export * from './protocol.ts';
export * from './publishing.ts';
export * from './recording.ts';
export * from './recording-edit.ts';
export * from './registration.ts';
export * from './reports.ts';
export * from './role-words.ts';
export * from './roles.ts';
export * from './running-order.ts';
export * from './scene.ts';
export * from './screen-codec.ts';
export * from './series.ts';
export * from './skeleton.ts';
export * from './speaker-invitations.ts';
export * from './text.ts';
export * from './token.ts';
export * from './view.ts';
export * from './webhooks.ts';
export * from './webinar.ts';
