import type { Page } from 'playwright-core';
import {
  framesDecoded,
  moving,
  picture,
  type Remote,
  remote,
  startTestStage,
  stateOf,
  type TestStage,
  until,
} from './testing-stage.ts';
import { tap } from './testing-tap.ts';

/** Two pages with the stage client over a real worker: a smoke test of the worker's DTLS too. */
let stage: TestStage;

beforeAll(async () => {
  stage = await startTestStage();
});
afterAll(() => stage?.close());

describe('the stage in Chromium', () => {
  let ada: Page;
  let bob: Page;
  beforeAll(async () => {
    ada = await stage.open('ada0', 'red');
    bob = await stage.open('bob0', 'blue');
  });

  test('two people see each other, in the colours they send', async () => {
    await ada.evaluate(`probe.show('bob0', 'camera', 720)`);
    await bob.evaluate(`probe.show('ada0', 'camera', 720)`);
    await until('ada is red to bob', async () => {
      const seen = await picture(bob, 'ada0');
      return seen && seen.red > 150 && seen.blue < 100;
    });
    await until('bob is blue to ada', async () => {
      const seen = await picture(ada, 'bob0');
      return seen && seen.blue > 150 && seen.red < 100;
    });
    // The client looks at its decoder's counts now and then, so the mark may come a little after the picture.
    await until('the marks of a join', async () => {
      const marks = (await bob.evaluate('probe.marks()')) as { name: string }[];
      const names = marks.map((m) => m.name);
      return names.includes('rostrum:stage-join') && names.includes('rostrum:first-remote-frame');
    });
  });

  test('each reports on their network, and the SFU sees it too: on one machine all is well', async () => {
    await until(
      'reports of both, with their cameras',
      async () => ['ada0', 'bob0'].every((who) => stage.coordinator.reports.get(who)?.send.layers),
      20_000,
    );
    const report = stage.coordinator.reports.get('ada0');
    expect(report).toMatchObject({ send: { codec: 'VP8', layers: { of: 3 } }, relay: null });
    const sees = await until(
      'the SFU to have looked at both with media on all ways',
      async () =>
        stage.coordinator.notices.findLast(
          (n) => n.type === 'network' && n.people.filter((p) => p.send && p.receive).length === 2,
        ),
      20_000,
    );
    if (sees.type !== 'network') throw new Error('not a notice of networks');
    for (const { send, receive } of sees.people) {
      expect(send?.loss).toBeLessThan(0.05);
      expect(receive?.loss).toBeLessThan(0.05);
      expect(receive?.roundTripMs).toBeLessThan(500);
    }
    expect((await stateOf(ada)).quality).not.toBeNull();
  });

  test('a tile gets the layer it can show, and nothing while it is hidden', async () => {
    await bob.evaluate(`probe.show('ada0', 'camera', 720)`);
    await until('720 lines', async () => (await picture(bob, 'ada0'))?.height === 720, 20_000);
    expect((await remote(bob, 'ada0'))?.spatialLayer).toBe(2);
    await bob.evaluate(`probe.show('ada0', 'camera', 150)`);
    await until('180 lines', async () => (await picture(bob, 'ada0'))?.height === 180);
    await until('told of layer 0', async () => (await remote(bob, 'ada0'))?.spatialLayer === 0);
    await bob.evaluate(`probe.show('ada0', 'camera', 360)`);
    await until('360 lines', async () => (await picture(bob, 'ada0'))?.height === 360);

    await bob.evaluate(`probe.show('ada0', 'camera', null)`);
    const frames = async (): Promise<number> => {
      const { producerId } = (await remote(bob, 'ada0')) as Remote;
      return (await framesDecoded(bob))[producerId] ?? 0;
    };
    await until('no frames come', async () => {
      const before = await frames();
      await new Promise((wake) => setTimeout(wake, 300));
      return (await frames()) === before;
    });
    const hidden = await frames();
    await bob.evaluate(`probe.show('ada0', 'camera', 360)`);
    await until('frames come again', async () => (await frames()) > hidden);
  });

  test('a shared screen with its sound arrives as one layer, and goes', async () => {
    await ada.evaluate('probe.shareScreen()');
    await until('bob knows of it', async () => remote(bob, 'ada0', 'screen'));
    await bob.evaluate(`probe.show('ada0', 'screen', 900)`);
    await until('it is green', async () => {
      const seen = await picture(bob, 'ada0', 'screen');
      return seen && seen.green > 150 && seen.red < 100;
    });
    expect(await remote(bob, 'ada0', 'screenAudio')).toBeDefined();
    await until('its sound is coded in stereo', async () => {
      const reports = (await ada.evaluate('probe.reports()')) as {
        mimeType?: string;
        sdpFmtpLine?: string;
      }[];
      return reports.some((r) => r.mimeType === 'audio/opus' && /(^|;)stereo=1/.test(r.sdpFmtpLine ?? ''));
    });
    await ada.evaluate('probe.stopScreen()');
    await until('it is gone', async () => !(await remote(bob, 'ada0', 'screen')));
    await until('its sound is gone', async () => !(await remote(bob, 'ada0', 'screenAudio')));
  });

  test('who speaks is told, and a muted microphone or a camera turned off is seen', async () => {
    await until('both are heard', async () => {
      const { speakers } = await stateOf(bob);
      return speakers.dominant !== null && speakers.levels.length === 2;
    });
    await ada.evaluate('probe.mute(true)');
    await ada.evaluate('probe.cameraOff(true)');
    await until('bob sees both', async () => {
      const [mic, camera] = [await remote(bob, 'ada0', 'mic'), await remote(bob, 'ada0')];
      return mic?.paused && camera?.paused;
    });
    await until('only bob is heard', async () => {
      const { levels } = (await stateOf(bob)).speakers;
      return levels.length === 1 && levels[0]?.personId === 'bob0';
    });
    await ada.evaluate('probe.mute(false)');
    await ada.evaluate('probe.cameraOff(false)');
    await until('back', async () => {
      const [mic, camera] = [await remote(bob, 'ada0', 'mic'), await remote(bob, 'ada0')];
      return mic?.paused === false && camera?.paused === false;
    });
  });

  test('the broadcaster gets RTP of the top layer and sender reports with one CNAME for camera and microphone', async () => {
    const ofAda = [...stage.coordinator.producers.values()].filter((p) => p.personId === 'ada0');
    const taps = await Promise.all(
      ofAda.map(async ({ producerId, source }) => ({
        source,
        ...(await tap(stage.coordinator, producerId)),
      })),
    );
    try {
      for (const { source, seen } of taps) {
        await until(`RTP of ${source}`, async () => seen.packets > 20);
        await until(`sender report of ${source}`, async () => seen.senderReports > 0, 15_000);
        expect(seen.strangers).toBe(0);
      }
      expect(new Set(taps.map((t) => t.cname)).size).toBe(1);
      expect(new Set(taps.flatMap((t) => [...t.seen.cnames]))).toEqual(new Set([taps[0]?.cname]));
      const [camera] = taps.filter((t) => t.source === 'camera');
      const pause = (paused: boolean) =>
        stage.coordinator.ask('egress.update', {
          roomId: 'test-room',
          egressId: camera?.egressId ?? '',
          paused,
        });
      await pause(true);
      await until('nothing while paused', async () => {
        const before = camera?.seen.packets;
        await new Promise((wake) => setTimeout(wake, 300));
        return camera?.seen.packets === before;
      });
      const before = camera?.seen.packets ?? 0;
      await pause(false);
      await until('again after', async () => (camera?.seen.packets ?? 0) > before + 20);
    } finally {
      await Promise.all(taps.map((t) => t.close()));
    }
  });

  test('a connection that breaks leaves the media as it is; what happened meanwhile is seen after it', async () => {
    const before = await stateOf(ada);
    stage.coordinator.dropPerson('ada0');
    await until(
      'the connection is away',
      async () => (await ada.evaluate('probe.connection()')) !== 'connected',
    );
    await bob.evaluate('probe.mute(true)');
    await until('it is back', async () => (await ada.evaluate('probe.connection()')) === 'connected');
    await until('bob is seen muted', async () => (await remote(ada, 'bob0', 'mic'))?.paused);
    const after = await stateOf(ada);
    expect(after.status).toBe('joined');
    expect(after.camera?.producerId).toBe(before.camera?.producerId);
    expect(await moving(bob, 'ada0')).toBe(true);
    expect(await moving(ada, 'bob0')).toBe(true);
    await bob.evaluate('probe.mute(false)');
  });

  test('a worker that is killed is survived without a hand', async () => {
    const metrics = await (await fetch(stage.service.metricsUrl)).text();
    expect(metrics).toMatch(/rostrum_sfu_producers 4\n/);
    process.kill(stage.service.pool.alive()[0]!.worker.pid, 'SIGKILL');
    await until('the node says the room is lost', async () =>
      stage.coordinator.notices.some((n) => n.type === 'room.lost'),
    );
    for (const page of [ada, bob]) {
      await until('joined again', async () => {
        const { status, camera, remotes } = await stateOf(page);
        return status === 'joined' && camera?.producerId !== null && remotes.length === 2;
      });
    }
    await until('bob sees ada after that', () => moving(bob, 'ada0'));
    await until('ada sees bob after that', () => moving(ada, 'bob0'));
  });

  test('H.264 goes the same way', async () => {
    const cat = await stage.open('cat0', 'red', '&codec=H264');
    await bob.evaluate(`probe.show('cat0', 'camera', 360)`);
    await until('cat is red to bob', async () => {
      const seen = await picture(bob, 'cat0');
      return seen && seen.red > 150 && seen.blue < 100;
    });
    await cat.evaluate('probe.leave()');
    await until('cat is gone', async () => !(await remote(bob, 'cat0')));
    await cat.close();
  });
});
