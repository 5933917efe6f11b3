import { defineConfig } from 'vite';

// Addresses are relative: the service puts a <base> into the page, so that one build serves any prefix and any proxy path. The nonce is
// put in by the service too, anew for every answer.
export default defineConfig({
  base: './',
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // Nothing inlined: the policy allows no data: but for images, and small files are cached as well as big ones.
    assetsInlineLimit: 0,
    // The polyfill would be an inline script.
    modulePreload: { polyfill: false },
  },
});
