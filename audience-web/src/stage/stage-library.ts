/** One chunk, loaded when somebody looks at the device check: WebRTC, the stage's own views, and what is asked before. */
export { atSigns } from '@rostrum/panel-sfu/client/signs';
export { createStageClient } from '@rostrum/panel-sfu/client/stage';
export { ConsentAsked, consentAnswers } from './consent.tsx';
export { StageView } from './stage-view.tsx';
