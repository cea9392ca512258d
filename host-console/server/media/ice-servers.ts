import { turnCredentials } from '@rostrum/service-kit/turn-credentials';

/** The RTCIceServers that one person is told, made anew each time: their credentials run out. Not for logs. */
export type IceServersOf = (personId: string) => Record<string, unknown>[];

/** TURN servers that take credentials made with a shared secret; those of several regions have one between them. */
export interface TurnServers {
  readonly urls: readonly string[];
  readonly secret: string;
  readonly ttlS: number;
}

export function iceServersOf(options: {
  /** As the operator gave them, the same for all. */
  readonly fixed: readonly Record<string, unknown>[];
  readonly turn: TurnServers | null;
  readonly nowUnixMs: () => number;
}): IceServersOf {
  const { fixed, turn, nowUnixMs } = options;
  return (personId) => {
    if (turn === null) return [...fixed];
    const { urls, secret, ttlS } = turn;
    return [
      ...fixed,
      { urls: [...urls], ...turnCredentials({ secret, personId, ttlS, nowMs: nowUnixMs() }) },
    ];
  };
}
