'use client';

import { Button, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { SCENE_LINE_MAX } from '@rostrum/contracts/lines';
import { clipText } from '@rostrum/contracts/text';
import { useState } from 'react';
import { formatCountdown } from '../../lib/time.ts';
import { useDraft } from '../../lib/use-draft.ts';
import { useNow } from '../../lib/use-now.ts';
import { useControl } from './context.ts';
import room from './control.module.css';
import classes from './overlays-panel.module.css';

const MINUTES_MAX = 1440;

/** Lower third and full-frame slide: written first, shown when wanted. */
export function OverlaysPanel() {
  return (
    <>
      <LowerThirdEditor />
      <SlideEditor />
    </>
  );
}

function ShownMark({ shown }: { readonly shown: boolean }) {
  const { view } = useControl();
  if (!shown) return null;
  const live = view.phase.phase === 'live';
  return (
    <span className={classes.shown} data-live={live || undefined}>
      {live ? 'On air' : 'In the picture'}
    </span>
  );
}

function LowerThirdEditor() {
  const { view, send } = useControl();
  const shown = view.scene?.lowerThird ?? null;
  const [title, setTitle] = useDraft(shown?.title ?? null);
  const [subtitle, setSubtitle] = useDraft(shown?.subtitle ?? null);
  const changed = shown !== null && (shown.title !== title.trim() || shown.subtitle !== subtitle.trim());
  const show = (): void => {
    void send('scene:update', { lowerThird: { title: title.trim(), subtitle: subtitle.trim() } });
  };
  return (
    <form
      className={room.panel}
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() !== '') show();
      }}
    >
      <div className={room.panelHead}>
        <h2>Lower third</h2>
        <ShownMark shown={shown !== null} />
      </div>
      <TextInput
        label="Title"
        maxLength={SCENE_LINE_MAX}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        placeholder="Dr Ada Weber"
      />
      <TextInput
        label="Subtitle"
        maxLength={SCENE_LINE_MAX}
        value={subtitle}
        onChange={(event) => setSubtitle(event.currentTarget.value)}
        placeholder="Head of research"
      />
      <div className={room.row}>
        <Button
          type="submit"
          size="sm"
          variant={shown ? 'default' : 'light'}
          disabled={title.trim() === '' || (shown !== null && !changed)}
        >
          {shown ? 'Update lower third' : 'Show lower third'}
        </Button>
        {shown ? (
          <Button size="sm" variant="default" onClick={() => void send('scene:update', { lowerThird: null })}>
            Hide lower third
          </Button>
        ) : null}
      </div>
    </form>
  );
}

function SlideEditor() {
  const { view, send, serverOffsetMs } = useControl();
  const shown = view.scene?.slide ?? null;
  const [kind, setKind] = useState<'holding' | 'countdown'>(shown?.kind ?? 'holding');
  const [title, setTitle] = useDraft(shown?.title ?? null);
  const [subtitle, setSubtitle] = useDraft(shown?.kind === 'holding' ? shown.subtitle : null);
  const [minutes, setMinutes] = useState<number | string>(5);
  const words = title.trim() || clipText(kind === 'holding' ? view.title : 'We start in', SCENE_LINE_MAX);
  const minutesValid = typeof minutes === 'number' && minutes > 0 && minutes <= MINUTES_MAX;
  const show = (): void => {
    void send('scene:update', {
      slide:
        kind === 'holding'
          ? { kind, title: words, subtitle: subtitle.trim() }
          : {
              kind,
              title: words,
              untilUnixMs: Math.round(Date.now() + serverOffsetMs + Number(minutes) * 60_000),
            },
    });
  };
  return (
    <form
      className={room.panel}
      onSubmit={(event) => {
        event.preventDefault();
        show();
      }}
    >
      <div className={room.panelHead}>
        <h2>Slide</h2>
        <ShownMark shown={shown !== null} />
      </div>
      <SegmentedControl
        fullWidth
        aria-label="Kind of slide"
        value={kind}
        onChange={(value) => setKind(value as 'holding' | 'countdown')}
        data={[
          { value: 'holding', label: 'Holding' },
          { value: 'countdown', label: 'Countdown' },
        ]}
      />
      <TextInput
        label="Slide title"
        maxLength={SCENE_LINE_MAX}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        placeholder={kind === 'holding' ? view.title : 'We start in'}
      />
      {kind === 'holding' ? (
        <TextInput
          label="Slide subtitle"
          maxLength={SCENE_LINE_MAX}
          value={subtitle}
          onChange={(event) => setSubtitle(event.currentTarget.value)}
          placeholder="Back in a moment"
        />
      ) : (
        <NumberInput
          label="Minutes"
          min={0.5}
          max={MINUTES_MAX}
          step={1}
          value={minutes}
          onChange={setMinutes}
        />
      )}
      {shown?.kind === 'countdown' ? <CountdownLeft untilUnixMs={shown.untilUnixMs} /> : null}
      <div className={room.row}>
        <Button
          type="submit"
          size="sm"
          variant={shown ? 'default' : 'light'}
          disabled={kind === 'countdown' && !minutesValid}
        >
          {shown ? 'Update slide' : 'Show slide'}
        </Button>
        {shown ? (
          <Button size="sm" variant="default" onClick={() => void send('scene:update', { slide: null })}>
            Hide slide
          </Button>
        ) : null}
      </div>
    </form>
  );
}

function CountdownLeft({ untilUnixMs }: { readonly untilUnixMs: number }) {
  const { serverOffsetMs } = useControl();
  const now = useNow(500, serverOffsetMs);
  return <p className={room.muted}>Now at {formatCountdown(untilUnixMs, now)}</p>;
}
