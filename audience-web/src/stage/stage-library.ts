/** One chunk, loaded when somebody goes on stage: WebRTC and the stage's own views. */
export { createStageClient } from '@rostrum/panel-sfu/client/stage';
export { StageView } from './stage-view.tsx';
