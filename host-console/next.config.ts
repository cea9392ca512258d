import type { NextConfig } from 'next';

const config: NextConfig = {
  // These are TypeScript sources, not built packages.
  transpilePackages: ['@rostrum/contracts', '@rostrum/panel-sfu', '@rostrum/room-client'],
  // `npm run typecheck` does this with the compiler's own binary; Next wants its JavaScript interface.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
};

export default config;
