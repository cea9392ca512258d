import classes from './page.module.css';

/** The product's mark and name. */
export function Brand({ compact = false }: { readonly compact?: boolean }) {
  return (
    <span className={classes.brand}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path d="M8 12h16l-2.200 5H10.200z" fill="var(--on-accent)" />
        <path d="M12 19h8l1.600 6H10.400z" fill="var(--on-accent)" opacity=".75" />
      </svg>
      {compact ? null : <span>Rostrum</span>}
    </span>
  );
}
