/** One chunk, loaded when somebody looks at the device check: WebRTC and the stage's own views. */
export { atSigns } from '@rostrum/panel-sfu/client/signs';
export { createStageClient } from '@rostrum/panel-sfu/client/stage';
export { StageView } from './stage-view.tsx';
