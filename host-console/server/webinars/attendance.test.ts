import { Attendance } from './attendance.ts';

const MINUTE = 60_000;
const START_UNIX = 1_700_000_000_000;

describe('a live webinar whose crew is gone', () => {
  let nowMs: number;
  let attendance: Attendance;
  const made = (endAfterMs: number): Attendance => {
    nowMs = 1000;
    return new Attendance({ nowMs: () => nowMs, nowUnixMs: () => START_UNIX + nowMs }, endAfterMs);
  };
  /** Looks each second for so long; answers what was to end. */
  const pass = (durationMs: number, attended: boolean): string[] => {
    const ended: string[] = [];
    for (const end = nowMs + durationMs; nowMs < end; nowMs += 1000) {
      ended.push(...attendance.look([{ webinarId: 'webinar1', attended }]));
    }
    return ended;
  };

  test('is shown after two minutes, with the time it ends at, and ends then', () => {
    attendance = made(30 * MINUTE);
    expect(pass(MINUTE, true)).toEqual([]);
    expect(pass(MINUTE, false)).toEqual([]);
    expect(attendance.unattended('webinar1')).toBeNull();
    expect(pass(28 * MINUTE, false)).toEqual([]);
    const sinceUnixMs = START_UNIX + 1000 + MINUTE;
    expect(attendance.unattended('webinar1')).toEqual({
      sinceUnixMs,
      endsUnixMs: sinceUnixMs + 30 * MINUTE,
    });
    expect(pass(MINUTE + 2000, false)).toEqual(['webinar1']);
    expect(attendance.look([])).toEqual([]);
    expect(attendance.unattended('webinar1')).toBeNull();
  });

  test('that could not be ended is ended a minute later', () => {
    attendance = made(5 * MINUTE);
    expect(pass(6 * MINUTE + 2000, false)).toEqual(['webinar1', 'webinar1']);
  });

  test('goes on when somebody comes, who is asked until the crew says so', () => {
    attendance = made(30 * MINUTE);
    pass(12 * MINUTE, false);
    expect(attendance.asked('webinar1')).toBeNull();
    pass(1000, true);
    expect(attendance.asked('webinar1')).toEqual({ forMs: 12 * MINUTE });
    expect(attendance.unattended('webinar1')).toBeNull();
    attendance.keep('webinar1');
    expect(attendance.asked('webinar1')).toBeNull();
    expect(pass(29 * MINUTE, false)).toEqual([]);
  });

  test('that was away for a moment is not asked about', () => {
    attendance = made(30 * MINUTE);
    pass(MINUTE, false);
    pass(MINUTE, true);
    expect(attendance.asked('webinar1')).toBeNull();
  });

  test('never ends by itself where the setting says so', () => {
    attendance = made(0);
    expect(pass(300 * MINUTE, false)).toEqual([]);
    expect(attendance.unattended('webinar1')).toMatchObject({ endsUnixMs: null });
  });
});
