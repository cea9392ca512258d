/** What coturn says of its sessions, as numbers: Debian's build of it has no metrics of its own. */

export interface Usage {
  /** Counts a line that tells of a session, and says so: those hold people's addresses, and are not for the log. */
  took(line: string): boolean;
  /** Relayed addresses in use now. */
  allocations(): number;
  /** Bytes of media since the start; coturn tells of them every few thousand packets, and at a session's end. */
  relayed(): { readonly toPeers: number; readonly fromPeers: number };
  /** Refused requests by STUN's error code. */
  refusals(): ReadonlyMap<number, number>;
}

const SESSION = /^\d+: : session (\d+): (.*)$/;
/** Other lines with addresses and names in them: where a connection comes from, who was refused. */
const OF_PEOPLE = /^\d+: : IPv[46]\. |check_stun_auth|A peer IP .* denied/;
const PEER_USAGE = /^peer usage: .*rb=(\d+), .*sb=(\d+)/;
/** Each refusal is told twice: of the method, and of "message". Of the challenge that begins every session there is the latter alone. */
const REFUSAL = /user <([^>]*)>: incoming packet message processed, error (\d+)/;

export function createUsage(): Usage {
  const allocated = new Set<string>();
  const refusals = new Map<number, number>();
  let toPeers = 0;
  let fromPeers = 0;
  return {
    took(line) {
      const [, session, said] = SESSION.exec(line) ?? [];
      if (session === undefined || said === undefined) return OF_PEOPLE.test(line);
      if (said.startsWith('new,')) allocated.add(session);
      else if (said.startsWith('delete:')) allocated.delete(session);
      const [, received, sent] = PEER_USAGE.exec(said) ?? [];
      fromPeers += Number(received ?? 0);
      toPeers += Number(sent ?? 0);
      const [, user, code] = REFUSAL.exec(said) ?? [];
      // The first request goes without a name, as it has to, to be told what to sign.
      if (user) refusals.set(Number(code), (refusals.get(Number(code)) ?? 0) + 1);
      return true;
    },
    allocations: () => allocated.size,
    relayed: () => ({ toPeers, fromPeers }),
    refusals: () => refusals,
  };
}
