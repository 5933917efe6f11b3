/** New software of somebody's, as somebody has told us: a line on every chart, to see what it changed. */
export interface Deployment {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What was deployed. */
  readonly name: string;
  readonly version: string | null;
  /** http or https. */
  readonly link: string | null;
  /** Who told it; null where nobody had signed in. */
  readonly who: string | null;
}

export interface DeploymentQuery {
  /** Epoch milliseconds, both included. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The latest first, and how many there are in that time. */
export interface DeploymentPage {
  readonly deployments: readonly Deployment[];
  readonly total: number;
}
