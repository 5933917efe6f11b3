import 'react';

declare module 'react' {
  // Custom properties set from the code, such as the columns of a table.
  interface CSSProperties {
    [name: `--${string}`]: string | number | undefined;
  }
}
