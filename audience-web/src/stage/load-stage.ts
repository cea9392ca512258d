/** What is needed on the stage, and before it. The visit loads the same file, and says so when that fails. */
export const loadStage = () => import('./stage-library.ts');
