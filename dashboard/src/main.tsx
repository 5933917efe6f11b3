import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { ApiError } from './api/problem.js';
import { Frame } from './app/Frame.js';
import { NotFound } from './app/NotFound.js';
import { PageError } from './app/PageError.js';
import { PAGES } from './app/pages.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/components.css';
import './styles/overlays.css';
import './styles/content.css';
import './styles/table.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // What the service has refused it will refuse again; what did not reach it may.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.problem.status >= 400),
    },
  },
});

const router = createBrowserRouter(
  [
    {
      element: <Frame />,
      // Nothing for the moment that the first page takes to load: the frame comes with it.
      hydrateFallbackElement: <div />,
      children: [
        ...PAGES.map((page) => ({
          path: page.path,
          ErrorBoundary: PageError,
          lazy: async () => ({ Component: await page.load() }),
        })),
        { path: '*', element: <NotFound /> },
      ],
    },
  ],
  { basename: new URL(document.baseURI).pathname.replace(/\/$/, '') },
);

const root = document.getElementById('root');
if (root === null) throw new Error('expected an element with the id root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
