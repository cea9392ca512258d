/** The look of the pages, in the console's tokens. @param accent of the webinar's branding, `#rrggbb` */
export const styleOf = (tokens: string, accent: string): string => `${tokens}
:root { --brand: ${accent}; --on-brand: ${readable(accent)}; }
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; font: var(--text-md)/1.55 var(--font-sans); color: var(--text); background: var(--surface-sunken); }
main { max-width: 46rem; margin: 0 auto; padding: var(--space-5) var(--space-4) var(--space-7); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-lg); box-shadow: var(--shadow); overflow: hidden; }
.cover { display: block; width: 100%; height: auto; background: var(--surface-raised); }
.bar { height: 6px; background: var(--brand); }
.inner { padding: var(--space-6) var(--space-5); display: grid; gap: var(--space-5); }
.inner > * { margin: 0; min-width: 0; }
.logo { max-height: 48px; max-width: 60%; width: auto; height: auto; }
h1 { font-size: clamp(var(--text-xl), 5vw, var(--text-2xl)); line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: var(--text-lg); margin: 0 0 var(--space-3); }
p { overflow-wrap: anywhere; }
.text p { margin: 0 0 var(--space-3); white-space: pre-line; }
.muted { color: var(--text-muted); }
.small { font-size: var(--text-sm); }
dl { display: grid; grid-template-columns: auto 1fr; gap: var(--space-2) var(--space-4); }
dt { color: var(--text-muted); } dd { margin: 0; }
.live { display: inline-flex; align-items: center; gap: var(--space-2); background: var(--air); color: var(--on-air); font-weight: 600; padding: var(--space-1) var(--space-3); border-radius: var(--radius-full); justify-self: start; }
.clock { background: var(--surface-raised); border-radius: var(--radius-md); padding: var(--space-4); }
.clock div { display: flex; gap: var(--space-4); flex-wrap: wrap; }
.clock [hidden] { display: none; }
.clock i { font-style: normal; display: grid; min-width: 4.2rem; }
.clock b { font-size: var(--text-xl); font-variant-numeric: tabular-nums; line-height: 1.2; }
.clock span { color: var(--text-muted); font-size: var(--text-sm); }
.links { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); padding: 0; margin: 0; list-style: none; }
a { color: var(--accent-strong); text-underline-offset: 0.2em; }
form { display: grid; gap: var(--space-4); }
.field { display: grid; gap: var(--space-1); }
label, legend { font-weight: 600; }
.field small { color: var(--text-muted); font-weight: 400; font-size: var(--text-sm); }
input[type=text], input[type=email], textarea, select { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--text-muted); border-radius: var(--radius-sm); padding: 0.6rem 0.75rem; width: 100%; min-height: 2.75rem; }
textarea { min-height: 6rem; resize: vertical; }
.tick { display: flex; gap: var(--space-3); align-items: start; }
.tick label { font-weight: 400; }
.tick input { width: 1.25rem; height: 1.25rem; margin: 0.15rem 0 0; accent-color: var(--accent); flex: none; }
:focus-visible { outline: none; box-shadow: var(--focus-ring); border-radius: var(--radius-sm); }
.wrong { color: var(--air); font-size: var(--text-sm); font-weight: 600; }
[aria-invalid=true] { border-color: var(--air) !important; }
.button, button { font: inherit; font-weight: 600; display: inline-block; text-align: center; text-decoration: none; cursor: pointer; border: 0; border-radius: var(--radius-sm); padding: 0.75rem 1.25rem; min-height: 2.75rem; background: var(--brand); color: var(--on-brand); }
.button.quiet, button.quiet { background: var(--surface-raised); color: var(--text); border: 1px solid var(--line); }
button:disabled { opacity: 0.6; cursor: default; }
.row { display: flex; flex-wrap: wrap; gap: var(--space-3); }
.note { border-radius: var(--radius-md); padding: var(--space-4); background: var(--accent-soft); }
.note.good { background: var(--good-soft); } .note.warn { background: var(--warn-soft); } .note.bad { background: var(--air-soft); }
.note p, .note h2 { margin: 0; } .note h2 + p { margin-top: var(--space-2); }
.trap { position: absolute; left: -100vw; width: 1px; height: 1px; overflow: hidden; }
footer { display: flex; justify-content: space-between; gap: var(--space-4); padding: var(--space-4) var(--space-1); color: var(--text-muted); font-size: var(--text-sm); }
footer a { color: inherit; }
@media (min-width: 40rem) { .inner { padding: var(--space-7); } }
`;

/** Black or white, whichever is read better on it (WCAG 2.2, relative luminance). */
function readable(accent: string): string {
  const channel = (at: number): number => {
    const value = Number.parseInt(accent.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
}
