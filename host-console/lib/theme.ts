import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/**
 * Mantine dressed in the design tokens (`@rostrum/contracts/tokens.css`). The tokens carry light and dark themselves,
 * so each colour is one token for both schemes.
 */

const every = (colour: string): MantineColorsTuple => [
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
];

interface Hue {
  readonly strong: string;
  readonly hover: string;
  readonly soft: string;
  readonly on: string;
}

/** The colours components may name. `air` means on air or live and nothing else. */
const HUES: Readonly<Record<string, Hue>> = {
  accent: {
    strong: 'var(--accent)',
    hover: 'var(--accent-strong)',
    soft: 'var(--accent-soft)',
    on: 'var(--on-accent)',
  },
  air: {
    strong: 'var(--air)',
    hover: 'color-mix(in srgb, var(--air) 86%, var(--text))',
    soft: 'var(--air-soft)',
    on: 'var(--on-air)',
  },
  good: {
    strong: 'var(--good)',
    hover: 'color-mix(in srgb, var(--good) 86%, var(--text))',
    soft: 'var(--good-soft)',
    on: 'var(--surface)',
  },
  warn: {
    strong: 'var(--warn)',
    hover: 'color-mix(in srgb, var(--warn) 86%, var(--text))',
    soft: 'var(--warn-soft)',
    on: 'var(--surface)',
  },
};

/** Mantine's own neutrals, lightest first; its styles name some of them directly, by scheme. */
const GRAYS: MantineColorsTuple = [
  'var(--surface-raised)',
  'var(--surface-sunken)',
  'var(--line)',
  'var(--line)',
  'var(--line)',
  'var(--text-muted)',
  'var(--text-muted)',
  'var(--text)',
  'var(--text)',
  'var(--text)',
];
const DARKS: MantineColorsTuple = [
  'var(--text)',
  'var(--text)',
  'var(--text-muted)',
  'var(--text-muted)',
  'var(--line)',
  'var(--line)',
  'var(--surface-raised)',
  'var(--surface)',
  'var(--surface-sunken)',
  'var(--surface-sunken)',
];

const PLAIN: Hue = {
  strong: 'var(--text)',
  hover: 'var(--text)',
  soft: 'var(--surface-sunken)',
  on: 'var(--surface)',
};

const variantColorResolver: VariantColorsResolver = (input) => {
  const name = input.color ?? input.theme.primaryColor;
  const hue = HUES[name] ?? PLAIN;
  switch (input.variant) {
    case 'filled':
      return { background: hue.strong, hover: hue.hover, color: hue.on, border: '1px solid transparent' };
    case 'light':
      return {
        background: hue.soft,
        hover: `color-mix(in srgb, ${hue.soft} 88%, ${hue.strong})`,
        color: hue.strong,
        border: '1px solid transparent',
      };
    case 'subtle':
    case 'transparent':
      return {
        background: 'transparent',
        hover: input.variant === 'subtle' ? hue.soft : 'transparent',
        color: hue.strong,
        border: '1px solid transparent',
      };
    case 'outline':
      return {
        background: 'transparent',
        hover: hue.soft,
        color: hue.strong,
        border: `1px solid ${hue.strong}`,
      };
    case 'default':
      return {
        background: 'var(--surface)',
        hover: 'var(--surface-sunken)',
        color: 'var(--text)',
        border: '1px solid var(--line)',
      };
    default:
      return defaultVariantColorsResolver(input);
  }
};

export const cssVariablesResolver: CSSVariablesResolver = () => {
  const colours: Record<string, string> = {
    '--mantine-color-bright': 'var(--text)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-error': 'var(--air)',
    '--mantine-color-success': 'var(--good)',
    '--mantine-color-placeholder': 'var(--text-muted)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--surface-sunken)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-dimmed': 'var(--text-muted)',
    '--mantine-color-disabled': 'var(--surface-sunken)',
    '--mantine-color-disabled-color': 'var(--text-muted)',
    '--mantine-color-disabled-border': 'var(--line)',
    '--mantine-primary-color-contrast': 'var(--on-accent)',
  };
  for (const [name, hue] of Object.entries(HUES)) {
    colours[`--mantine-color-${name}-filled`] = hue.strong;
    colours[`--mantine-color-${name}-filled-hover`] = hue.hover;
    colours[`--mantine-color-${name}-light`] = hue.soft;
    colours[`--mantine-color-${name}-light-hover`] = hue.soft;
    colours[`--mantine-color-${name}-light-color`] = hue.strong;
    colours[`--mantine-color-${name}-outline`] = hue.strong;
    colours[`--mantine-color-${name}-outline-hover`] = hue.soft;
    colours[`--mantine-color-${name}-text`] = hue.strong;
  }
  return { variables: {}, light: colours, dark: colours };
};

export const theme = createTheme({
  primaryColor: 'accent',
  colors: {
    ...Object.fromEntries(Object.entries(HUES).map(([name, hue]) => [name, every(hue.strong)])),
    gray: GRAYS,
    dark: DARKS,
  },
  variantColorResolver,
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  headings: { fontFamily: 'var(--font-sans)', fontWeight: '650' },
  defaultRadius: 'md',
  radius: {
    xs: '4px',
    sm: 'var(--radius-sm)',
    md: 'var(--radius-md)',
    lg: 'var(--radius-lg)',
    xl: 'var(--radius-full)',
  },
  spacing: {
    xs: 'var(--space-2)',
    sm: 'var(--space-3)',
    md: 'var(--space-4)',
    lg: 'var(--space-5)',
    xl: 'var(--space-6)',
  },
  shadows: { sm: 'var(--shadow)', md: 'var(--shadow)', lg: 'var(--shadow)' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 400, withinPortal: true } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.45 },
        // A dialog's <header> is no landmark of the page.
        attributes: { header: { role: 'none' } },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontSize: 'var(--text-lg)', fontWeight: 650 } },
    },
  },
});
