import { useEffect, useState } from 'react';

/** The server's clock in Unix milliseconds, anew every `everyMs`. `offsetMs` is what the server is ahead of this machine. */
export function useNow(everyMs: number, offsetMs = 0): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + offsetMs;
}
