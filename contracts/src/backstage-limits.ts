/** Free of validators, so that pages may import them. */

/** The newest that are kept; what is older gives way. */
export const BACKSTAGE_MESSAGES_MAX = 500;
export const BACKSTAGE_TEXT_MAX = 1000;
/** Of people who are to appear. */
export const RUNNING_ORDER_MAX = 50;
/** How long crew and panelists stay together after the end, unless the host closes the backstage before. */
export const BACKSTAGE_AFTER_END_MS = 30 * 60_000;
