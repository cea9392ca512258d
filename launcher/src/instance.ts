/** Where one running Rostrum keeps its things: everything below ROSTRUM_HOME. */
export interface Instance {
  lockFile: string;
  stateFile: string;
  logDir: string;
  tlsDir: string;
}

export function instanceAt(homeDir: string): Instance {
  return {
    lockFile: `${homeDir}/run/lock`,
    stateFile: `${homeDir}/run/state.json`,
    logDir: `${homeDir}/log`,
    tlsDir: `${homeDir}/tls`,
  };
}

/** The variable that every process of a run carries, so that none is ever lost sight of. */
export const runIdVariable = 'ROSTRUM_RUN_ID';
