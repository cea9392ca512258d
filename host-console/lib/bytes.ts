/** For people: `1.2 GB`, by thousands as downloads are shown elsewhere. */
export function formatBytes(bytes: number): string {
  const [unit, of] =
    bytes >= 1e9
      ? (['gigabyte', 1e9] as const)
      : bytes >= 1e6
        ? (['megabyte', 1e6] as const)
        : (['kilobyte', 1e3] as const);
  const maximumFractionDigits = unit === 'gigabyte' ? 1 : 0;
  return new Intl.NumberFormat('en', { style: 'unit', unit, maximumFractionDigits }).format(bytes / of);
}
