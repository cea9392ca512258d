'use client';

import { Button, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './dialogs.module.css';

const DONE_MS = 2000;

/** A link to read, select and copy. */
export function CopyField({
  label,
  shown = label,
  value,
  hint,
}: {
  readonly label: string;
  /** The same words, marked up. */
  readonly shown?: ReactNode;
  readonly value: string;
  readonly hint?: string;
}) {
  const ref = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), DONE_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async (): Promise<void> => {
    ref.current?.select();
    try {
      // Absent on unencrypted pages other than localhost.
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      notifyProblem('copy-failed');
    }
  };

  return (
    <div className={classes.link}>
      <TextInput
        ref={ref}
        label={shown}
        {...(hint === undefined ? {} : { description: hint })}
        value={value}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button
        variant={copied ? 'light' : 'default'}
        color={copied ? 'good' : 'accent'}
        leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
        aria-label={`Copy link: ${label}`}
        onClick={() => void copy()}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}
