/** Browser storage that may be full, forbidden or broken: then nothing is kept, and nothing breaks. */
export interface Keep {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
}

export function keepIn(storage: () => Storage): Keep {
  return {
    read(key) {
      try {
        return storage().getItem(`rostrum.${key}`);
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        if (value === null) storage().removeItem(`rostrum.${key}`);
        else storage().setItem(`rostrum.${key}`, value);
      } catch {
        // Private windows and full disks: the page works without.
      }
    },
  };
}
