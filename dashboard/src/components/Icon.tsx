/** Drawn on 16 × 16, stroked in the colour of the text. */
const PATHS = {
  overview: 'M2 9l3-5 3 6 2-4 1.5 3H14',
  tasks: 'M5 4h9M5 8h9M5 12h9M2 4h.01M2 8h.01M2 12h.01',
  workers: 'M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01',
  queues: 'M3 3v10M6.5 3v10M10 3v10M13 6l0 4',
  timeline: 'M2 4h6M5 8h7M8 12h6',
  failures: 'M8 2.5l6 11H2zM8 6.5v3M8 11.6h.01',
  schedules: 'M8 2a6 6 0 100 12A6 6 0 008 2zM8 5v3l2.2 1.6',
  audit: 'M4 2h6l3 3v9H4zM6.5 8h4M6.5 11h4',
  settings:
    'M8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5zM8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M12.4 3.6l-1.2 1.2M4.8 11.2l-1.2 1.2',
  search: 'M7 3a4 4 0 100 8 4 4 0 000-8zM10 10l3.5 3.5',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5l3.2 3L13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 5.5V8l1.8 1.3',
  play: 'M5 3.5l7 4.5-7 4.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  circle: 'M8 3a5 5 0 100 10A5 5 0 008 3z',
  half: 'M8 3a5 5 0 100 10A5 5 0 008 3zM8 3v10',
  retry: 'M12.8 6.5A5 5 0 103 9.2M13 3v3.5H9.5',
  slash: 'M8 3a5 5 0 100 10A5 5 0 008 3zM4.5 11.5l7-7',
  question: 'M6 6a2 2 0 113 1.7c-.7.5-1 .9-1 1.8M8 12h.01',
  broken: 'M8 3a5 5 0 100 10M10.5 3.7l1.8 1.5M12.8 7.5l.2 1.5M11.7 11.4l-1.2 1',
  theme: 'M8 2.5a5.5 5.5 0 100 11zM8 2.5a5.5 5.5 0 010 11',
  chevron: 'M6 4l4 4-4 4',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  download: 'M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3 13.5h10',
  pin: 'M5.5 2.5h5M6.5 2.5v4l-2 2.5h7l-2-2.5v-4M8 9v4.5',
  link: 'M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 013.5 3.5L10.5 8.5M9 11l-1.5 1.5A2.5 2.5 0 014 9l1.5-1.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
