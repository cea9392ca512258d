import { ApiToken, CreateApiToken, CreatedApiToken, PROBLEM_CODES } from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from '../route.ts';

/** The API's secrets, which people make and no token does; and what its problems are. */
export const TOKEN_ROUTES = {
  createApiToken: {
    method: 'post',
    path: '/api/v1/tokens',
    summary: 'Makes an API token (owner, not by a token). Its secret is told this once.',
    bearer: true,
    body: CreateApiToken,
    status: 201,
    answer: CreatedApiToken,
  },
  listApiTokens: {
    method: 'get',
    path: '/api/v1/tokens',
    summary: 'The API tokens, newest first (owner, not by a token).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ tokens: z.array(ApiToken) }),
  },
  revokeApiToken: {
    method: 'delete',
    path: '/api/v1/tokens/:tokenId',
    summary: 'Takes an API token back, at once and for good (owner, not by a token).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
  aboutProblem: {
    method: 'get',
    path: '/api/v1/problems/:code',
    summary: 'What a problem’s `type` leads to.',
    bearer: false,
    body: null,
    status: 200,
    answer: z.object({ type: z.string(), title: z.string(), code: z.enum(PROBLEM_CODES) }),
  },
} as const satisfies Record<string, Route>;
