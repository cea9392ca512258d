import type { ApiScope, ApiToken, CreatedApiToken } from '@rostrum/contracts';
import { type Answered, ApiProblem, Connection, RostrumClient } from '../api-client/client.ts';
import { isBySession } from './session-token.ts';

/** Shorter than a program's: somebody looks at it. */
const RETRY = { times: 2, firstMs: 500, mostMs: 5000 } as const;

/** What the page for developers asks: the API's own client, and the tokens, which are for people alone. */
export interface DevelopersApi {
  readonly client: RostrumClient;
  tokens(): Promise<readonly ApiToken[]>;
  makeToken(name: string, scopes: readonly ApiScope[], validDays: number | null): Promise<CreatedApiToken>;
  revokeToken(tokenId: string): Promise<void>;
}

/** @param token the owner's, or what stands for a session. Its methods throw; `codeOf` says what. */
export function createDevelopersApi(token: string): DevelopersApi {
  const bearer = isBySession(token) ? null : token;
  const options = { baseUrl: window.location.origin, token: bearer, retry: RETRY };
  const connection = new Connection({ ...options, fetch: (...asked) => window.fetch(...asked) });
  const path = '/api/v1/tokens';
  const value = async <T>(answered: Promise<Answered<T>>): Promise<T> => (await answered).value;
  return {
    client: new RostrumClient({ ...options, fetch: (...asked) => window.fetch(...asked) }),
    tokens: async () =>
      (await value(connection.send<{ tokens: readonly ApiToken[] }>({ method: 'GET', path }))).tokens,
    makeToken: (name, scopes, validDays) =>
      value(connection.send({ method: 'POST', path, body: { name, scopes, validDays } })),
    async revokeToken(tokenId) {
      await connection.send({ method: 'DELETE', path: `${path}/${encodeURIComponent(tokenId)}` });
    },
  };
}

/** For whoever words it. */
export const codeOf = (error: unknown): string => (error instanceof ApiProblem ? error.code : 'unavailable');
