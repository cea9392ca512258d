import { turnPassword } from '@rostrum/service-kit/turn-credentials';
import { iceServersOf } from './ice-servers.ts';

const turn = { urls: ['turn:eu.example.org', 'turns:us.example.org:443'], secret: 'a secret', ttlS: 100 };
const fixed = [{ urls: 'stun:stun.example.org' }];

describe('the ICE servers a person is told', () => {
  test('are the operator’s own and the TURN servers, with credentials for now', () => {
    let nowMs = 1_000_000;
    const of = iceServersOf({ fixed, turn, nowUnixMs: () => nowMs });
    const [own, relay] = of('ada') as { urls: unknown; username: string; credential: string }[];
    expect(own).toEqual(fixed[0]);
    expect(relay).toEqual({
      urls: turn.urls,
      username: expect.stringMatching(/^1100:/),
      credential: turnPassword('a secret', relay?.username ?? ''),
    });
    nowMs += 50_000;
    expect(of('ada')[1]).toMatchObject({ username: relay?.username.replace('1100', '1150') });
    expect(of('bob')[1]).not.toMatchObject({ username: relay?.username.replace('1100', '1150') });
  });

  test('without a TURN server are the operator’s own', () => {
    expect(iceServersOf({ fixed, turn: null, nowUnixMs: () => 0 })('ada')).toEqual(fixed);
  });
});
